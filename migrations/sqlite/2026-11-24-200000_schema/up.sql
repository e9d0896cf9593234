-- Every page that a person may have seen, by the hash of its bytes.
CREATE TABLE disclosures (
    hash       TEXT PRIMARY KEY NOT NULL CHECK (length(hash) = 64),
    facts_hash TEXT NOT NULL CHECK (length(facts_hash) = 64),
    locale     TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('two_factor', 'alerts', 'marketing')),
    text       TEXT NOT NULL,
    html       TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- Messages from phones. Never deleted: a provider may repeat a message at any time, and it must take effect only once.
CREATE TABLE inbound_messages (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    provider            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    phone               TEXT,
    text                TEXT,
    keyword             TEXT,
    received_at         TIMESTAMP NOT NULL,
    -- Texts that matched nothing. The owner has to read them by the deadline that the law sets for an opt-out in other words.
    review_by           TIMESTAMP,
    -- 0: looks like a request to stop; 1: anything else; 2: an automatic reply.
    review_rank         INTEGER NOT NULL DEFAULT 1 CHECK (review_rank BETWEEN 0 AND 2),
    mailed_at           TIMESTAMP,
    UNIQUE (provider, provider_message_id)
);
CREATE INDEX inbound_messages_by_phone ON inbound_messages (phone, received_at);
CREATE INDEX inbound_messages_to_review ON inbound_messages (phone, review_rank) WHERE review_by IS NOT NULL AND mailed_at IS NULL;

-- Sessions: each is one request of an owner's site to learn whose number was verified. A link makes one when the person asks for
-- a code; a hosted session is made by the site. Rows of sessions that led to nothing are deleted.
CREATE TABLE sessions (
    id              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    -- What the site and the browser know it by.
    name            TEXT NOT NULL UNIQUE,
    site            TEXT NOT NULL,
    way             TEXT NOT NULL CHECK (way IN ('link', 'hosted')),
    -- The site's own name for the person, which is never shown.
    site_ref        TEXT NOT NULL,
    -- The number that the site has on file, and whether our pages may show all of it.
    phone           TEXT,
    phone_shown     BOOLEAN NOT NULL,
    locale          TEXT,
    return_url      TEXT NOT NULL,
    cancel_url      TEXT NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('open', 'verified', 'locked', 'canceled')),
    created_at      TIMESTAMP NOT NULL,
    expires_at      TIMESTAMP NOT NULL,
    -- The hash of the newest code that the person took back to the site, when it expires, and when it was exchanged.
    code_hash       TEXT UNIQUE CHECK (length(code_hash) = 64),
    code_expires_at TIMESTAMP,
    exchanged_at    TIMESTAMP,
    -- What makes a repeated request the same request, and the digest of its body.
    idempotency_key TEXT,
    request_digest  TEXT CHECK (length(request_digest) = 64),
    -- When the row is deleted; NULL once a number was verified.
    forget_at       TIMESTAMP,
    CHECK ((idempotency_key IS NULL) = (request_digest IS NULL)),
    CHECK ((code_hash IS NULL) = (code_expires_at IS NULL))
);
CREATE UNIQUE INDEX sessions_by_idempotency_key ON sessions (site, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX sessions_to_forget ON sessions (forget_at) WHERE forget_at IS NOT NULL;

-- The public keys that statements to sites were signed with, so that a statement can be checked after the key has changed.
CREATE TABLE signing_keys (
    id         TEXT PRIMARY KEY NOT NULL,
    jwk        TEXT NOT NULL,
    created_at TIMESTAMP NOT NULL
);

-- One attempt to prove control of one number in one browser, with the evidence of the request.
CREATE TABLE verifications (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    reference           TEXT NOT NULL,
    browser             TEXT,
    phone               TEXT,
    phone_typed         TEXT,
    state               TEXT NOT NULL CHECK (state IN ('pending', 'verified', 'expired', 'locked', 'superseded')),
    method              TEXT CHECK (method IN ('web_code', 'reply_code')),
    attempts            INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    resends             INTEGER NOT NULL DEFAULT 0 CHECK (resends >= 0),
    caused_text         BOOLEAN NOT NULL DEFAULT FALSE,
    disclosure_hash     TEXT NOT NULL REFERENCES disclosures (hash),
    disclosure_inferred BOOLEAN NOT NULL,
    ip                  TEXT,
    user_agent          TEXT,
    locale              TEXT NOT NULL,
    url                 TEXT,
    consented_at        TIMESTAMP NOT NULL,
    last_request_at     TIMESTAMP NOT NULL,
    created_at          TIMESTAMP NOT NULL,
    expires_at          TIMESTAMP NOT NULL,
    verified_at         TIMESTAMP,
    -- The page's own codes are derived, each from its generation: the one that the page shows, the oldest one that is still
    -- valid, and the one that the page showed when a code was last requested.
    reply_generation    INTEGER NOT NULL DEFAULT 1,
    reply_first         INTEGER NOT NULL DEFAULT 1,
    reply_requested     INTEGER NOT NULL DEFAULT 1,
    -- The keyed hash of the last wrong entry. Sending it again, for example by a reload, doesn't cost another attempt.
    wrong_entry         TEXT,
    -- A STOP revokes the consent. Checking the box again gives it again.
    consent_revoked     BOOLEAN NOT NULL DEFAULT FALSE,
    -- The hash of the browser's token before a correct typed code renewed it.
    prior_browser       TEXT,
    -- The keyed hashes of the address that it was started from and of the /48 around it, and how many requests were charged to
    -- that address for it. The charges are given back if it succeeds.
    address             TEXT,
    network             TEXT,
    charges             INTEGER NOT NULL DEFAULT 1 CHECK (charges >= 0),
    -- When the row is deleted (if it caused no text) or its personal fields become NULL (if it did). NULL once nothing is left to
    -- forget.
    forget_at           TIMESTAMP,
    -- The session of a site that the verification is for.
    session_id          INTEGER REFERENCES sessions (id) ON DELETE SET NULL,
    CHECK ((state = 'verified') = (verified_at IS NOT NULL)),
    CHECK ((state = 'verified') = (method IS NOT NULL))
);
CREATE INDEX verifications_by_browser ON verifications (browser, id);
CREATE INDEX verifications_by_prior_browser ON verifications (prior_browser) WHERE prior_browser IS NOT NULL;
CREATE INDEX verifications_by_phone ON verifications (phone, state);
CREATE INDEX verifications_by_address ON verifications (address) WHERE verified_at IS NOT NULL;
CREATE INDEX verifications_pending ON verifications (expires_at) WHERE state = 'pending';
CREATE INDEX verifications_by_session ON verifications (session_id) WHERE session_id IS NOT NULL;
CREATE INDEX verifications_to_forget ON verifications (forget_at) WHERE forget_at IS NOT NULL;

-- The keyed hashes of codes, both those that were texted and the page's own. `lookup` is bound to the number alone and finds
-- which code came in from it. `hash` is salted and bound to number, verification and browser, and checks what was typed. Rows are
-- deleted in the order of their ids, so an index by age would only add cost.
CREATE TABLE codes (
    id              INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    verification_id INTEGER NOT NULL REFERENCES verifications (id) ON DELETE CASCADE,
    phone           TEXT NOT NULL,
    kind            TEXT NOT NULL CHECK (kind IN ('texted', 'shown')),
    generation      INTEGER,
    lookup          TEXT NOT NULL CHECK (length(lookup) = 64),
    salt            TEXT CHECK (length(salt) = 32),
    hash            TEXT CHECK (length(hash) = 64),
    issued_at       TIMESTAMP NOT NULL,
    expires_at      TIMESTAMP NOT NULL,
    CHECK ((kind = 'texted') = (salt IS NOT NULL AND hash IS NOT NULL)),
    CHECK ((kind = 'shown') = (generation IS NOT NULL))
);
CREATE INDEX codes_by_verification ON codes (verification_id, id);
CREATE INDEX codes_by_lookup ON codes (phone, lookup);

-- Failed attempts in a row, per number.
CREATE TABLE number_failures (
    phone      TEXT PRIMARY KEY NOT NULL,
    failures   INTEGER NOT NULL CHECK (failures >= 0),
    -- NULL once the failures have closed the typed way, because those are not forgotten.
    forget_at  TIMESTAMP
);
CREATE INDEX number_failures_to_forget ON number_failures (forget_at) WHERE forget_at IS NOT NULL;

-- How often something happened recently: accepted requests for a code by address, network and browser (keyed hashes), codes and
-- welcomes of the site, and requests that drew on the site's reserve. Each subject has one row, no matter how much it counts. For
-- each window, `shares` has the events in each sixtieth of it, newest first. `version` goes up with each change.
CREATE TABLE counts (
    scope   TEXT NOT NULL CHECK (scope IN ('address', 'network', 'browser', 'site', 'reserve')),
    subject TEXT NOT NULL,
    shares  TEXT NOT NULL,
    version BIGINT NOT NULL,
    -- From this time on, the row counts nothing.
    over_at TIMESTAMP NOT NULL,
    PRIMARY KEY (scope, subject)
) WITHOUT ROWID;
CREATE INDEX counts_by_end ON counts (over_at);

-- The ledger (docs/ledger.md). It is append-only, and each record is chained to the one before.
CREATE TABLE consents (
    seq                 INTEGER PRIMARY KEY NOT NULL CHECK (seq >= 1),
    format              INTEGER NOT NULL,
    phone               TEXT,
    kind                TEXT NOT NULL CHECK (kind IN ('opted_in', 'opted_in_again', 'opted_out', 'reopened', 'closed', 'erased')),
    source              TEXT NOT NULL CHECK (source IN ('web_code', 'reply_code', 'reply', 'keyword', 'web', 'owner', 'provider')),
    disclosure_hash     TEXT REFERENCES disclosures (hash),
    disclosure_inferred BOOLEAN NOT NULL,
    locale              TEXT,
    channel             TEXT CHECK (channel IN ('email', 'phone', 'other')),
    erases              TEXT,
    requested_at        TIMESTAMP,
    recorded_at         TIMESTAMP NOT NULL,
    ip                  TEXT,
    user_agent          TEXT,
    words               TEXT,
    url                 TEXT,
    inbound_message_id  INTEGER REFERENCES inbound_messages (id),
    salt                TEXT CHECK (length(salt) = 64),
    commitments         TEXT NOT NULL,
    record_digest       TEXT NOT NULL CHECK (length(record_digest) = 64),
    previous_hash       TEXT NOT NULL UNIQUE CHECK (length(previous_hash) = 64),
    hash                TEXT NOT NULL UNIQUE CHECK (length(hash) = 64),
    CHECK (kind NOT IN ('opted_in', 'opted_in_again') OR disclosure_hash IS NOT NULL),
    CHECK ((kind = 'erased') = (erases IS NOT NULL)),
    CHECK (salt IS NOT NULL OR (phone IS NULL AND ip IS NULL AND user_agent IS NULL AND words IS NULL AND url IS NULL AND inbound_message_id IS NULL))
);
CREATE INDEX consents_by_phone ON consents (phone, seq);
CREATE INDEX consents_by_inbound ON consents (inbound_message_id) WHERE inbound_message_id IS NOT NULL;

CREATE TRIGGER consents_keep_what_they_say BEFORE UPDATE ON consents
WHEN NOT (
    OLD.salt IS NOT NULL AND NEW.salt IS NULL
    AND NEW.phone IS NULL AND NEW.ip IS NULL AND NEW.user_agent IS NULL
    AND NEW.words IS NULL AND NEW.url IS NULL AND NEW.inbound_message_id IS NULL
    AND NEW.seq IS OLD.seq AND NEW.format IS OLD.format AND NEW.kind IS OLD.kind AND NEW.source IS OLD.source
    AND NEW.disclosure_hash IS OLD.disclosure_hash AND NEW.disclosure_inferred IS OLD.disclosure_inferred
    AND NEW.locale IS OLD.locale AND NEW.channel IS OLD.channel AND NEW.erases IS OLD.erases
    AND NEW.requested_at IS OLD.requested_at AND NEW.recorded_at IS OLD.recorded_at
    AND NEW.commitments IS OLD.commitments AND NEW.record_digest IS OLD.record_digest
    AND NEW.previous_hash IS OLD.previous_hash AND NEW.hash IS OLD.hash
)
BEGIN
    SELECT RAISE(ABORT, 'consents are append-only: the one change allowed sets the salt and all personal fields to NULL together');
END;

CREATE TRIGGER consents_are_never_deleted BEFORE DELETE ON consents
BEGIN
    SELECT RAISE(ABORT, 'consents are append-only: no record may be deleted');
END;

-- REPLACE deletes rows without firing the trigger above, so this trigger refuses an INSERT over an existing row first.
CREATE TRIGGER consents_are_never_replaced BEFORE INSERT ON consents
WHEN EXISTS (SELECT 1 FROM consents WHERE seq = NEW.seq OR previous_hash = NEW.previous_hash OR hash = NEW.hash)
BEGIN
    SELECT RAISE(ABORT, 'consents are append-only: that place in the chain is taken');
END;

-- The newest record of each chain. There is one chain, 'consents'.
CREATE TABLE ledger_heads (
    chain TEXT PRIMARY KEY NOT NULL,
    seq   BIGINT NOT NULL,
    hash  TEXT NOT NULL CHECK (length(hash) = 64)
);
INSERT INTO ledger_heads (chain, seq, hash)
VALUES ('consents', 0, '0000000000000000000000000000000000000000000000000000000000000000');

-- Each record follows the newest one and then becomes the newest one.
CREATE TRIGGER consents_move_the_head AFTER INSERT ON consents
BEGIN
    UPDATE ledger_heads SET seq = NEW.seq, hash = NEW.hash WHERE chain = 'consents' AND seq = NEW.seq - 1 AND hash = NEW.previous_hash;
    SELECT RAISE(ABORT, 'consents are append-only: a record follows the newest one') WHERE changes() = 0;
END;

-- The standing of each number. A number without a row is neither subscribed nor opted out.
CREATE TABLE subscribers (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    phone         TEXT NOT NULL UNIQUE,
    standing      TEXT NOT NULL CHECK (standing IN ('subscribed', 'opted_out', 'closed')),
    locale        TEXT NOT NULL,
    consent_seq   BIGINT REFERENCES consents (seq),
    verified_at   TIMESTAMP,
    subscribed_at TIMESTAMP,
    opted_out_at  TIMESTAMP,
    CHECK (standing <> 'subscribed' OR (consent_seq IS NOT NULL AND subscribed_at IS NOT NULL)),
    CHECK (standing <> 'opted_out' OR opted_out_at IS NOT NULL)
);
CREATE INDEX subscribers_by_consent ON subscribers (consent_seq) WHERE consent_seq IS NOT NULL;

-- Every text that we send, with what entitles us to send it.
CREATE TABLE messages (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    phone               TEXT,
    kind                TEXT NOT NULL CHECK (kind IN ('code', 'welcome', 'help', 'goodbye', 'not_matched', 'unknown', 'confirmed', 'test')),
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
CREATE INDEX messages_by_phone ON messages (phone, queued_at);
-- What a number's caps count. Refused texts never count, no matter how often strangers ask.
CREATE INDEX messages_counted ON messages (phone, queued_at, kind)
WHERE kind IN ('code', 'welcome') AND basis <> 'inbound' AND status <> 'dropped';
-- No query reads this index. It makes writing a refused text take as long as writing one that counts.
CREATE INDEX messages_refused ON messages (phone, queued_at, kind)
WHERE kind IN ('code', 'welcome') AND basis <> 'inbound' AND status = 'dropped';
CREATE INDEX messages_answers ON messages (phone, queued_at) WHERE inbound_message_id IS NOT NULL;
-- The outbox: the few texts that have not ended yet.
CREATE INDEX messages_queued ON messages ((basis <> 'inbound'), due_at, id) WHERE status = 'queued';
CREATE INDEX messages_sending ON messages (claimed_until) WHERE status = 'sending';
CREATE INDEX messages_open ON messages (phone) WHERE status = 'queued' OR status = 'sending';
CREATE INDEX messages_failed ON messages (kind, queued_at) WHERE status = 'failed';
CREATE INDEX messages_by_name ON messages (provider_message_id, provider) WHERE provider_message_id IS NOT NULL;
-- Most texts are codes, so each of these indexes covers only the texts that have its column.
CREATE INDEX messages_by_consent ON messages (consent_seq) WHERE consent_seq IS NOT NULL;
CREATE INDEX messages_by_verification ON messages (verification_id) WHERE verification_id IS NOT NULL;
CREATE INDEX messages_by_inbound ON messages (inbound_message_id) WHERE inbound_message_id IS NOT NULL;

-- The provider's ids for the parts of a text after the first one. A receipt may name any of them.
CREATE TABLE message_parts (
    provider            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    message_id          INTEGER NOT NULL REFERENCES messages (id) ON DELETE CASCADE,
    PRIMARY KEY (provider, provider_message_id)
);
CREATE INDEX message_parts_by_message ON message_parts (message_id);

-- Receipts that came before the send call returned and named no reference. They wait for their text.
CREATE TABLE early_receipts (
    provider            TEXT NOT NULL,
    provider_message_id TEXT NOT NULL,
    outcome             TEXT NOT NULL CHECK (outcome IN ('delivered', 'failed', 'misconfigured', 'failed_for_good', 'opted_out')),
    error               TEXT,
    received_at         TIMESTAMP NOT NULL,
    PRIMARY KEY (provider, provider_message_id)
);
CREATE INDEX early_receipts_by_age ON early_receipts (received_at);

-- Parts of long texts from phones, until all have arrived. Rows are never deleted, because each part must take effect only once.
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

-- E-mails to the owner. Each one is stored as a row before it is sent. The facts say why, and never contain a person's words.
CREATE TABLE emails (
    id            INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL,
    kind          TEXT NOT NULL CHECK (kind IN ('digest', 'misconfigured', 'webhook', 'other_api', 'outage', 'receipts', 'wal')),
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

-- The one row about this installation: which secret key it was created with, and when the server last saw that it can write.
CREATE TABLE installation (
    id           INTEGER PRIMARY KEY NOT NULL CHECK (id = 1),
    key_check    TEXT CHECK (length(key_check) = 64),
    heartbeat_at TIMESTAMP
);
INSERT INTO installation (id) VALUES (1);

-- Rows that transactions take so that those about the same number, address or browser run one after the other. Only used on
-- Postgres; the sweep empties it.
CREATE TABLE locks (
    key      TEXT PRIMARY KEY NOT NULL,
    taken_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX locks_by_age ON locks (taken_at);
