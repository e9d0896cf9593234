ALTER TABLE verifications DROP COLUMN consent_revoked;
ALTER TABLE verifications DROP COLUMN reply_prior_issued_at;
ALTER TABLE verifications DROP COLUMN reply_prior_generation;
ALTER TABLE verifications DROP COLUMN reply_issued_at;
ALTER TABLE verifications DROP COLUMN reply_generation;
