-- Connections to Xero with their tokens, and limits that all workers share.

-- kind: custom, web, pkce. secrets, tokens: sealed JSON. generation: rises with each token that is
-- saved. refresh_*: who fetches the next one, and until when nobody else does.
-- state: active, needs_person; reason: why; said: whether a person was told.
CREATE TABLE connection (
    id TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    client_id TEXT NOT NULL,
    scopes TEXT NOT NULL,
    secrets BLOB NOT NULL,
    tokens BLOB NOT NULL,
    generation INTEGER NOT NULL,
    renew_ms INTEGER NOT NULL,
    expires_ms INTEGER NOT NULL,
    refreshed_ms INTEGER NOT NULL,
    refresh_owner TEXT NOT NULL,
    refresh_until_ms INTEGER NOT NULL,
    refresh_failures INTEGER NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    said INTEGER NOT NULL,
    changed_ms INTEGER NOT NULL,
    added_ms INTEGER NOT NULL
);
CREATE INDEX organisation_connection ON organisation (connection);

-- What of Xero's limits is used, for one organisation or one app; state: JSON.
CREATE TABLE budget (
    name TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL
);
