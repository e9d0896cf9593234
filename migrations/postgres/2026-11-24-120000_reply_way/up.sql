-- The reply way: the page's code is derived, so only its last two generations and their times are kept.
ALTER TABLE verifications ADD COLUMN reply_generation INTEGER NOT NULL DEFAULT 1;
ALTER TABLE verifications ADD COLUMN reply_issued_at TIMESTAMP;
ALTER TABLE verifications ADD COLUMN reply_prior_generation INTEGER;
ALTER TABLE verifications ADD COLUMN reply_prior_issued_at TIMESTAMP;
UPDATE verifications SET reply_issued_at = last_request_at;

-- STOP takes back the consent of whatever is pending; the box ticked anew gives it again.
ALTER TABLE verifications ADD COLUMN consent_revoked BOOLEAN NOT NULL DEFAULT FALSE;
