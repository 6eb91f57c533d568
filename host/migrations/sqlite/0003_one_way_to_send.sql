-- Everything is sent by plans: their calls are the only journal, and a link says what the core
-- needs to know.
DROP TABLE call;
ALTER TABLE link DROP COLUMN document_total;
ALTER TABLE link DROP COLUMN xero_total;
ALTER TABLE link DROP COLUMN idempotency_key;
