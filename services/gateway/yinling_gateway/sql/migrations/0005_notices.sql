-- What happened, as matching told of it: once for all who are told. Whatever tells of a person goes with this row.
CREATE TABLE notice_events (
    -- matching's id: the same at every claim
    id                    uuid PRIMARY KEY,
    -- number of the contract
    kind                  smallint NOT NULL CHECK (kind BETWEEN 1 AND 100),
    audience              smallint NOT NULL CHECK (audience IN (1, 2)),
    organisation          text NOT NULL,
    profile_id            text NOT NULL,
    office                text NOT NULL,
    mentoring_request_id  text NOT NULL,
    resource              text NOT NULL,
    resource_id           text NOT NULL,
    facts                 jsonb NOT NULL,
    event_time            timestamptz NOT NULL,
    create_time           timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX notice_events_by_profile ON notice_events (profile_id);
CREATE INDEX notice_events_by_time ON notice_events (create_time);

-- One line on somebody's page.
CREATE TABLE notices (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id     uuid NOT NULL REFERENCES notice_events ON DELETE CASCADE,
    account_id   uuid NOT NULL REFERENCES accounts ON DELETE CASCADE,
    -- of a coordinator who is to tell somebody by telephone: that person's name
    on_behalf_of text NOT NULL DEFAULT '',
    event_time   timestamptz NOT NULL,
    read_time    timestamptz,
    UNIQUE (event_id, account_id)
);

CREATE INDEX notices_by_account ON notices (account_id, event_time DESC, id DESC);
CREATE INDEX notices_unread ON notices (account_id) WHERE read_time IS NULL;

-- How an account wants to be told. Without a row: as the settings of the gateway say.
CREATE TABLE notice_preferences (
    account_id   uuid PRIMARY KEY REFERENCES accounts ON DELETE CASCADE,
    in_app       boolean NOT NULL,
    email        boolean NOT NULL,
    address      text NOT NULL CHECK (length(address) <= 254),
    -- minutes after midnight in China; both or neither; "from" may be later than "to": then midnight lies between
    quiet_from   smallint CHECK (quiet_from BETWEEN 0 AND 1439),
    quiet_to     smallint CHECK (quiet_to BETWEEN 0 AND 1439),
    -- all of a day in one mail at this hour; null: each at once
    digest_hour  smallint CHECK (digest_hour BETWEEN 0 AND 23),
    etag         text NOT NULL,
    update_time  timestamptz NOT NULL DEFAULT now(),
    CHECK ((quiet_from IS NULL) = (quiet_to IS NULL))
);

-- Addresses of other programs that are told what an organisation is told: as an enterprise, or as the office that looks
-- after people. One name may be both, and each has its own webhooks: HR is not told what people are told.
CREATE TABLE webhooks (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation  text NOT NULL CHECK (organisation <> ''),
    audience      smallint NOT NULL CHECK (audience IN (1, 2)),
    url           text NOT NULL CHECK (length(url) <= 2000),
    -- signs what is sent, so it must be known here
    secret        text NOT NULL,
    -- numbers of the contract; none: all
    kinds         smallint[] NOT NULL,
    active        boolean NOT NULL DEFAULT true,
    etag          text NOT NULL,
    create_time   timestamptz NOT NULL DEFAULT now(),
    update_time   timestamptz NOT NULL DEFAULT now()
);

CREATE INDEX webhooks_by_organisation ON webhooks (organisation, create_time, id);

-- What is to be sent out: a mail to an account's address or to a person without an account, or a call of a webhook.
CREATE TABLE deliveries (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event_id     uuid NOT NULL REFERENCES notice_events ON DELETE CASCADE,
    channel      text NOT NULL CHECK (channel IN ('email', 'webhook')),
    -- of a mail, unless the person has no account
    notice_id    uuid REFERENCES notices ON DELETE CASCADE,
    account_id   uuid REFERENCES accounts ON DELETE CASCADE,
    webhook_id   uuid REFERENCES webhooks ON DELETE CASCADE,
    -- of a mail
    address      text NOT NULL DEFAULT '',
    state        text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sent', 'given_up', 'dropped')),
    attempts     integer NOT NULL DEFAULT 0,
    due_time     timestamptz NOT NULL,
    -- until then somebody is at it, and nobody else is
    lease_until  timestamptz NOT NULL DEFAULT '-infinity',
    -- mails that go, or went, out as one; stays after a crash, so that what is sent again is the same mail
    batch        uuid,
    last_error   text NOT NULL DEFAULT '',
    create_time  timestamptz NOT NULL,
    end_time     timestamptz,
    CHECK ((channel = 'email') = (address <> '')),
    CHECK ((channel = 'webhook') = (webhook_id IS NOT NULL))
);

-- Nobody is told the same twice, also where two accounts have one address.
CREATE UNIQUE INDEX deliveries_mail_once ON deliveries (event_id, lower(address)) WHERE channel = 'email';
CREATE UNIQUE INDEX deliveries_webhook_once ON deliveries (event_id, webhook_id) WHERE channel = 'webhook';

CREATE INDEX deliveries_due ON deliveries (channel, due_time) WHERE state = 'waiting';
CREATE INDEX deliveries_by_address ON deliveries (lower(address), state) WHERE channel = 'email';
CREATE INDEX deliveries_given_up ON deliveries (end_time) WHERE state = 'given_up';
CREATE INDEX deliveries_by_account ON deliveries (account_id);
CREATE INDEX deliveries_by_notice ON deliveries (notice_id);
CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id);
