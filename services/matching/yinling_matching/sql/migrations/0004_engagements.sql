-- How many mentors a request wants (0: not stated, which counts as 1), and the last day on which they can be found.
ALTER TABLE mentoring_requests
    ADD COLUMN mentors_wanted smallint NOT NULL DEFAULT 0,
    ADD COLUMN expire_date date;

-- The numbers of states and reasons are those of the contract.

-- An enterprise asks a person.
CREATE TABLE invitations (
    id uuid PRIMARY KEY,
    mentoring_request_id uuid NOT NULL REFERENCES mentoring_requests,
    organisation text NOT NULL,
    profile_id uuid NOT NULL,
    -- the organisation that keeps the profile
    office text NOT NULL,
    message text NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 5),
    decline_reason smallint NOT NULL,
    decline_words text NOT NULL,
    closed_because smallint NOT NULL,
    engagement_id uuid,
    expire_time timestamptz NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    -- accepted and engaged are one
    CHECK ((state = 2) = (engagement_id IS NOT NULL))
);
-- Nobody is asked twice at once.
CREATE UNIQUE INDEX invitations_waiting ON invitations (mentoring_request_id, profile_id) WHERE state = 1;
CREATE INDEX invitations_expiring ON invitations (expire_time) WHERE state = 1;
CREATE INDEX invitations_by_request ON invitations (mentoring_request_id, create_time DESC, id DESC);
CREATE INDEX invitations_by_profile ON invitations (profile_id, create_time DESC, id DESC);
CREATE INDEX invitations_by_organisation ON invitations (organisation, create_time DESC, id DESC);
CREATE INDEX invitations_by_office ON invitations (office, create_time DESC, id DESC);

-- A person offers themselves.
CREATE TABLE opt_ins (
    id uuid PRIMARY KEY,
    mentoring_request_id uuid NOT NULL REFERENCES mentoring_requests,
    organisation text NOT NULL,
    profile_id uuid NOT NULL,
    office text NOT NULL,
    message text NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 4),
    turn_down_reason smallint NOT NULL,
    turn_down_words text NOT NULL,
    closed_because smallint NOT NULL,
    engagement_id uuid,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    CHECK ((state = 2) = (engagement_id IS NOT NULL))
);
CREATE UNIQUE INDEX opt_ins_waiting ON opt_ins (mentoring_request_id, profile_id) WHERE state = 1;
CREATE INDEX opt_ins_by_request ON opt_ins (mentoring_request_id, create_time DESC, id DESC);
CREATE INDEX opt_ins_by_profile ON opt_ins (profile_id, create_time DESC, id DESC);
CREATE INDEX opt_ins_by_organisation ON opt_ins (organisation, create_time DESC, id DESC);
CREATE INDEX opt_ins_by_office ON opt_ins (office, create_time DESC, id DESC);

-- Both said yes.
CREATE TABLE engagements (
    id uuid PRIMARY KEY,
    mentoring_request_id uuid NOT NULL REFERENCES mentoring_requests,
    organisation text NOT NULL,
    profile_id uuid NOT NULL,
    office text NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 4),
    -- Each leads to one engagement at most, and each engagement comes from one of them.
    invitation_id uuid UNIQUE REFERENCES invitations,
    opt_in_id uuid UNIQUE REFERENCES opt_ins,
    end_reason smallint NOT NULL,
    end_words text NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    end_time timestamptz,
    CHECK (num_nonnulls(invitation_id, opt_in_id) = 1),
    CHECK ((state > 2) = (end_time IS NOT NULL))
);
-- Two sides work together once at a time on one request. States 1 and 2 take one of the person's places.
CREATE UNIQUE INDEX engagements_under_way ON engagements (mentoring_request_id, profile_id) WHERE state <= 2;
CREATE INDEX engagements_by_request ON engagements (mentoring_request_id, create_time DESC, id DESC);
CREATE INDEX engagements_by_profile ON engagements (profile_id, create_time DESC, id DESC);
CREATE INDEX engagements_by_organisation ON engagements (organisation, create_time DESC, id DESC);
CREATE INDEX engagements_by_office ON engagements (office, create_time DESC, id DESC);

-- How many places of a person are taken. The row is locked while that is decided: after the request's row, always.
CREATE TABLE people_places (
    profile_id uuid PRIMARY KEY,
    taken smallint NOT NULL DEFAULT 0,
    revision bigint NOT NULL DEFAULT 0
);
CREATE INDEX people_places_by_revision ON people_places (revision);

-- One row, for the revisions of the table above, as in the ledger: taken last and held until the commit, so that no
-- revision becomes visible while a smaller one can still appear.
CREATE TABLE places_position (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    revision bigint NOT NULL DEFAULT 0
);
INSERT INTO places_position DEFAULT VALUES;

-- Who did what: written in the transaction of the step itself, and never changed. It outlives what it tells of.
CREATE TABLE audit_log (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    time timestamptz NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    organisation text NOT NULL,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    action text NOT NULL,
    -- names of states; empty for something that was not there before, or is not there after
    before text NOT NULL,
    after text NOT NULL,
    mentoring_request_id uuid NOT NULL,
    profile_id uuid,
    -- of a request, what changed: {"title": ["old", "new"]}
    fields jsonb NOT NULL
);
CREATE INDEX audit_log_by_resource ON audit_log (resource_id, number DESC);
CREATE INDEX audit_log_by_profile ON audit_log (profile_id, number DESC);

-- What was answered to a call, so that the same call sent again does nothing.
CREATE TABLE idempotency_keys (
    subject text NOT NULL,
    key uuid NOT NULL,
    method text NOT NULL,
    -- SHA-256 of what was asked
    body bytea NOT NULL,
    -- null until the transaction that took the key has an answer; others never see it so
    reply jsonb,
    create_time timestamptz NOT NULL,
    PRIMARY KEY (subject, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (create_time);
