-- The profiles, and the change feed beside them. The schema is the search path.

CREATE TABLE profiles (
    id              uuid PRIMARY KEY,
    organisation    text        NOT NULL,
    employee_number text        NOT NULL,
    name            text        NOT NULL,
    gender          smallint    NOT NULL,
    birth_year      smallint    NOT NULL,
    city            text        NOT NULL,
    former_employer text        NOT NULL,
    last_position   text        NOT NULL,
    title_level     smallint    NOT NULL,
    industry        text        NOT NULL,
    years           smallint    NOT NULL,
    skills          text[]      NOT NULL,
    experience      jsonb       NOT NULL,
    credentials     jsonb       NOT NULL,
    bio             text        NOT NULL,
    modes           smallint[]  NOT NULL,
    hours_per_week  smallint    NOT NULL,
    travel          smallint    NOT NULL,
    limits          smallint[]  NOT NULL,
    other_limits    text[]      NOT NULL,
    languages       text[]      NOT NULL,
    wishes          text        NOT NULL,
    capacity        smallint,
    available_from  date,
    available_to    date,
    paused          boolean     NOT NULL,
    consent_granted boolean     NOT NULL,
    consent_wording text        NOT NULL,
    consent_time    timestamptz,
    phone           text        NOT NULL,
    email           text        NOT NULL,
    wechat          text        NOT NULL,
    address         text        NOT NULL,
    version         bigint      NOT NULL,
    create_time     timestamptz NOT NULL,
    update_time     timestamptz NOT NULL,
    -- Derived in the domain, where the rules for comparing are: the folded employee number, the folded name with
    -- birth year and employer, and the text that a search by words looks through.
    number_key      text        NOT NULL,
    person_key      text        NOT NULL,
    search_text     text        NOT NULL
);

CREATE UNIQUE INDEX profiles_number ON profiles (organisation, number_key) WHERE number_key <> '';
CREATE INDEX profiles_person ON profiles (organisation, person_key);

-- The last revision that was given out. One row, locked by whoever takes revisions, until they commit.
--
-- A sequence would be wrong here. Two transactions may take 7 and 8 and commit in the order 8, 7: a follower that
-- reads in between sees 8, remembers it, and never asks for 7 again. With the row lock revision 8 is not given out
-- before 7 is committed, so whatever a reader sees has no hole below it, and a rollback gives its numbers back.
CREATE TABLE feed_head (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    revision bigint  NOT NULL
) WITH (fillfactor = 10);  -- updated by every write: leave room for it to stay in its page

INSERT INTO feed_head (revision) VALUES (0);

-- The latest revision of every profile there ever was. A row stays when the profile goes: the tombstone.
CREATE TABLE profile_changes (
    profile_id uuid    PRIMARY KEY,
    revision   bigint  NOT NULL UNIQUE,
    -- Followers drop the profile: it was deleted, or has no consent.
    removed    boolean NOT NULL
);
