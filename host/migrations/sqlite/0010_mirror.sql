-- What Xero had of a shop's documents when it was last asked, so that only what has changed since is
-- asked for. It can be thrown away: it is read again then.

-- resource: Invoices, CreditNotes and so on. body: as Xero gave it, compressed.
CREATE TABLE mirror (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    resource TEXT NOT NULL,
    xero_id TEXT NOT NULL,
    number TEXT NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (organisation, shop, resource, xero_id)
);

-- How fresh it is. scope: which ones are kept. changed_ms: the youngest change that was seen, by
-- Xero's own clock. whole_ms: when all were read.
CREATE TABLE mirror_mark (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    resource TEXT NOT NULL,
    scope TEXT NOT NULL,
    changed_ms INTEGER NOT NULL,
    whole_ms INTEGER NOT NULL,
    PRIMARY KEY (organisation, shop, resource)
);
