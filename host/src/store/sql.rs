//! Every statement, in the SQL that SQLite and PostgreSQL share.

pub(super) mod access;
pub(super) mod board;
pub(super) mod connection;
pub(super) mod mirror;
pub(super) mod operations;
pub(super) mod plugin;
pub(super) mod rows;

pub(super) const LEASE_MAKE: &str = "INSERT INTO lease \
    (organisation, owner, fence, until_ms, next_run_ms, reason) VALUES ($1, '', 0, 0, 0, '') \
    ON CONFLICT (organisation) DO NOTHING";
pub(super) const LEASE_CLAIM: &str = "UPDATE lease \
    SET owner = $2, fence = fence + 1, until_ms = $4, reason = '' \
    WHERE organisation = $1 AND until_ms <= $3 AND next_run_ms <= $3 RETURNING fence";
/// For a page that a person waits for: the next round stays when it is.
pub(super) const LEASE_BORROW: &str = "UPDATE lease \
    SET owner = $2, fence = fence + 1, until_ms = $4 \
    WHERE organisation = $1 AND until_ms <= $3 RETURNING fence";
pub(super) const LEASE_GIVE_BACK: &str =
    "UPDATE lease SET until_ms = 0 WHERE organisation = $1 AND fence = $2";
/// Organisations that are due and not paused.
macro_rules! due {
    ($now:literal) => {
        concat!(
            "FROM lease l JOIN organisation o ON o.id = l.organisation \
             WHERE o.state = 'active' AND l.until_ms <= ",
            $now,
            " AND l.next_run_ms <= ",
            $now
        )
    };
}
pub(super) const LEASE_DUE: &str = concat!("SELECT l.fence ", due!("$1"), " LIMIT 1");
pub(super) const LEASE_CLAIM_NEXT: &str = concat!(
    "UPDATE lease SET owner = $1, fence = fence + 1, until_ms = $3, reason = '' \
     WHERE organisation = (SELECT l.organisation ",
    due!("$2"),
    " ORDER BY l.next_run_ms, l.organisation LIMIT 1) RETURNING organisation, fence"
);
/// As above; who asks at the same time passes over the row that is taken.
pub(super) const LEASE_CLAIM_NEXT_UNLOCKED: &str = concat!(
    "UPDATE lease SET owner = $1, fence = fence + 1, until_ms = $3, reason = '' \
     WHERE organisation = (SELECT l.organisation ",
    due!("$2"),
    " ORDER BY l.next_run_ms, l.organisation LIMIT 1 FOR UPDATE OF l SKIP LOCKED) \
     RETURNING organisation, fence"
);
pub(super) const LEASE_URGENT: &str = "SELECT COUNT(*) FROM lease l WHERE l.next_run_ms > $1 \
    AND l.reason = '' AND EXISTS (SELECT 1 FROM job j WHERE j.organisation = l.organisation \
        AND j.priority = 0 AND j.run_after_ms <= $1)";
pub(super) const LEASE_WAKE_URGENT: &str = "UPDATE lease SET next_run_ms = 0 \
    WHERE next_run_ms > $1 AND reason = '' AND EXISTS (SELECT 1 FROM job j \
        WHERE j.organisation = lease.organisation AND j.priority = 0 AND j.run_after_ms <= $1)";
pub(super) const LEASE_WAKE: &str = "UPDATE lease SET next_run_ms = 0 \
    WHERE reason = '' AND ($1 = '' OR organisation = $1)";
pub(super) const LEASE_IS_HELD: &str =
    "SELECT fence FROM lease WHERE organisation = $1 AND fence = $2";
/// Only PostgreSQL has words for it; SQLite's one writer needs none.
pub(super) const LEASE_IS_HELD_LOCKED: &str =
    "SELECT fence FROM lease WHERE organisation = $1 AND fence = $2 FOR UPDATE";
pub(super) const LEASE_RENEW: &str =
    "UPDATE lease SET until_ms = $3 WHERE organisation = $1 AND fence = $2";
pub(super) const LEASE_RELEASE: &str = "UPDATE lease \
    SET until_ms = 0, next_run_ms = $3, reason = $4 WHERE organisation = $1 AND fence = $2";
pub(super) const LEASE_FREE_ALL: &str =
    "UPDATE lease SET until_ms = 0, fence = fence + 1 WHERE until_ms > 0";
pub(super) const LEASE_NEXT: &str =
    "SELECT next_run_ms, until_ms, reason FROM lease WHERE organisation = $1";
pub(super) const LEASE_UNPARK: &str =
    "UPDATE lease SET next_run_ms = 0 WHERE organisation = $1 AND next_run_ms > 0";

pub(super) const JOB_PICK: &str = "SELECT shop, kind, object_id, purpose, version, place, mark, \
    attempts, batch_max, priority FROM job \
    WHERE organisation = $1 AND shop = $2 AND run_after_ms <= $3 \
        AND priority = (SELECT MIN(priority) FROM job \
            WHERE organisation = $1 AND shop = $2 AND run_after_ms <= $3) \
    ORDER BY place, kind, object_id LIMIT $4";
pub(super) const JOB_RUNNING: &str = "UPDATE job SET fence = $6 WHERE organisation = $1 \
    AND shop = $2 AND kind = $3 AND object_id = $4 AND purpose = $5";
pub(super) const JOB_NEXT: &str =
    "SELECT MIN(run_after_ms) FROM job WHERE organisation = $1 AND shop = $2";
pub(super) const JOB_NEXT_RETRY: &str = "SELECT MIN(run_after_ms) FROM job \
    WHERE organisation = $1 AND shop = $2 AND run_after_ms > $3";
pub(super) const JOB_COUNT: &str = "SELECT COUNT(*) FROM job WHERE organisation = $1 AND shop = $2";
pub(super) const JOB_URGENT: &str = "SELECT COUNT(*) FROM job \
    WHERE organisation = $1 AND priority = 0 AND run_after_ms <= $2";
pub(super) const JOB_DONE: &str = "DELETE FROM job WHERE organisation = $1 AND shop = $2 \
    AND kind = $3 AND object_id = $4 AND purpose = $5 AND version = $6";
pub(super) const JOB_RETURN: &str = "UPDATE job SET run_after_ms = $6, batch_max = $7, \
    reason = $8, attempts = attempts + 1, fence = 0 WHERE organisation = $1 AND shop = $2 \
    AND kind = $3 AND object_id = $4 AND purpose = $5";

pub(super) const CALL_SENT_SINCE: &str =
    "SELECT sent_ms FROM plan_call WHERE organisation = $1 AND sent_ms > $2 ORDER BY sent_ms";

pub(super) const LINK_PUT: &str = "INSERT INTO link \
    (organisation, shop, kind, object_id, purpose, xero_id, number, document_sha256, state, \
     linked_ms, order_id, ledger_sha256, document, begins_s, ends_s) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15) \
    ON CONFLICT (organisation, shop, kind, object_id, purpose) DO UPDATE \
    SET xero_id = excluded.xero_id, number = excluded.number, \
        document_sha256 = excluded.document_sha256, state = excluded.state, \
        linked_ms = excluded.linked_ms, order_id = excluded.order_id, \
        ledger_sha256 = excluded.ledger_sha256, document = excluded.document, \
        begins_s = excluded.begins_s, ends_s = excluded.ends_s";
pub(super) const LINK_SUMMARIES: &str = "SELECT kind, object_id, purpose, xero_id, number, \
    document_sha256, state, order_id, ledger_sha256, document, begins_s, ends_s FROM link \
    WHERE organisation = $1 AND shop = $2 AND kind = 'summary' ORDER BY object_id";
pub(super) const LINK_CORE: &str = "SELECT kind, object_id, purpose, xero_id, number, \
    document_sha256, state, order_id, ledger_sha256 FROM link \
    WHERE organisation = $1 AND shop = $2 AND kind IN ('order', 'refund') \
    ORDER BY kind, object_id, purpose";
pub(super) const LINK_RECORDS: &str = "SELECT object_id, xero_id, number, document_sha256, \
    kind FROM link WHERE organisation = $1 AND shop = $2 AND kind IN ('customer', 'product') \
    ORDER BY kind, object_id";

pub(super) const PLAN_SAVE: &str = "INSERT INTO plan \
    (organisation, sha256, scope, parts, state, made_ms) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (organisation, sha256) DO UPDATE \
    SET scope = excluded.scope, parts = excluded.parts, state = excluded.state, \
        made_ms = excluded.made_ms WHERE plan.state <> 'applying'";
pub(super) const PLAN_FIND: &str = "SELECT sha256, scope, parts, state, made_ms FROM plan \
    WHERE organisation = $1 AND SUBSTR(sha256, 1, LENGTH($2)) = $2 ORDER BY made_ms DESC";
pub(super) const PLAN_OPEN: &str = "SELECT sha256, scope, parts, state, made_ms FROM plan \
    WHERE organisation = $1 AND state = 'applying' ORDER BY made_ms DESC LIMIT 1";
pub(super) const PLAN_UNANSWERED: &str = "SELECT p.scope, c.call FROM plan p \
    JOIN plan_call c ON c.organisation = p.organisation AND c.plan = p.sha256 \
    WHERE p.organisation = $1 AND p.state IN ('stopped', 'applying') AND c.state = 'sent' \
    ORDER BY c.sent_ms, c.place";
pub(super) const PLAN_LAST_UNANSWERED: &str = "SELECT MAX(c.sent_ms) FROM plan p \
    JOIN plan_call c ON c.organisation = p.organisation AND c.plan = p.sha256 \
    WHERE p.organisation = $1 AND p.state IN ('stopped', 'applying') AND c.state = 'sent'";
pub(super) const PLAN_STATE: &str =
    "UPDATE plan SET state = $3, ended_ms = $4 WHERE organisation = $1 AND sha256 = $2";
pub(super) const PLAN_STOP_OTHERS: &str = "UPDATE plan SET state = 'stopped', ended_ms = $3 \
    WHERE organisation = $1 AND sha256 <> $2 AND state = 'applying'";
pub(super) const PLAN_CALL_FORGET: &str =
    "DELETE FROM plan_call WHERE organisation = $1 AND plan = $2";
pub(super) const PLAN_CALL_MAKE: &str = "INSERT INTO plan_call \
    (organisation, plan, place, call, idempotency_key, state, body, results) \
    VALUES ($1, $2, $3, $4, $5, 'planned', $6, '[]')";
pub(super) const PLAN_CALLS: &str = "SELECT place, call, idempotency_key, state, body, sent_ms, \
    results FROM plan_call WHERE organisation = $1 AND plan = $2 ORDER BY place";
pub(super) const PLAN_CALL_SENT: &str = "UPDATE plan_call \
    SET state = 'sent', body = $4, sent_ms = COALESCE(sent_ms, $5) \
    WHERE organisation = $1 AND plan = $2 AND place = $3";
pub(super) const PLAN_CALL_AGAIN: &str = "UPDATE plan_call \
    SET state = 'planned', idempotency_key = $4, sent_ms = NULL \
    WHERE organisation = $1 AND plan = $2 AND place = $3";
pub(super) const PLAN_CALL_DONE: &str = "UPDATE plan_call \
    SET state = $4, done_ms = $5, status = $6, answer = $7, results = $8 \
    WHERE organisation = $1 AND plan = $2 AND place = $3";

pub(super) const OUTCOME_SET: &str = "INSERT INTO outcome \
    (organisation, shop, kind, object_id, purpose, mark, outcome, detail, findings, settled_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
    ON CONFLICT (organisation, shop, kind, object_id, purpose) DO UPDATE \
    SET mark = excluded.mark, outcome = excluded.outcome, detail = excluded.detail, \
        findings = excluded.findings, settled_ms = excluded.settled_ms";
pub(super) const OUTCOME_MARK: &str = "SELECT mark FROM outcome WHERE organisation = $1 \
    AND shop = $2 AND kind = $3 AND object_id = $4 AND purpose = $5 \
    AND outcome IN ('posted', 'skipped') AND findings NOT LIKE '%\"payment.not_due\"%'";
pub(super) const OUTCOME_ALL: &str = "SELECT shop, kind, object_id, purpose, mark, outcome, \
    detail, findings FROM outcome WHERE organisation = $1 ORDER BY shop, object_id";
pub(super) const OUTCOME_COUNT: &str = "SELECT outcome, COUNT(*) FROM outcome \
    WHERE organisation = $1 GROUP BY outcome ORDER BY outcome";

pub(super) const SETTINGS_SET: &str = "INSERT INTO settings \
    (organisation, shop, json, sha256, changed_ms) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (organisation, shop) DO UPDATE \
    SET json = excluded.json, sha256 = excluded.sha256, changed_ms = excluded.changed_ms";
pub(super) const SETTINGS_OF: &str =
    "SELECT json, sha256 FROM settings WHERE organisation = $1 AND shop = $2";

pub(super) const SUMMARY_PUT: &str = "INSERT INTO summary \
    (organisation, shop, document_key, sha256, document, number, total, currency, date, \
     begins_s, ends_s, lines) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) \
    ON CONFLICT (organisation, shop, document_key, sha256) DO UPDATE \
    SET document = excluded.document, number = excluded.number, total = excluded.total, \
        currency = excluded.currency, date = excluded.date, begins_s = excluded.begins_s, \
        ends_s = excluded.ends_s, lines = excluded.lines";
pub(super) const SUMMARY_MEMBERS_FORGET: &str = "DELETE FROM summary_member \
    WHERE organisation = $1 AND shop = $2 AND document_key = $3 AND sha256 = $4";
pub(super) const SUMMARY_MEMBER_PUT: &str = "INSERT INTO summary_member \
    (organisation, shop, document_key, sha256, kind, object_id, place, order_id, stands_for, \
     member) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
pub(super) const SUMMARISED: &str = "SELECT m.order_id, MIN(m.document_key) \
    FROM summary_member m \
    JOIN link l ON l.organisation = m.organisation AND l.shop = m.shop \
        AND l.kind = 'summary' AND l.object_id = m.document_key \
        AND l.document_sha256 = m.sha256 AND l.state = 'posted' \
    WHERE m.organisation = $1 AND m.shop = $2 \
        AND (m.kind = 'order' OR m.stands_for = 'order') \
    GROUP BY m.order_id ORDER BY m.order_id";
pub(super) const SUMMARY_MEMBERS: &str = "SELECT m.member FROM summary_member m \
    JOIN link l ON l.organisation = m.organisation AND l.shop = m.shop \
        AND l.kind = 'summary' AND l.object_id = m.document_key \
        AND l.document_sha256 = m.sha256 AND l.state = 'posted' \
    JOIN summary s ON s.organisation = m.organisation AND s.shop = m.shop \
        AND s.document_key = m.document_key AND s.sha256 = m.sha256 \
    WHERE m.organisation = $1 AND m.shop = $2 AND s.date >= $3 \
    ORDER BY m.document_key, m.place";
pub(super) const SUMMARY_MEMBERS_OF_ORDER: &str = "SELECT m.member FROM summary_member m \
    JOIN link l ON l.organisation = m.organisation AND l.shop = m.shop \
        AND l.kind = 'summary' AND l.object_id = m.document_key \
        AND l.document_sha256 = m.sha256 AND l.state = 'posted' \
    JOIN summary s ON s.organisation = m.organisation AND s.shop = m.shop \
        AND s.document_key = m.document_key AND s.sha256 = m.sha256 \
    WHERE m.organisation = $1 AND m.shop = $2 AND m.order_id = $3 AND s.date < $4 \
    ORDER BY m.document_key, m.place";
pub(super) const SUMMARY_MEMBERS_OF: &str = "SELECT m.member FROM summary_member m \
    WHERE m.organisation = $1 AND m.shop = $2 AND m.document_key = $3 AND m.sha256 = $4 \
    ORDER BY m.place";
pub(super) const SUMMARY_FIND: &str = "SELECT document_key, sha256, document, number, total, \
    currency, date, begins_s, ends_s, lines FROM summary \
    WHERE organisation = $1 AND shop = $2 AND LOWER(number) = LOWER($3) ORDER BY sha256";
pub(super) const SUMMARY_UNLINKED: &str = "SELECT s.document_key, s.sha256, s.document, \
    s.number, s.total, s.currency, s.date, s.begins_s, s.ends_s, s.lines FROM summary s \
    WHERE s.organisation = $1 AND s.shop = $2 AND NOT EXISTS (SELECT 1 FROM link l \
        WHERE l.organisation = s.organisation AND l.shop = s.shop AND l.kind = 'summary' \
        AND l.object_id = s.document_key) ORDER BY s.document_key, s.sha256";

pub(super) const PAYOUT_PUT: &str = "INSERT INTO payout \
    (organisation, shop, source, payout_id, date, payout) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (organisation, shop, source, payout_id) DO UPDATE \
    SET date = excluded.date, payout = excluded.payout";
pub(super) const PAYOUTS: &str = "SELECT payout FROM payout \
    WHERE organisation = $1 AND shop = $2 AND date >= $3 ORDER BY date, payout_id";
pub(super) const ENTRIES_FORGET: &str = "DELETE FROM payout_entry \
    WHERE organisation = $1 AND shop = $2 AND source = $3 AND payout_id = $4";
pub(super) const ENTRY_PUT: &str = "INSERT INTO payout_entry \
    (organisation, shop, source, entry_id, payout_id, date, entry) \
    VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (organisation, shop, source, entry_id) DO UPDATE \
    SET payout_id = excluded.payout_id, date = excluded.date, entry = excluded.entry";
pub(super) const ENTRIES: &str = "SELECT entry FROM payout_entry \
    WHERE organisation = $1 AND shop = $2 AND date >= $3 ORDER BY date, entry_id";

pub(super) const HISTORY_OF: &str = "SELECT at_ms, what, detail FROM history \
    WHERE organisation = $1 AND shop = $2 AND kind = $3 AND object_id = $4 ORDER BY at_ms";
pub(super) const HISTORY_FORGET: &str = "DELETE FROM history WHERE at_ms < $1";

pub(super) const EXCLUSION_PUT: &str = "INSERT INTO exclusion \
    (organisation, shop, kind, object_id, reason, who, at_ms) VALUES ($1, $2, $3, $4, $5, $6, $7) \
    ON CONFLICT (organisation, shop, kind, object_id) DO UPDATE \
    SET reason = excluded.reason, who = excluded.who, at_ms = excluded.at_ms";
pub(super) const EXCLUSION_END: &str = "DELETE FROM exclusion WHERE organisation = $1 \
    AND shop = $2 AND kind = $3 AND object_id = $4";
pub(super) const EXCLUSIONS: &str = "SELECT kind, object_id, reason FROM exclusion \
    WHERE organisation = $1 AND shop = $2 ORDER BY kind, object_id";
pub(super) const PUSHED_PUT: &str = "INSERT INTO pushed \
    (organisation, shop, kind, object_id, who, at_ms) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (organisation, shop, kind, object_id) DO NOTHING";
pub(super) const PUSHED: &str = "SELECT object_id FROM pushed \
    WHERE organisation = $1 AND shop = $2 AND kind = 'order' ORDER BY object_id";

pub(super) const SHOP_PUT: &str = "INSERT INTO shop \
    (slug, organisation, url, secrets, state, reason, activated_ms, switches, marks, added_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) ON CONFLICT (slug) DO UPDATE \
    SET organisation = excluded.organisation, url = excluded.url, secrets = excluded.secrets";
pub(super) const SHOPS: &str = "SELECT slug, organisation, url, secrets, state, reason, \
    activated_ms, switches, marks, added_ms FROM shop ORDER BY slug";
pub(super) const SHOP_OF: &str = "SELECT slug, organisation, url, secrets, state, reason, \
    activated_ms, switches, marks, added_ms FROM shop WHERE slug = $1";
/// A shop that was never switched on is neither paused nor resumed: `$4` is the reason that says so.
pub(super) const SHOP_ACTIVITY: &str =
    "UPDATE shop SET state = $2, reason = $3 WHERE slug = $1 AND reason <> $4";
pub(super) const SHOP_MARKS: &str = "UPDATE shop SET marks = $2 WHERE slug = $1";
pub(super) const SHOP_SWITCHES: &str = "UPDATE shop SET switches = $2 WHERE slug = $1";
pub(super) const SHOP_ACTIVATED: &str = "UPDATE shop \
    SET activated_ms = $2, state = 'active', reason = '', marks = '{}' WHERE slug = $1";
pub(super) const ORGANISATION_STATE: &str = "SELECT state FROM organisation WHERE id = $1";
pub(super) const ORGANISATION_PUT: &str = "INSERT INTO organisation \
    (id, connection, name, state, reason, added_ms) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (id) DO UPDATE SET connection = excluded.connection, name = excluded.name";
pub(super) const ORGANISATION_ACTIVITY: &str =
    "UPDATE organisation SET state = $2, reason = $3 WHERE id = $1";
pub(super) const ORGANISATIONS: &str =
    "SELECT id, connection, name, state, reason FROM organisation ORDER BY id";
