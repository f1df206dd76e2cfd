-- Creates of the gateway's own that a client may send again: under one key of an account something is made once. Here
-- is what was made and the digest of what was asked, never an answer: answers may hold secrets, which are told once.

CREATE TABLE idempotency_keys (
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    key          uuid NOT NULL,
    operation    text NOT NULL,
    -- SHA-256, without passwords: those are compared with the account's own.
    body         bytea NOT NULL,
    -- What was made: an account, an API key, an import, a webhook; of a calendar its account.
    made_id      uuid NOT NULL,
    create_time  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account_id, key)
);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (create_time);
CREATE INDEX idempotency_keys_by_made ON idempotency_keys (made_id);
