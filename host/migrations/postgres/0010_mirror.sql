-- What Xero had of a shop's documents when it was last asked, so that only what has changed since is
-- asked for. It can be thrown away: it is read again then.

-- resource: Invoices, CreditNotes and so on. body: as Xero gave it, compressed.
CREATE TABLE mirror (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    xero_id TEXT COLLATE "C" NOT NULL,
    number TEXT COLLATE "C" NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (organisation, shop, resource, xero_id)
);

-- How fresh it is. scope: which ones are kept. changed_ms: the youngest change that was seen, by
-- Xero's own clock. whole_ms: when all were read.
CREATE TABLE mirror_mark (
    organisation TEXT COLLATE "C" NOT NULL,
    shop TEXT COLLATE "C" NOT NULL,
    resource TEXT COLLATE "C" NOT NULL,
    scope TEXT COLLATE "C" NOT NULL,
    changed_ms BIGINT NOT NULL,
    whole_ms BIGINT NOT NULL,
    PRIMARY KEY (organisation, shop, resource)
);
