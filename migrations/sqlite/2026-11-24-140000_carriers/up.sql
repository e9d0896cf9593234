-- Retries, the owner's own test, and what a receipt says for good. SQLite changes a CHECK only by making the table anew.
ALTER TABLE messages RENAME TO messages_before;
CREATE TABLE messages (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    phone               TEXT,
    kind                TEXT NOT NULL CHECK (kind IN ('code', 'welcome', 'help', 'goodbye', 'not_matched', 'unknown', 'test')),
    basis               TEXT NOT NULL CHECK (basis IN ('consent', 'verification', 'inbound', 'owner')),
    consent_seq         BIGINT REFERENCES consents (seq),
    verification_id     INTEGER REFERENCES verifications (id),
    inbound_message_id  INTEGER REFERENCES inbound_messages (id),
    status              TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'dropped')),
    text                TEXT,
    sealed_text         TEXT,
    attempts            INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    due_at              TIMESTAMP NOT NULL,
    provider            TEXT,
    provider_message_id TEXT,
    error               TEXT,
    permanent           BOOLEAN NOT NULL DEFAULT FALSE,
    queued_at           TIMESTAMP NOT NULL,
    expires_at          TIMESTAMP,
    claimed_until       TIMESTAMP,
    sent_at             TIMESTAMP,
    delivered_at        TIMESTAMP,
    CHECK ((basis = 'consent') = (consent_seq IS NOT NULL)),
    CHECK ((basis = 'verification') = (verification_id IS NOT NULL)),
    CHECK ((basis = 'inbound') = (inbound_message_id IS NOT NULL)),
    CHECK ((basis = 'owner') = (kind = 'test')),
    CHECK (sealed_text IS NULL OR status IN ('queued', 'sending')),
    CHECK ((status IN ('failed', 'dropped')) = (error IS NOT NULL)),
    CHECK (NOT permanent OR status = 'failed'),
    CHECK (status <> 'sending' OR claimed_until IS NOT NULL)
);
INSERT INTO messages (id, phone, kind, basis, consent_seq, verification_id, inbound_message_id, status, text, sealed_text, provider, provider_message_id, error, queued_at, expires_at, claimed_until, sent_at, delivered_at, due_at)
SELECT id, phone, kind, basis, consent_seq, verification_id, inbound_message_id, status, text, sealed_text, provider, provider_message_id, error, queued_at, expires_at, claimed_until, sent_at, delivered_at, queued_at FROM messages_before;
DROP TABLE messages_before;
CREATE INDEX messages_by_phone ON messages (phone, queued_at);
CREATE INDEX messages_by_status ON messages (status, basis, due_at);
CREATE INDEX messages_by_kind ON messages (kind, queued_at);
-- Most texts are codes: what only others have is indexed for them alone.
CREATE INDEX messages_by_consent ON messages (consent_seq) WHERE consent_seq IS NOT NULL;
CREATE INDEX messages_by_verification ON messages (verification_id);
CREATE INDEX messages_by_inbound ON messages (inbound_message_id) WHERE inbound_message_id IS NOT NULL;

-- What the provider calls each part of a text: a receipt may name any of them.
CREATE TABLE message_parts (
    provider            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    message_id          INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (provider, provider_message_id)
);
CREATE INDEX message_parts_by_message ON message_parts (message_id);

-- Receipts that came before the send call returned and named no reference: they wait for their text.
CREATE TABLE early_receipts (
    provider            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    outcome             TEXT NOT NULL CHECK (outcome IN ('delivered', 'failed', 'misconfigured', 'failed_for_good', 'opted_out')),
    error               TEXT,
    received_at         TIMESTAMP NOT NULL,
    PRIMARY KEY (provider, provider_message_id)
);
CREATE INDEX early_receipts_by_age ON early_receipts (received_at);

-- Parts of long texts from phones, until all are there. Never deleted: each has effect once.
CREATE TABLE inbound_parts (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    provider            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    phone               TEXT,
    sent_to             TEXT NOT NULL,
    reference           TEXT NOT NULL,
    part                INTEGER NOT NULL CHECK (part >= 1),
    parts               INTEGER NOT NULL CHECK (parts >= part),
    text                TEXT,
    waiting             BOOLEAN NOT NULL,
    received_at         TIMESTAMP NOT NULL,
    UNIQUE (provider, provider_message_id)
);
CREATE INDEX inbound_parts_by_phone ON inbound_parts (phone, waiting);
CREATE INDEX inbound_parts_by_age ON inbound_parts (waiting, received_at);

-- Texts that matched nothing are the owner's to read, by the deadline that the law gives an opt-out in other words.
ALTER TABLE inbound_messages ADD COLUMN review_by TIMESTAMP;
ALTER TABLE inbound_messages ADD COLUMN mailed_at TIMESTAMP;
CREATE INDEX inbound_messages_by_review ON inbound_messages (review_by) WHERE review_by IS NOT NULL;

-- Mail to the owner, a row before it is sent. Its facts name rows, never what is in them.
CREATE TABLE emails (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('digest', 'misconfigured', 'webhook', 'other_api', 'outage', 'receipts')),
    facts         TEXT NOT NULL,
    status        TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'failed')),
    attempts      INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    error         TEXT,
    queued_at     TIMESTAMP NOT NULL,
    due_at        TIMESTAMP NOT NULL,
    claimed_until TIMESTAMP,
    sent_at       TIMESTAMP,
    CHECK ((status = 'failed') = (error IS NOT NULL))
);
CREATE INDEX emails_by_status ON emails (status, due_at);
CREATE INDEX emails_by_kind ON emails (kind, queued_at);
