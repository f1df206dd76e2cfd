-- Accounts and everything that proves who somebody is.

CREATE TABLE accounts (
    id             uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    -- What is typed at sign-in, folded (NFKC, lower case), so that ZhangSan and zhangsan are one.
    username       text NOT NULL UNIQUE CHECK (length(username) BETWEEN 1 AND 64),
    password_hash  text NOT NULL,
    role           text NOT NULL CHECK (role IN ('hr', 'retiree', 'coordinator', 'admin')),
    organisation   text NOT NULL DEFAULT '',
    profile_id     text NOT NULL DEFAULT '',
    display_name   text NOT NULL DEFAULT '',
    locale         text NOT NULL DEFAULT 'zh' CHECK (locale IN ('zh', 'en')),
    active         boolean NOT NULL DEFAULT true,
    create_time    timestamptz NOT NULL DEFAULT now(),
    update_time    timestamptz NOT NULL DEFAULT now(),
    CHECK (role IN ('admin', 'retiree') OR organisation <> ''),
    CHECK (role <> 'retiree' OR profile_id <> '')
);

CREATE INDEX accounts_by_time ON accounts (create_time, id);

-- A session's token is known to the browser alone; here is its SHA-256.
CREATE TABLE sessions (
    token_hash   bytea PRIMARY KEY,
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    create_time  timestamptz NOT NULL DEFAULT now(),
    seen_time    timestamptz NOT NULL DEFAULT now(),
    idle_end     timestamptz NOT NULL,
    final_end    timestamptz NOT NULL
);

CREATE INDEX sessions_by_account ON sessions (account_id);
CREATE INDEX sessions_by_end ON sessions (least(idle_end, final_end));

-- The secret half of a key is shown once; here is its SHA-256.
CREATE TABLE api_keys (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    prefix       text NOT NULL UNIQUE,
    secret_hash  bytea NOT NULL,
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    name         text NOT NULL,
    create_time  timestamptz NOT NULL DEFAULT now(),
    expire_time  timestamptz,
    used_time    timestamptz,
    revoke_time  timestamptz
);

CREATE INDEX api_keys_by_account ON api_keys (account_id, create_time);

-- Failed sign-ins, counted for an account name and for an address over a window. Here, so that replicas share it.
CREATE TABLE sign_in_failures (
    key           text PRIMARY KEY,
    failures      integer NOT NULL,
    window_start  timestamptz NOT NULL
);

CREATE INDEX sign_in_failures_by_start ON sign_in_failures (window_start);
