-- Summaries: documents of payouts and days, and what they are made of.

ALTER TABLE link ADD COLUMN document TEXT NOT NULL DEFAULT '';
ALTER TABLE link ADD COLUMN begins_s INTEGER NOT NULL DEFAULT 0;
ALTER TABLE link ADD COLUMN ends_s INTEGER NOT NULL DEFAULT 0;

-- A summary that was to be sent. It counts while a posted link bears its key and hash.
CREATE TABLE summary (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    document_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    document TEXT NOT NULL,
    number TEXT NOT NULL,
    total TEXT NOT NULL,
    currency TEXT NOT NULL,
    date TEXT NOT NULL,
    begins_s INTEGER NOT NULL,
    ends_s INTEGER NOT NULL,
    lines TEXT NOT NULL,
    PRIMARY KEY (organisation, shop, document_key, sha256)
);

-- Its orders, refunds and entries of payouts, each with what it brings.
CREATE TABLE summary_member (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    document_key TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    place INTEGER NOT NULL,
    order_id INTEGER NOT NULL,
    stands_for TEXT NOT NULL,
    member TEXT NOT NULL,
    PRIMARY KEY (organisation, shop, document_key, sha256, place)
);
CREATE INDEX summary_member_order ON summary_member (organisation, shop, order_id);

-- What gateways said, as the core read it. Days are those of the declared zone.
CREATE TABLE payout (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    source TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    date TEXT NOT NULL,
    payout TEXT NOT NULL,
    PRIMARY KEY (organisation, shop, source, payout_id)
);
CREATE TABLE payout_entry (
    organisation TEXT NOT NULL,
    shop TEXT NOT NULL,
    source TEXT NOT NULL,
    entry_id TEXT NOT NULL,
    payout_id TEXT NOT NULL,
    date TEXT NOT NULL,
    entry TEXT NOT NULL,
    PRIMARY KEY (organisation, shop, source, entry_id)
);
CREATE INDEX payout_entry_payout ON payout_entry (organisation, shop, source, payout_id);
