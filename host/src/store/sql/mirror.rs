//! Statements about what Xero had when it was last asked.

pub(in crate::store) const MARK: &str = "SELECT scope, changed_ms, whole_ms FROM mirror_mark \
    WHERE organisation = $1 AND shop = $2 AND resource = $3";
pub(in crate::store) const MARK_PUT: &str = "INSERT INTO mirror_mark \
    (organisation, shop, resource, scope, changed_ms, whole_ms) VALUES ($1, $2, $3, $4, $5, $6) \
    ON CONFLICT (organisation, shop, resource) DO UPDATE SET scope = excluded.scope, \
        changed_ms = excluded.changed_ms, whole_ms = excluded.whole_ms";
pub(in crate::store) const EMPTY: &str =
    "DELETE FROM mirror WHERE organisation = $1 AND shop = $2 AND resource = $3";
pub(in crate::store) const DROP: &str =
    "DELETE FROM mirror WHERE organisation = $1 AND shop = $2 AND resource = $3 AND xero_id = $4";
pub(in crate::store) const NAMES: &str = "SELECT xero_id, number FROM mirror \
    WHERE organisation = $1 AND shop = $2 AND resource = $3 ORDER BY xero_id";
pub(in crate::store) const BODY: &str = "SELECT body FROM mirror \
    WHERE organisation = $1 AND shop = $2 AND resource = $3 AND xero_id = $4";
pub(in crate::store) const BODIES: &str = "SELECT body FROM mirror \
    WHERE organisation = $1 AND shop = $2 AND resource = $3 ORDER BY xero_id";
pub(in crate::store) const THROW_AWAY: &str = "DELETE FROM mirror";
pub(in crate::store) const MARKS_THROW_AWAY: &str = "DELETE FROM mirror_mark";
