-- Plans: what is to be sent, saved before a person says go, and how far it has come.

-- The order that a refund's link belongs to, and what the document looked like when we wrote it.
ALTER TABLE link ADD COLUMN order_id INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN ledger_sha256 TEXT NOT NULL DEFAULT '';

-- state: saved, applying, done, stopped.
CREATE TABLE plan (
    organisation TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    scope TEXT NOT NULL,
    parts TEXT NOT NULL,
    state TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    ended_ms INTEGER,
    PRIMARY KEY (organisation, sha256)
);

-- Its calls, once it is applied, in the order in which they are sent.
-- state: planned, sent, done, passed (nothing was left to send).
CREATE TABLE plan_call (
    organisation TEXT NOT NULL,
    plan TEXT NOT NULL,
    place INTEGER NOT NULL,
    call TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    state TEXT NOT NULL,
    body BLOB NOT NULL,
    sent_ms INTEGER,
    done_ms INTEGER,
    status INTEGER,
    answer BLOB,
    results TEXT NOT NULL,
    PRIMARY KEY (organisation, plan, place)
);
