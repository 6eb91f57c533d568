//! Statements of what connects a shop, and of what people ask for from its pages.

pub(in crate::store) const PAIRING_ADD: &str =
    "INSERT INTO pairing (id, salt, sha256, until_ms) VALUES ($1, $2, $3, $4)";
pub(in crate::store) const PAIRINGS: &str =
    "SELECT id, salt, sha256 FROM pairing WHERE until_ms > $1 ORDER BY until_ms, id";
/// One row: this caller has used it. None: another one has, or it has run out.
pub(in crate::store) const PAIRING_TAKE: &str =
    "DELETE FROM pairing WHERE id = $1 AND until_ms > $2";
pub(in crate::store) const PAIRING_FORGET: &str = "DELETE FROM pairing WHERE until_ms <= $1";

pub(in crate::store) const CONSENT_ADD: &str = "INSERT INTO consent \
    (id, shop, verifier, redirect_uri, return_to, organisations, made_ms, until_ms) \
    VALUES ($1, $2, $3, $4, $5, '[]', $6, $7)";
pub(in crate::store) const CONSENT_OF: &str = "SELECT shop, verifier, redirect_uri, return_to \
    FROM consent WHERE id = $1 AND until_ms > $2";
pub(in crate::store) const CONSENT_TAKE: &str =
    "UPDATE consent SET until_ms = 0 WHERE id = $1 AND until_ms > $2";
pub(in crate::store) const CONSENT_GIVEN: &str =
    "UPDATE consent SET organisations = $2 WHERE id = $1";
pub(in crate::store) const CONSENT_FORGET: &str =
    "DELETE FROM consent WHERE organisations = '[]' AND until_ms <= $1";
pub(in crate::store) const CONSENT_FORGET_OLDER: &str = "DELETE FROM consent \
    WHERE shop = $1 AND id <> $2 AND organisations <> '[]'";
pub(in crate::store) const CONSENT_CHOICES: &str = "SELECT organisations FROM consent \
    WHERE shop = $1 AND organisations <> '[]' ORDER BY made_ms DESC, id LIMIT 1";

pub(in crate::store) const PLAN_WANT: &str = "INSERT INTO plan_wanted \
    (organisation, plan, shop, who, asked_ms, failure) VALUES ($1, $2, $3, $4, $5, '') \
    ON CONFLICT (organisation, plan) DO UPDATE \
    SET shop = excluded.shop, who = excluded.who, asked_ms = excluded.asked_ms, failure = ''";
pub(in crate::store) const PLANS_WANTED: &str = "SELECT plan, who, asked_ms, failure \
    FROM plan_wanted WHERE organisation = $1 AND shop = $2 ORDER BY asked_ms, plan";
pub(in crate::store) const PLAN_WANTED_DONE: &str =
    "DELETE FROM plan_wanted WHERE organisation = $1 AND plan = $2";
pub(in crate::store) const PLAN_WANTED_FAILED: &str =
    "UPDATE plan_wanted SET failure = $3 WHERE organisation = $1 AND plan = $2";

pub(in crate::store) const LINK_BODY: &str = "UPDATE link SET body_sha256 = $6 \
    WHERE organisation = $1 AND shop = $2 AND kind = $3 AND object_id = $4 AND purpose = $5";
pub(in crate::store) const LINK_END: &str = "DELETE FROM link \
    WHERE organisation = $1 AND shop = $2 AND kind = $3 AND object_id = $4";
pub(in crate::store) const LINK_DOCUMENTS: &str = "SELECT kind, object_id, purpose, number, \
    xero_id, body_sha256, state FROM link WHERE organisation = $1 AND shop = $2 \
    AND order_id = $3 AND kind IN ('order', 'refund') AND purpose IN ('invoice', 'credit_note') \
    ORDER BY kind, object_id";
pub(in crate::store) const LINKS_LIVE: &str = "SELECT COUNT(*) FROM link \
    WHERE organisation = $1 AND shop = $2 AND state = 'posted'";

pub(in crate::store) const SHOP_ORGANISATION: &str = "UPDATE shop \
    SET organisation = $2, state = 'paused', reason = $3, marks = '{}' WHERE slug = $1";
/// What came in before there was an organisation: a sweep finds all that matters of it.
pub(in crate::store) const WAITING_FORGET: &str =
    "DELETE FROM job WHERE organisation = '' AND shop = $1";
pub(in crate::store) const HISTORY_MOVE: &str =
    "UPDATE history SET organisation = $2 WHERE organisation = '' AND shop = $1";
pub(in crate::store) const EXCLUSIONS_MOVE: &str = "UPDATE exclusion SET organisation = $2 \
    WHERE organisation = '' AND shop = $1 AND NOT EXISTS (SELECT 1 FROM exclusion x \
        WHERE x.organisation = $2 AND x.shop = exclusion.shop AND x.kind = exclusion.kind \
        AND x.object_id = exclusion.object_id)";

pub(in crate::store) const SETTINGS_FIRST: &str = "INSERT INTO settings \
    (organisation, shop, json, sha256, changed_ms) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (organisation, shop) DO NOTHING";
pub(in crate::store) const SETTINGS_REPLACE: &str = "UPDATE settings \
    SET json = $3, sha256 = $4, changed_ms = $5 \
    WHERE organisation = $1 AND shop = $2 AND sha256 = $6";

pub(in crate::store) const HISTORY_LOG: &str = "SELECT at_ms, kind, object_id, what, detail \
    FROM history WHERE organisation = $1 AND shop = $2 AND at_ms <= $3 \
    ORDER BY at_ms DESC, kind, object_id, what, detail LIMIT $4 OFFSET $5";
