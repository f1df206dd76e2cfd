-- Roster imports: a gateway passes an upload on to talent and keeps here how far it is and what came of it.

CREATE TABLE imports (
    id                  uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id          uuid REFERENCES accounts ON DELETE SET NULL,
    organisation        text NOT NULL,
    filename            text NOT NULL,
    size                bigint NOT NULL,
    validate_only       boolean NOT NULL,
    state               text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    rows_done           integer NOT NULL DEFAULT 0,
    rows_total          integer NOT NULL DEFAULT 0,
    issues              integer NOT NULL DEFAULT 0,
    summary             jsonb,
    -- Why it failed: reason, message, violations.
    problem             jsonb,
    annotated           bytea,
    -- When the gateway that works on it last said so.
    heartbeat_time      timestamptz NOT NULL DEFAULT now(),
    create_time         timestamptz NOT NULL DEFAULT now(),
    end_time            timestamptz,
    CHECK ((state = 'running') = (end_time IS NULL))
);

CREATE INDEX imports_by_organisation ON imports (organisation, create_time DESC, id);
CREATE INDEX imports_by_time ON imports (create_time DESC, id);
CREATE INDEX imports_running ON imports (heartbeat_time) WHERE state = 'running';

CREATE TABLE import_issues (
    import_id   uuid NOT NULL REFERENCES imports ON DELETE CASCADE,
    number      integer NOT NULL,
    severity    text NOT NULL,
    sheet       text NOT NULL,
    row_number  integer NOT NULL,
    column_name text NOT NULL,
    value       text NOT NULL,
    rule        text NOT NULL,
    reason      text NOT NULL,
    advice      text NOT NULL,
    message_en  text NOT NULL,
    PRIMARY KEY (import_id, number)
);
