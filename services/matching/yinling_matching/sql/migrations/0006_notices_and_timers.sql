-- Notices of what happened, for whoever delivers them: written in the transaction of what they tell of, and deleted when
-- they are kept elsewhere. Few stay, so that the oldest that nobody has taken are found along the primary key.
CREATE TABLE notices (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- the same at every claim
    id uuid NOT NULL UNIQUE,
    -- the numbers of kinds and audiences are those of the contract
    kind smallint NOT NULL CHECK (kind BETWEEN 1 AND 100),
    audience smallint NOT NULL CHECK (audience IN (1, 2)),
    organisation text NOT NULL,
    -- null where no person has a part in it
    profile_id uuid,
    office text NOT NULL,
    mentoring_request_id uuid NOT NULL,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    -- what the words need, by name; never somebody's own words or contact
    facts jsonb NOT NULL,
    -- account of whoever did it
    subject text NOT NULL,
    create_time timestamptz NOT NULL,
    -- until then somebody delivers it, and nobody else takes it
    lease_until timestamptz NOT NULL DEFAULT 'epoch',
    -- the person is told through their office where they do not go online
    CHECK (audience <> 1 OR (profile_id IS NOT NULL AND office <> ''))
);
CREATE INDEX notices_by_profile ON notices (profile_id);

-- When the person was reminded of an invitation.
ALTER TABLE invitations ADD COLUMN remind_time timestamptz;
CREATE INDEX invitations_to_remind ON invitations (create_time) WHERE state = 1 AND remind_time IS NULL;

-- What a timer has to look at.
CREATE INDEX mentoring_requests_expiring ON mentoring_requests (expire_date) WHERE state = 2;
CREATE INDEX engagements_halfway ON engagements (planned_end_date) WHERE state = 1;
CREATE INDEX engagements_ended ON engagements (end_time) WHERE state > 2;

-- What was said once, so that it is not said again: "halfway" and "feedback" of an engagement, "session" of a session.
CREATE TABLE reminders (
    resource_id uuid NOT NULL,
    name text NOT NULL,
    -- which moment of it: a session that is moved is told of again
    about timestamptz NOT NULL,
    time timestamptz NOT NULL,
    PRIMARY KEY (resource_id, name, about)
);
