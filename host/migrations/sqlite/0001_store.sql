-- The store: what is to be done, what was sent, what exists on the other side.
-- Times are milliseconds since the Unix epoch; money is text.

-- One open job for each organisation, object and purpose. A hint for an object that has one only
-- raises its version; its place in the queue stays.
CREATE TABLE job (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    version INTEGER NOT NULL,
    place INTEGER NOT NULL,
    mark TEXT NOT NULL,
    attempts INTEGER NOT NULL,
    batch_max INTEGER NOT NULL,
    run_after_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id, purpose)
);
CREATE INDEX job_order ON job (organisation, place);

-- Who drains an organisation. The fence rises with each claim: who holds an old one cannot write.
CREATE TABLE lease (
    organisation TEXT NOT NULL PRIMARY KEY,
    owner TEXT NOT NULL,
    fence INTEGER NOT NULL,
    until_ms INTEGER NOT NULL,
    next_run_ms INTEGER NOT NULL,
    reason TEXT NOT NULL
);

-- The journal: every call that changes something in Xero, written before it is sent.
-- state: planned, sent, done, then settled or refused.
CREATE TABLE call (
    idempotency_key TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    fence INTEGER NOT NULL,
    method TEXT NOT NULL,
    path TEXT NOT NULL,
    body BLOB NOT NULL,
    sha256 TEXT NOT NULL,
    items TEXT NOT NULL,
    state TEXT NOT NULL,
    planned_ms INTEGER NOT NULL,
    sent_ms INTEGER,
    done_ms INTEGER,
    status INTEGER,
    response BLOB
);
CREATE INDEX call_open ON call (organisation, state);

-- What a shop's object has become in Xero. A row here means: never create it again.
CREATE TABLE link (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    xero_id TEXT NOT NULL,
    number TEXT NOT NULL,
    document_sha256 TEXT NOT NULL,
    document_total TEXT NOT NULL,
    xero_total TEXT NOT NULL,
    state TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    linked_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id, purpose)
);

-- How the last look at an object ended, with its findings.
-- outcome: posted, skipped, held, refused.
CREATE TABLE outcome (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    purpose TEXT NOT NULL,
    mark TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT NOT NULL,
    findings TEXT NOT NULL,
    settled_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id, purpose)
);

-- The mapping settings of a shop.
CREATE TABLE settings (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    json TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop)
);
