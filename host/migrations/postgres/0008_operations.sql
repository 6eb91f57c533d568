-- What keeps the work in view: what the core was asked, what was said of waits, and marks.

-- A request to the core that decided something, so that it can be asked again.
-- run: the plan that it belongs to. orders: their ids, each between commas.
-- request, reply: compressed. reply_sha256: of the bytes as they came; empty where the core stopped.
CREATE TABLE recording (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    run TEXT COLLATE "C" NOT NULL,
    operation TEXT COLLATE "C" NOT NULL,
    module_sha256 TEXT COLLATE "C" NOT NULL,
    core TEXT COLLATE "C" NOT NULL,
    orders TEXT COLLATE "C" NOT NULL,
    request BYTEA NOT NULL,
    reply BYTEA NOT NULL,
    reply_sha256 TEXT COLLATE "C" NOT NULL,
    bytes BIGINT NOT NULL,
    made_ms BIGINT NOT NULL
);
CREATE INDEX recording_age ON recording (made_ms);

-- What waits too long, since when, and when it was last said. state: on, off.
CREATE TABLE alert (
    key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    message TEXT COLLATE "C" NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    since_ms BIGINT NOT NULL,
    said_ms BIGINT NOT NULL
);

-- Single moments, such as the one when a backup was put back.
CREATE TABLE mark (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    value TEXT COLLATE "C" NOT NULL,
    at_ms BIGINT NOT NULL
);
