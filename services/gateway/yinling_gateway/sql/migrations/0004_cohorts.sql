-- Cohorts that are matched, or were: matching works on one for up to minutes, and the result is read and downloaded
-- afterwards. They are deleted after some weeks: the lines may hold names of mentees.

CREATE TABLE cohorts (
    id              uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    account_id      uuid REFERENCES accounts ON DELETE SET NULL,
    -- Empty for an administrator's.
    organisation    text NOT NULL,
    state           text NOT NULL CHECK (state IN ('running', 'done', 'failed', 'interrupted')),
    -- What the page says of each request, and of rows that were left out.
    lines           jsonb NOT NULL,
    left_out        jsonb NOT NULL,
    -- The contract's AssignCohortRequest and AssignCohortResponse.
    request         bytea NOT NULL,
    response        bytea,
    -- Why it failed: reason and message.
    problem         jsonb,
    -- When the gateway that works on it last said so.
    heartbeat_time  timestamptz NOT NULL DEFAULT now(),
    create_time     timestamptz NOT NULL DEFAULT now(),
    end_time        timestamptz,
    CHECK ((state = 'running') = (end_time IS NULL)),
    CHECK ((state = 'done') = (response IS NOT NULL))
);

CREATE INDEX cohorts_by_organisation ON cohorts (organisation, create_time DESC, id);
CREATE INDEX cohorts_running ON cohorts (heartbeat_time) WHERE state = 'running';
