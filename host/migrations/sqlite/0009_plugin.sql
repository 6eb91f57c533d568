-- What connects a shop, and what people ask for from its pages.

-- Codes by which a shop is connected; only a salted hash is kept, and a used one is deleted.
CREATE TABLE pairing (
    id TEXT NOT NULL PRIMARY KEY,
    salt TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    until_ms INTEGER NOT NULL
);

-- A consent of Xero that a person was sent for. id: SHA-256 of its state. verifier: sealed, empty
-- once it has come. organisations: those that it reaches, as JSON, to choose among.
CREATE TABLE consent (
    id TEXT NOT NULL PRIMARY KEY,
    shop TEXT NOT NULL,
    verifier BLOB NOT NULL,
    redirect_uri TEXT NOT NULL,
    return_to TEXT NOT NULL,
    organisations TEXT NOT NULL,
    made_ms INTEGER NOT NULL,
    until_ms INTEGER NOT NULL
);
CREATE INDEX consent_shop ON consent (shop, made_ms);

-- Saved plans that a person wants carried out. shop: its slug. failure: why it was not.
CREATE TABLE plan_wanted (
    organisation TEXT NOT NULL,
    plan TEXT NOT NULL,
    shop TEXT NOT NULL,
    who TEXT NOT NULL,
    asked_ms INTEGER NOT NULL,
    failure TEXT NOT NULL,
    PRIMARY KEY (organisation, plan)
);

-- SHA-256 of the bytes that made or changed the document, as the preview shows it.
ALTER TABLE link ADD COLUMN body_sha256 TEXT NOT NULL DEFAULT '';
CREATE INDEX link_order ON link (organisation, shop, order_id);

CREATE INDEX history_shop ON history (organisation, shop, at_ms);
