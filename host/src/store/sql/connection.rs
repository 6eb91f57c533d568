//! Statements about connections to Xero and the limits that are shared.

pub(in crate::store) const CONNECTION_PUT: &str = "INSERT INTO connection \
    (id, kind, client_id, scopes, secrets, tokens, generation, renew_ms, expires_ms, \
     refreshed_ms, refresh_owner, refresh_until_ms, refresh_failures, state, reason, said, \
     changed_ms, added_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, 1, $7, $8, $9, '', 0, 0, 'active', '', 0, $9, $9) \
    ON CONFLICT (id) DO UPDATE \
    SET kind = excluded.kind, client_id = excluded.client_id, scopes = excluded.scopes, \
        secrets = excluded.secrets, tokens = excluded.tokens, \
        generation = connection.generation + 1, renew_ms = excluded.renew_ms, \
        expires_ms = excluded.expires_ms, refreshed_ms = excluded.refreshed_ms, \
        refresh_owner = '', refresh_until_ms = 0, refresh_failures = 0, state = 'active', \
        reason = '', said = 0, changed_ms = excluded.changed_ms";
pub(in crate::store) const CONNECTION_ALL: &str = "SELECT id, kind, client_id, scopes, secrets, \
    tokens, generation, renew_ms, expires_ms, refreshed_ms, refresh_until_ms, refresh_failures, \
    state, reason, said, changed_ms, added_ms FROM connection ORDER BY added_ms, id";
pub(in crate::store) const CONNECTION_GET: &str = "SELECT id, kind, client_id, scopes, secrets, \
    tokens, generation, renew_ms, expires_ms, refreshed_ms, refresh_until_ms, refresh_failures, \
    state, reason, said, changed_ms, added_ms FROM connection WHERE id = $1";
pub(in crate::store) const CONNECTION_OF: &str = "SELECT c.id, c.kind, c.client_id, c.scopes, \
    c.secrets, c.tokens, c.generation, c.renew_ms, c.expires_ms, c.refreshed_ms, \
    c.refresh_until_ms, c.refresh_failures, c.state, c.reason, c.said, c.changed_ms, c.added_ms \
    FROM connection c JOIN organisation o ON o.connection = c.id WHERE o.id = $1";
/// One row: this worker fetches the next token. None: another one does, or has.
pub(in crate::store) const REFRESH_CLAIM: &str = "UPDATE connection \
    SET refresh_owner = $3, refresh_until_ms = $5 \
    WHERE id = $1 AND generation = $2 AND refresh_until_ms <= $4 AND state = 'active'";
pub(in crate::store) const REFRESH_SAVE: &str = "UPDATE connection \
    SET tokens = $3, generation = generation + 1, scopes = $4, renew_ms = $5, expires_ms = $6, \
        refreshed_ms = $7, refresh_owner = '', refresh_until_ms = 0, refresh_failures = 0 \
    WHERE id = $1 AND generation = $2";
pub(in crate::store) const REFRESH_FAILED: &str = "UPDATE connection \
    SET refresh_owner = '', refresh_until_ms = $4, refresh_failures = refresh_failures + 1 \
    WHERE id = $1 AND generation = $2 AND refresh_owner = $3";
pub(in crate::store) const REFRESH_FREE_ALL: &str =
    "UPDATE connection SET refresh_owner = '', refresh_until_ms = 0 WHERE refresh_owner <> ''";
pub(in crate::store) const CONNECTION_NEEDS_PERSON: &str = "UPDATE connection \
    SET state = 'needs_person', reason = $3, said = 0, changed_ms = $4, refresh_owner = '', \
        refresh_until_ms = 0 \
    WHERE id = $1 AND generation = $2 AND state = 'active'";
pub(in crate::store) const CONNECTION_SAY: &str =
    "UPDATE connection SET said = 1 WHERE id = $1 AND state = 'needs_person' AND said = 0";
pub(in crate::store) const CONNECTION_RESEAL: &str = "UPDATE connection \
    SET secrets = $3, tokens = $4 WHERE id = $1 AND generation = $2";
pub(in crate::store) const CONNECTION_DELETE: &str = "DELETE FROM connection WHERE id = $1";
pub(in crate::store) const PARK_ORGANISATIONS: &str = "UPDATE lease \
    SET next_run_ms = $3, reason = $2 WHERE until_ms <= $4 AND next_run_ms < $3 \
    AND organisation IN (SELECT id FROM organisation WHERE connection = $1)";
pub(in crate::store) const UNPARK_ORGANISATIONS: &str = "UPDATE lease \
    SET next_run_ms = 0, reason = '' WHERE next_run_ms > 0 \
    AND organisation IN (SELECT id FROM organisation WHERE connection = $1)";

pub(in crate::store) const ORGANISATION_LINK: &str = "INSERT INTO organisation \
    (id, connection, name, state, reason, added_ms) VALUES ($1, $2, $3, 'active', '', $4) \
    ON CONFLICT (id) DO UPDATE SET connection = excluded.connection, name = excluded.name";
pub(in crate::store) const ORGANISATION_UNLINK: &str =
    "UPDATE organisation SET connection = '' WHERE connection = $1";
pub(in crate::store) const CONNECTION_FORGET_IDLE: &str = "DELETE FROM connection \
    WHERE id <> $1 AND client_id = (SELECT c.client_id FROM connection c WHERE c.id = $1) \
    AND NOT EXISTS (SELECT 1 FROM organisation o WHERE o.connection = connection.id)";
pub(in crate::store) const ORGANISATIONS_CONNECTED: &str = "SELECT o.id, o.name, c.client_id \
    FROM organisation o JOIN connection c ON c.id = o.connection ORDER BY o.name, o.id";
pub(in crate::store) const ORGANISATIONS_OF: &str =
    "SELECT id, name FROM organisation WHERE connection = $1 ORDER BY name, id";

pub(in crate::store) const BUDGET_MAKE: &str =
    "INSERT INTO budget (name, state) VALUES ($1, '{}') ON CONFLICT (name) DO NOTHING";
pub(in crate::store) const BUDGET_GET: &str = "SELECT state FROM budget WHERE name = $1";
/// Only PostgreSQL has words for it; SQLite's one writer needs none.
pub(in crate::store) const BUDGET_GET_LOCKED: &str =
    "SELECT state FROM budget WHERE name = $1 FOR UPDATE";
pub(in crate::store) const BUDGET_SET: &str = "UPDATE budget SET state = $2 WHERE name = $1";
pub(in crate::store) const BUDGET_NAMES: &str = "SELECT name FROM budget ORDER BY name";
