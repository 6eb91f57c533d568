-- The queue as people see it, and the shops and organisations that a server works for.

-- priority: 0 a person waits, 1 what happens now, 2 what happened before.
-- reason: why it came back to the queue. fence: the claim that works on it.
ALTER TABLE job ADD COLUMN priority INTEGER NOT NULL DEFAULT 1;
ALTER TABLE job ADD COLUMN reason TEXT NOT NULL DEFAULT '';
ALTER TABLE job ADD COLUMN fence INTEGER NOT NULL DEFAULT 0;
ALTER TABLE job ADD COLUMN queued_ms INTEGER NOT NULL DEFAULT 0;
DROP INDEX job_order;
CREATE INDEX job_order ON job (organisation, priority, place);

-- What a person took out of the sync, and why.
CREATE TABLE exclusion (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    reason TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id)
);

-- What a person sends though it is older than the sync.
CREATE TABLE pushed (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    who TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop, kind, object_id)
);

-- What was seen, planned, sent and answered for each object; pruned by age.
CREATE TABLE history (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
);
CREATE INDEX history_object ON history (organisation, shop, kind, object_id, at_ms);
CREATE INDEX history_age ON history (at_ms);

-- An organisation that is worked for. state: active, paused.
CREATE TABLE organisation (
    id TEXT NOT NULL PRIMARY KEY,
    connection TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    added_ms INTEGER NOT NULL
);

-- A shop that is worked for; its slug stands in the address of its webhooks. Secrets are sealed.
-- state: active, paused. switches, marks: JSON.
CREATE TABLE shop (
    slug TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    url TEXT NOT NULL,
    secrets BLOB NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    activated_ms INTEGER NOT NULL,
    switches TEXT NOT NULL,
    marks TEXT NOT NULL,
    added_ms INTEGER NOT NULL
);
