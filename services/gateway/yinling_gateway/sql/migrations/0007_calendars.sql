-- Addresses under which an account's mentoring sessions can be subscribed to. The token in the address is known to its
-- owner's calendar alone; here is its SHA-256.

CREATE TABLE calendars (
    account_id   uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    token_hash   bytea NOT NULL UNIQUE,
    create_time  timestamptz NOT NULL DEFAULT now(),
    -- When it was last fetched; written at most once a minute.
    fetch_time   timestamptz
);
