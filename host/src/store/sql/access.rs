//! Statements of tokens, nonces and wanted sweeps.

pub(in crate::store) const TOKEN_ADD: &str = "INSERT INTO access_token \
    (id, sha256, name, role, shop, made_ms, expires_ms) VALUES ($1, $2, $3, $4, $5, $6, $7)";
pub(in crate::store) const TOKENS: &str = "SELECT id, name, role, shop, made_ms, expires_ms, \
    used_ms, revoked_ms FROM access_token ORDER BY made_ms, id";
pub(in crate::store) const TOKEN_OF: &str = "SELECT id, name, role, shop, made_ms, expires_ms, \
    used_ms, revoked_ms FROM access_token WHERE sha256 = $1";
pub(in crate::store) const TOKEN_USED: &str = "UPDATE access_token SET used_ms = $2 WHERE id = $1";
pub(in crate::store) const TOKEN_REVOKE: &str =
    "UPDATE access_token SET revoked_ms = COALESCE(revoked_ms, $2) WHERE id = $1";

pub(in crate::store) const NONCE_TAKE: &str = "INSERT INTO nonce (shop, nonce, until_ms) \
    VALUES ($1, $2, $3) ON CONFLICT (shop, nonce) DO NOTHING";
pub(in crate::store) const NONCE_FORGET: &str = "DELETE FROM nonce WHERE until_ms < $1";

pub(in crate::store) const SWEEP_WANT: &str = "INSERT INTO sweep_wanted (shop, reason, asked_ms) \
    VALUES ($1, $2, $3) ON CONFLICT (shop) DO UPDATE \
    SET reason = excluded.reason, asked_ms = excluded.asked_ms";
pub(in crate::store) const SWEEPS_WANTED: &str =
    "SELECT shop, reason, asked_ms FROM sweep_wanted ORDER BY asked_ms, shop";
pub(in crate::store) const SWEEP_DONE: &str =
    "DELETE FROM sweep_wanted WHERE shop = $1 AND asked_ms <= $2";

pub(in crate::store) const PING: &str = "SELECT 1";

/// What a person must look at, of one organisation and shop, or of all of them (empty).
pub(in crate::store) const HELD: &str = "SELECT shop, kind, object_id, purpose, outcome, detail, \
    findings, settled_ms FROM outcome WHERE outcome IN ('held', 'refused') \
    AND (organisation = $1 OR $1 = '') AND (shop = $2 OR $2 = '') \
    ORDER BY settled_ms DESC, shop, kind, object_id LIMIT $3";
pub(in crate::store) const CALLS_SINCE: &str =
    "SELECT COUNT(*) FROM plan_call WHERE organisation = $1 AND sent_ms > $2";
pub(in crate::store) const PLAN_NAMES: &str = "SELECT sha256, state, made_ms FROM plan \
    WHERE organisation = $1 ORDER BY made_ms DESC, sha256 LIMIT $2";
pub(in crate::store) const PLAN_CALL_ROWS: &str = "SELECT place, state, sent_ms, done_ms, status \
    FROM plan_call WHERE organisation = $1 AND plan = $2 ORDER BY place";
pub(in crate::store) const PLAN_NAMED: &str = "SELECT sha256, state, made_ms FROM plan \
    WHERE organisation = $1 AND SUBSTR(sha256, 1, LENGTH($2)) = $2 \
    ORDER BY made_ms DESC, sha256 LIMIT 1";
