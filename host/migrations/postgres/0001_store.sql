-- The store on PostgreSQL, as on SQLite after its first five migrations.
-- Times are milliseconds since the Unix epoch; money is text, and text is ordered by its bytes.

-- One open job for each organisation, shop, object and purpose. A hint for an object that has one
-- only raises its version; its place in the queue stays.
-- priority: 0 a person waits, 1 what happens now, 2 what happened before.
-- reason: why it came back to the queue. fence: the claim that works on it.
CREATE TABLE job (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    version BIGINT NOT NULL,
    place BIGINT NOT NULL,
    mark TEXT COLLATE "C" NOT NULL,
    attempts BIGINT NOT NULL,
    batch_max BIGINT NOT NULL,
    run_after_ms BIGINT NOT NULL,
    priority BIGINT NOT NULL DEFAULT 1,
    reason TEXT COLLATE "C" NOT NULL DEFAULT '',
    fence BIGINT NOT NULL DEFAULT 0,
    queued_ms BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, shop, kind, object_id, purpose)
);
CREATE INDEX job_order ON job (organisation, priority, place);

-- What a person took out of the sync, and why.
CREATE TABLE exclusion (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id)
);

-- What a person sends though it is older than the sync.
CREATE TABLE pushed (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id)
);

-- What was seen, planned, sent and answered for each object; pruned by age.
CREATE TABLE history (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL,
    what TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL
);
CREATE INDEX history_object ON history (organisation, shop, kind, object_id, at_ms);
CREATE INDEX history_age ON history (at_ms);

-- Who drains an organisation. The fence rises with each claim: who holds an old one cannot write.
CREATE TABLE lease (
    organisation TEXT COLLATE "C" NOT NULL,
    owner TEXT COLLATE "C" NOT NULL,
    fence BIGINT NOT NULL,
    until_ms BIGINT NOT NULL,
    next_run_ms BIGINT NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation)
);

-- What a shop's object has become in Xero. A row here means: never create it again.
CREATE TABLE link (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    xero_id TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    document_sha256 TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    linked_ms BIGINT NOT NULL,
    order_id BIGINT NOT NULL DEFAULT 0,
    ledger_sha256 TEXT COLLATE "C" NOT NULL DEFAULT '',
    document TEXT COLLATE "C" NOT NULL DEFAULT '',
    begins_s BIGINT NOT NULL DEFAULT 0,
    ends_s BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (organisation, shop, kind, object_id, purpose)
);

-- How the last look at an object ended, with its findings.
-- outcome: posted, skipped, held, refused.
CREATE TABLE outcome (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    purpose TEXT COLLATE "C" NOT NULL,
    mark TEXT COLLATE "C" NOT NULL,
    outcome TEXT COLLATE "C" NOT NULL,
    detail TEXT COLLATE "C" NOT NULL,
    findings TEXT COLLATE "C" NOT NULL,
    settled_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id, purpose)
);

-- The mapping settings of a shop.
CREATE TABLE settings (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    json TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    changed_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, shop)
);

-- state: saved, applying, done, stopped.
CREATE TABLE plan (
    organisation TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    parts TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    made_ms BIGINT NOT NULL,
    ended_ms BIGINT,
    PRIMARY KEY (organisation, sha256)
);

-- Its calls, once it is applied, in the order in which they are sent.
-- state: planned, sent, done, passed (nothing was left to send).
CREATE TABLE plan_call (
    organisation TEXT COLLATE "C" NOT NULL,
    plan TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    call TEXT COLLATE "C" NOT NULL,
    idempotency_key TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    sent_ms BIGINT,
    done_ms BIGINT,
    status BIGINT,
    answer BYTEA,
    results TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, plan, place)
);

-- A summary that was to be sent. It counts while a posted link bears its key and hash.
CREATE TABLE summary (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    document_key TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    document TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    total TEXT COLLATE "C" NOT NULL,
    currency TEXT COLLATE "C" NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    begins_s BIGINT NOT NULL,
    ends_s BIGINT NOT NULL,
    lines TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, shop, document_key, sha256)
);

-- Its orders, refunds and entries of payouts, each with what it brings.
CREATE TABLE summary_member (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    document_key TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    object_id TEXT COLLATE "C" NOT NULL,
    place BIGINT NOT NULL,
    order_id BIGINT NOT NULL,
    stands_for TEXT COLLATE "C" NOT NULL,
    member TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, shop, document_key, sha256, place)
);
CREATE INDEX summary_member_order ON summary_member (organisation, shop, order_id);

-- What gateways said, as the core read it. Days are those of the declared zone.
CREATE TABLE payout (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    payout_id TEXT COLLATE "C" NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    payout TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, shop, source, payout_id)
);

CREATE TABLE payout_entry (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    source TEXT COLLATE "C" NOT NULL,
    entry_id TEXT COLLATE "C" NOT NULL,
    payout_id TEXT COLLATE "C" NOT NULL,
    date TEXT COLLATE "C" NOT NULL,
    entry TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, shop, source, entry_id)
);
CREATE INDEX payout_entry_payout ON payout_entry (organisation, shop, source, payout_id);

-- An organisation that is worked for. state: active, paused.
CREATE TABLE organisation (
    id TEXT COLLATE "C" NOT NULL,
    connection TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    added_ms BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- A shop that is worked for; its slug stands in the address of its webhooks. Secrets are sealed.
-- state: active, paused. switches, marks: JSON.
CREATE TABLE shop (
    slug TEXT COLLATE "C" NOT NULL,
    organisation TEXT COLLATE "C" NOT NULL,
    url TEXT COLLATE "C" NOT NULL,
    secrets BYTEA NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    activated_ms BIGINT NOT NULL,
    switches TEXT COLLATE "C" NOT NULL,
    marks TEXT COLLATE "C" NOT NULL,
    added_ms BIGINT NOT NULL,
    PRIMARY KEY (slug)
);
