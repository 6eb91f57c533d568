-- What connects a shop, and what people ask for from its pages.

-- Codes by which a shop is connected; only a salted hash is kept, and a used one is deleted.
CREATE TABLE pairing (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    salt TEXT COLLATE "C" NOT NULL,
    sha256 TEXT COLLATE "C" NOT NULL,
    until_ms BIGINT NOT NULL
);

-- A consent of Xero that a person was sent for. id: SHA-256 of its state. verifier: sealed, empty
-- once it has come. organisations: those that it reaches, as JSON, to choose among.
CREATE TABLE consent (
    id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    shop TEXT COLLATE "C" NOT NULL,
    verifier BYTEA NOT NULL,
    redirect_uri TEXT COLLATE "C" NOT NULL,
    return_to TEXT COLLATE "C" NOT NULL,
    organisations TEXT COLLATE "C" NOT NULL,
    made_ms BIGINT NOT NULL,
    until_ms BIGINT NOT NULL
);
CREATE INDEX consent_shop ON consent (shop, made_ms);

-- Saved plans that a person wants carried out. shop: its slug. failure: why it was not.
CREATE TABLE plan_wanted (
    organisation TEXT COLLATE "C" NOT NULL,
    plan TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    who TEXT COLLATE "C" NOT NULL,
    asked_ms BIGINT NOT NULL,
    failure TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (organisation, plan)
);

-- SHA-256 of the bytes that made or changed the document, as the preview shows it.
ALTER TABLE link ADD COLUMN body_sha256 TEXT COLLATE "C" NOT NULL DEFAULT '';
CREATE INDEX link_order ON link (organisation, shop, order_id);

CREATE INDEX history_shop ON history (organisation, shop, at_ms);
