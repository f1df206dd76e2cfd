-- Changes with every write: whoever sends an old one back is refused.
ALTER TABLE invitations ADD COLUMN etag text NOT NULL DEFAULT md5(random()::text);
ALTER TABLE opt_ins ADD COLUMN etag text NOT NULL DEFAULT md5(random()::text);
ALTER TABLE engagements
    ADD COLUMN etag text NOT NULL DEFAULT md5(random()::text),
    -- [{"id": "…", "text": "…", "progress": 40, "note": "…", "update_time": "…"}]
    ADD COLUMN goals jsonb NOT NULL DEFAULT '[]',
    -- the last day as planned, in China's time
    ADD COLUMN planned_end_date date,
    -- how the person reaches the enterprise
    ADD COLUMN enterprise_contact jsonb NOT NULL DEFAULT '{"name": "", "phone": "", "email": ""}';

-- The numbers of states, sides and phases are those of the contract.

-- One meeting of an engagement.
CREATE TABLE mentoring_sessions (
    id uuid PRIMARY KEY,
    engagement_id uuid NOT NULL REFERENCES engagements,
    -- as the engagement has them, so that a list or the hours of a person need no other table
    mentoring_request_id uuid NOT NULL,
    organisation text NOT NULL,
    profile_id uuid NOT NULL,
    office text NOT NULL,
    state smallint NOT NULL CHECK (state BETWEEN 1 AND 3),
    start_time timestamptz NOT NULL,
    minutes smallint NOT NULL CHECK (minutes BETWEEN 1 AND 720),
    summary text NOT NULL,
    next_step text NOT NULL,
    place text NOT NULL,
    logged_by smallint NOT NULL CHECK (logged_by BETWEEN 1 AND 2),
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    etag text NOT NULL
);
CREATE INDEX mentoring_sessions_by_engagement ON mentoring_sessions (engagement_id, start_time DESC, id DESC);
-- The hours of a person in a week too.
CREATE INDEX mentoring_sessions_by_profile ON mentoring_sessions (profile_id, start_time DESC, id DESC);
CREATE INDEX mentoring_sessions_by_organisation ON mentoring_sessions (organisation, start_time DESC, id DESC);
CREATE INDEX mentoring_sessions_by_office ON mentoring_sessions (office, start_time DESC, id DESC);
CREATE INDEX mentoring_sessions_to_come ON mentoring_sessions (start_time) WHERE state = 1;

-- What each side says of an engagement, halfway and at the end. One side's words are not for the other before both have
-- written in that phase. 0 where an answer was not given.
CREATE TABLE engagement_feedback (
    engagement_id uuid NOT NULL REFERENCES engagements,
    phase smallint NOT NULL CHECK (phase BETWEEN 1 AND 2),
    side smallint NOT NULL CHECK (side BETWEEN 1 AND 2),
    profile_id uuid NOT NULL,
    goals smallint NOT NULL CHECK (goals BETWEEN 0 AND 5),
    cooperation smallint NOT NULL CHECK (cooperation BETWEEN 0 AND 5),
    again smallint NOT NULL CHECK (again BETWEEN 0 AND 5),
    words text NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    PRIMARY KEY (engagement_id, phase, side)
);
CREATE INDEX engagement_feedback_by_profile ON engagement_feedback (profile_id);

-- What an enterprise said, as the ranking counts it: now the mean of several answers.
ALTER TABLE feedback ALTER COLUMN rating TYPE real;
