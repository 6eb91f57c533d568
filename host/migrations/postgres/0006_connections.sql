-- Connections to Xero with their tokens, and limits that all workers share.

-- kind: custom, web, pkce. secrets, tokens: sealed JSON. generation: rises with each token that is
-- saved. refresh_*: who fetches the next one, and until when nobody else does.
-- state: active, needs_person; reason: why; said: whether a person was told.
CREATE TABLE connection (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind TEXT COLLATE "C" NOT NULL,
    client_id TEXT COLLATE "C" NOT NULL,
    scopes TEXT COLLATE "C" NOT NULL,
    secrets BYTEA NOT NULL,
    tokens BYTEA NOT NULL,
    generation BIGINT NOT NULL,
    renew_ms BIGINT NOT NULL,
    expires_ms BIGINT NOT NULL,
    refreshed_ms BIGINT NOT NULL,
    refresh_owner TEXT COLLATE "C" NOT NULL,
    refresh_until_ms BIGINT NOT NULL,
    refresh_failures BIGINT NOT NULL,
    state TEXT COLLATE "C" NOT NULL,
    reason TEXT COLLATE "C" NOT NULL,
    said BIGINT NOT NULL,
    changed_ms BIGINT NOT NULL,
    added_ms BIGINT NOT NULL
);
CREATE INDEX organisation_connection ON organisation (connection);

-- What of Xero's limits is used, for one organisation or one app; state: JSON.
CREATE TABLE budget (
    name TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    state TEXT COLLATE "C" NOT NULL
) WITH (fillfactor = 50);
