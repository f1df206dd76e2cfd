-- What a request may ask since: rules that are only wishes, years and level of title, a distance, its own weights.
-- The defaults are for what is there already, and for a replica of before that still writes during an upgrade.
ALTER TABLE mentoring_requests
    ADD COLUMN wishes smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN min_years smallint NOT NULL DEFAULT 0,
    ADD COLUMN min_title_level smallint NOT NULL DEFAULT 0,
    ADD COLUMN max_distance_km smallint NOT NULL DEFAULT 0,
    -- {"about": 2.5, ...}: only what the request sets
    ADD COLUMN weights jsonb NOT NULL DEFAULT '{}';

-- Settings of matching, for the organisations that made any.
CREATE TABLE matching_settings (
    organisation text PRIMARY KEY,
    -- As in a request: only what the organisation sets
    weights jsonb NOT NULL,
    update_time timestamptz NOT NULL,
    etag text NOT NULL
);
