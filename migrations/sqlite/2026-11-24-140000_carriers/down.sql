DROP TABLE emails;
DROP INDEX inbound_messages_by_review;
ALTER TABLE inbound_messages DROP COLUMN mailed_at;
ALTER TABLE inbound_messages DROP COLUMN review_by;
DROP TABLE inbound_parts;
DROP TABLE early_receipts;
DROP TABLE message_parts;
ALTER TABLE messages RENAME TO messages_after;
CREATE TABLE messages (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    phone               TEXT,
    kind                TEXT NOT NULL CHECK (kind IN ('code', 'welcome', 'help', 'goodbye', 'not_matched', 'unknown')),
    basis               TEXT NOT NULL CHECK (basis IN ('consent', 'verification', 'inbound')),
    consent_seq         BIGINT REFERENCES consents (seq),
    verification_id     INTEGER REFERENCES verifications (id),
    inbound_message_id  INTEGER REFERENCES inbound_messages (id),
    status              TEXT NOT NULL CHECK (status IN ('queued', 'sending', 'sent', 'delivered', 'failed', 'dropped')),
    text                TEXT,
    sealed_text         TEXT,
    provider            TEXT,
    provider_message_id TEXT,
    error               TEXT,
    queued_at           TIMESTAMP NOT NULL,
    expires_at          TIMESTAMP,
    claimed_until       TIMESTAMP,
    sent_at             TIMESTAMP,
    delivered_at        TIMESTAMP,
    CHECK ((basis = 'consent') = (consent_seq IS NOT NULL)),
    CHECK ((basis = 'verification') = (verification_id IS NOT NULL)),
    CHECK ((basis = 'inbound') = (inbound_message_id IS NOT NULL)),
    CHECK (sealed_text IS NULL OR status IN ('queued', 'sending')),
    CHECK ((status IN ('failed', 'dropped')) = (error IS NOT NULL)),
    CHECK (status <> 'sending' OR claimed_until IS NOT NULL)
);
INSERT INTO messages (id, phone, kind, basis, consent_seq, verification_id, inbound_message_id, status, text, sealed_text, provider, provider_message_id, error, queued_at, expires_at, claimed_until, sent_at, delivered_at)
SELECT id, phone, kind, basis, consent_seq, verification_id, inbound_message_id, status, text, sealed_text, provider, provider_message_id, error, queued_at, expires_at, claimed_until, sent_at, delivered_at FROM messages_after WHERE kind <> 'test';
DROP TABLE messages_after;
CREATE INDEX messages_by_phone ON messages (phone, queued_at);
CREATE INDEX messages_by_status ON messages (status, id);
CREATE INDEX messages_by_kind ON messages (kind, queued_at);
-- Most texts are codes: what only others have is indexed for them alone.
CREATE INDEX messages_by_consent ON messages (consent_seq) WHERE consent_seq IS NOT NULL;
CREATE INDEX messages_by_verification ON messages (verification_id);
CREATE INDEX messages_by_inbound ON messages (inbound_message_id) WHERE inbound_message_id IS NOT NULL;
