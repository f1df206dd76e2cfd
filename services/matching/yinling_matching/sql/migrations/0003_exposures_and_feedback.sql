-- Who was shown for which request: one row a pair, so that showing the same list again counts nothing.
CREATE TABLE exposures (
    request_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    -- in China's time
    first_day date NOT NULL,
    -- in the list, from 1
    best_place smallint NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (request_id, profile_id)
);
-- Replicas read what is new; reports read people in a period; an erasure reads one person.
CREATE INDEX exposures_by_revision ON exposures (revision, request_id, profile_id);
CREATE INDEX exposures_by_profile ON exposures (profile_id, first_day);

-- What an enterprise said of somebody who worked for a request of theirs. It outlives the request.
CREATE TABLE feedback (
    request_id uuid NOT NULL,
    profile_id uuid NOT NULL,
    -- 1 to 5
    rating smallint NOT NULL,
    organisation text NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    revision bigint NOT NULL,
    PRIMARY KEY (request_id, profile_id)
);
CREATE INDEX feedback_by_revision ON feedback (revision);
CREATE INDEX feedback_by_profile ON feedback (profile_id);

-- One row. Whoever writes the two tables above takes the next revision from it and holds it until the commit, so that
-- no revision becomes visible while a smaller one can still appear. `erasures` grows when rows were deleted: whoever
-- holds counts in memory then reads everything again.
CREATE TABLE ledger_position (
    id boolean PRIMARY KEY DEFAULT true CHECK (id),
    revision bigint NOT NULL DEFAULT 0,
    erasures bigint NOT NULL DEFAULT 0
);
INSERT INTO ledger_position DEFAULT VALUES;
