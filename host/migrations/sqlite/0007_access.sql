-- Who may use the API, and what the intake must remember.

-- Only the SHA-256 of a token is kept. shop: the one it is bound to, empty for all.
-- role: view, operate, configure. Moments are NULL where they have not come or never will.
CREATE TABLE access_token (
    id TEXT NOT NULL PRIMARY KEY,
    sha256 TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    shop TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    used_ms INTEGER,
    revoked_ms INTEGER
);

-- Signed events that were taken, by shop; forgotten once their time is too old to be believed.
CREATE TABLE nonce (
    shop TEXT NOT NULL,
    nonce TEXT NOT NULL,
    until_ms INTEGER NOT NULL,
    PRIMARY KEY (shop, nonce)
);
CREATE INDEX nonce_age ON nonce (until_ms);

-- Shops where something happened that names no object we know: look at all of it soon.
CREATE TABLE sweep_wanted (
    shop TEXT NOT NULL PRIMARY KEY,
    reason TEXT NOT NULL,
    asked_ms INTEGER NOT NULL
);
