-- People who asked to be erased, or whose office did: worked off step by step, in every service, until nothing is left.
-- A step that was done before a crash is done again, which does nothing. When all is done the row says no more than that
-- somebody was erased on a day, and who had asked for it: the person, their office, or an administrator.
CREATE TABLE erasures (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- What is to be done next.
    step          text NOT NULL DEFAULT 'talent' CHECK (step IN ('talent', 'matching', 'gateway', 'settle', 'done')),
    asked_by      text NOT NULL CHECK (asked_by IN ('retiree', 'coordinator', 'admin')),
    -- Needed until it is done, and then gone: who, whose office keeps them, and the words by which they are found here.
    profile_id    text UNIQUE,
    organisation  text NOT NULL,
    words         text[] NOT NULL,
    attempts      integer NOT NULL DEFAULT 0,
    -- Reason of the last failure; never a text about somebody.
    last_error    text NOT NULL DEFAULT '',
    due_time      timestamptz NOT NULL DEFAULT now(),
    -- Until then somebody is at it, and nobody else is.
    lease_until   timestamptz NOT NULL DEFAULT '-infinity',
    -- Cut to the day when it is done.
    create_time   timestamptz NOT NULL DEFAULT now(),
    CHECK ((step = 'done') = (profile_id IS NULL)),
    CHECK (step <> 'done' OR (organisation = '' AND words = '{}'))
);
CREATE INDEX erasures_due ON erasures (due_time) WHERE step <> 'done';
