-- What enterprises ask for.
CREATE TABLE mentoring_requests (
    id uuid PRIMARY KEY,
    organisation text NOT NULL,
    title text NOT NULL,
    description text NOT NULL,
    -- [{"text": ..., "importance": ...}], in the order given
    requirements jsonb NOT NULL,
    industry text NOT NULL,
    city text NOT NULL,
    mode smallint NOT NULL,
    hours_per_week smallint NOT NULL,
    physical_demands smallint[] NOT NULL,
    other_demands text[] NOT NULL,
    mentees integer NOT NULL,
    months smallint NOT NULL,
    language text NOT NULL,
    start_date date,
    blocked_profile_ids uuid[] NOT NULL,
    state smallint NOT NULL,
    create_time timestamptz NOT NULL,
    update_time timestamptz NOT NULL,
    etag text NOT NULL
);

-- Lists are read newest first: all, of one organisation, or of one state.
CREATE INDEX mentoring_requests_by_time ON mentoring_requests (create_time DESC, id DESC);
CREATE INDEX mentoring_requests_by_organisation ON mentoring_requests (organisation, create_time DESC, id DESC);
CREATE INDEX mentoring_requests_by_state ON mentoring_requests (state, create_time DESC, id DESC);

-- Vectors by what was embedded, so that nothing is embedded twice, whoever asks. The texts themselves are not here.
CREATE TABLE embeddings (
    model text NOT NULL,
    -- SHA-256 of the kind of text and the text
    key bytea NOT NULL,
    -- float32, little-endian
    vector bytea NOT NULL,
    create_time timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (model, key)
);
-- Random bytes do not compress; do not try.
ALTER TABLE embeddings ALTER COLUMN vector SET STORAGE EXTERNAL;

-- How far each follower of the profile feed has come, for those who look after it. A follower itself goes by its
-- snapshot: its index is in memory, and the position alone would not bring it back.
CREATE TABLE feed_positions (
    follower text PRIMARY KEY,
    model text NOT NULL,
    revision bigint NOT NULL,
    people integer NOT NULL,
    update_time timestamptz NOT NULL DEFAULT now()
);
