CREATE INDEX codes_by_expiry ON codes (expires_at);
CREATE INDEX charges_by_age ON charges (charged_at);
