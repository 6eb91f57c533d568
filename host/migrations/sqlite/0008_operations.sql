-- What keeps the work in view: what the core was asked, what was said of waits, and marks.

-- A request to the core that decided something, so that it can be asked again.
-- run: the plan that it belongs to. orders: their ids, each between commas.
-- request, reply: compressed. reply_sha256: of the bytes as they came; empty where the core stopped.
CREATE TABLE recording (
    id TEXT NOT NULL PRIMARY KEY,
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    run TEXT NOT NULL,
    operation TEXT NOT NULL,
    module_sha256 TEXT NOT NULL,
    core TEXT NOT NULL,
    orders TEXT NOT NULL,
    request BLOB NOT NULL,
    reply BLOB NOT NULL,
    reply_sha256 TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    made_ms INTEGER NOT NULL
);
CREATE INDEX recording_age ON recording (made_ms);

-- What waits too long, since when, and when it was last said. state: on, off.
CREATE TABLE alert (
    key TEXT NOT NULL PRIMARY KEY,
    message TEXT NOT NULL,
    state TEXT NOT NULL,
    since_ms INTEGER NOT NULL,
    said_ms INTEGER NOT NULL
);

-- Single moments, such as the one when a backup was put back.
CREATE TABLE mark (
    name TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    at_ms INTEGER NOT NULL
);
