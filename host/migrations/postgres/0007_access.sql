-- Who may use the API, and what the intake must remember.

-- Only the SHA-256 of a token is kept. shop: the one it is bound to, empty for all.
-- role: view, operate, configure. Moments are NULL where they have not come or never will.
CREATE TABLE access_token (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    sha256 TEXT COLLATE "C" NOT NULL UNIQUE,
    name TEXT COLLATE "C" NOT NULL,
    role TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    made_ms BIGINT NOT NULL,
    expires_ms BIGINT,
    used_ms BIGINT,
    revoked_ms BIGINT
);

-- Signed events that were taken, by shop; forgotten once their time is too old to be believed.
CREATE TABLE nonce (
    shop TEXT COLLATE "C" NOT NULL,
    nonce TEXT COLLATE "C" NOT NULL,
    until_ms BIGINT NOT NULL,
    PRIMARY KEY (shop, nonce)
);
CREATE INDEX nonce_age ON nonce (until_ms);

-- Shops where something happened that names no object we know: look at all of it soon.
CREATE TABLE sweep_wanted (
    shop TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    reason TEXT COLLATE "C" NOT NULL,
    asked_ms BIGINT NOT NULL
);
