//! Statements about recordings, alerts, marks, retention and copies of the whole store.

pub(in crate::store) const RECORDING_PUT: &str = "INSERT INTO recording \
    (id, organisation, shop, run, operation, module_sha256, core, orders, request, reply, \
     reply_sha256, bytes, made_ms) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) \
    ON CONFLICT (id) DO UPDATE SET run = excluded.run, made_ms = excluded.made_ms";
pub(in crate::store) const RECORDING_FIND: &str = "SELECT id, organisation, shop, run, operation, \
    module_sha256, core, orders, request, reply, reply_sha256, made_ms FROM recording \
    WHERE SUBSTR(id, 1, LENGTH($1)) = $1 OR SUBSTR(run, 1, LENGTH($1)) = $1 \
    ORDER BY made_ms, id";
pub(in crate::store) const RECORDING_OF_ORDER: &str = "SELECT id, organisation, shop, run, \
    operation, module_sha256, core, orders, request, reply, reply_sha256, made_ms FROM recording \
    WHERE orders LIKE $1 ORDER BY made_ms, id";
pub(in crate::store) const RECORDING_SIZES: &str =
    "SELECT id, bytes FROM recording ORDER BY made_ms DESC, id";
pub(in crate::store) const RECORDING_OLD: &str =
    "SELECT COUNT(*) FROM recording WHERE made_ms < $1";
pub(in crate::store) const RECORDING_FORGET_OLD: &str = "DELETE FROM recording WHERE made_ms < $1";
pub(in crate::store) const RECORDING_FORGET: &str = "DELETE FROM recording WHERE id = $1";

pub(in crate::store) const LEASES_HELD: &str =
    "SELECT organisation, owner FROM lease WHERE until_ms > $1 LIMIT 1";
pub(in crate::store) const TABLES_SQLITE: &str = "SELECT name FROM sqlite_master \
    WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> '_sqlx_migrations' ORDER BY name";
pub(in crate::store) const TABLES_POSTGRES: &str = "SELECT CAST(table_name AS TEXT) AS name \
    FROM information_schema.tables WHERE table_schema = current_schema() \
    AND table_type = 'BASE TABLE' AND table_name <> '_sqlx_migrations' \
    ORDER BY CAST(table_name AS TEXT) COLLATE \"C\"";
/// By name: the engines may have come to the same columns by another way.
pub(in crate::store) const COLUMNS_SQLITE: &str =
    "SELECT name, type FROM pragma_table_info($1) ORDER BY name";
pub(in crate::store) const COLUMNS_POSTGRES: &str = "SELECT CAST(column_name AS TEXT), \
    CAST(data_type AS TEXT) FROM information_schema.columns \
    WHERE table_schema = current_schema() AND table_name = $1 \
    ORDER BY CAST(column_name AS TEXT) COLLATE \"C\"";

pub(in crate::store) const BACKUP_SQLITE: &str = "VACUUM INTO $1";
pub(in crate::store) const INTEGRITY_SQLITE: &str = "PRAGMA integrity_check";
pub(in crate::store) const RESTORED_PLANS: &str =
    "UPDATE plan SET state = 'stopped', ended_ms = $1 WHERE state = 'applying'";
pub(in crate::store) const RESTORED_LEASES: &str =
    "UPDATE lease SET until_ms = 0, next_run_ms = 0, fence = fence + 1, reason = ''";
/// Sweeps begin where the shop was switched on.
pub(in crate::store) const RESTORED_SHOPS: &str = "UPDATE shop SET marks = '{}'";
/// An empty mark is none that a sweep brings: everything is looked at again.
pub(in crate::store) const RESTORED_OUTCOMES: &str = "UPDATE outcome SET mark = ''";
pub(in crate::store) const MARK_PUT: &str = "INSERT INTO mark (name, value, at_ms) \
    VALUES ($1, $2, $3) ON CONFLICT (name) DO UPDATE \
    SET value = excluded.value, at_ms = excluded.at_ms";
pub(in crate::store) const MARK_OF: &str = "SELECT value, at_ms FROM mark WHERE name = $1";

pub(in crate::store) const PLANS_OLD: &str = "SELECT COUNT(*) FROM plan \
    WHERE parts <> '[]' AND (ended_ms < $1 OR (state = 'saved' AND made_ms < $1))";
pub(in crate::store) const PLAN_CALLS_FORGET_OLD: &str = "DELETE FROM plan_call \
    WHERE EXISTS (SELECT 1 FROM plan p WHERE p.organisation = plan_call.organisation \
        AND p.sha256 = plan_call.plan AND p.ended_ms < $1)";
pub(in crate::store) const PLANS_EMPTY_OLD: &str =
    "UPDATE plan SET parts = '[]' WHERE ended_ms < $1 AND parts <> '[]'";
pub(in crate::store) const PLANS_FORGET_OLD: &str =
    "DELETE FROM plan WHERE state = 'saved' AND made_ms < $1";
pub(in crate::store) const HISTORY_OLD: &str = "SELECT COUNT(*) FROM history WHERE at_ms < $1";
pub(in crate::store) const HISTORY_FORGET_OLD: &str = "DELETE FROM history WHERE at_ms < $1";

pub(in crate::store) const PERSON_LINKS: &str = "SELECT object_id, number FROM link \
    WHERE kind = 'customer' AND (LOWER(object_id) = $1 OR object_id = $2 OR object_id = $3)";
pub(in crate::store) const PERSON_LINKS_FORGET: &str = "DELETE FROM link \
    WHERE kind = 'customer' AND (LOWER(object_id) = $1 OR object_id = $2 OR object_id = $3)";
pub(in crate::store) const PERSON_PLANS: &str = "SELECT organisation, sha256, state FROM plan \
    WHERE LOWER(parts) LIKE $1 ESCAPE '\\'";
pub(in crate::store) const PERSON_PLAN_EMPTY: &str =
    "UPDATE plan SET parts = '[]' WHERE organisation = $1 AND sha256 = $2";
pub(in crate::store) const PERSON_HISTORY_FORGET: &str =
    "UPDATE history SET detail = '' WHERE LOWER(detail) LIKE $1 ESCAPE '\\'";
pub(in crate::store) const PERSON_OUTCOMES_FORGET: &str =
    "UPDATE outcome SET findings = '[]' WHERE LOWER(findings) LIKE $1 ESCAPE '\\'";
pub(in crate::store) const RECORDINGS_PACKED: &str = "SELECT id, request, reply FROM recording";
pub(in crate::store) const PLAN_CALL_FORGET: &str =
    "DELETE FROM plan_call WHERE organisation = $1 AND plan = $2";

/// Jobs that are due; those of before their queueing was noted do not count.
pub(in crate::store) const WAITING_JOBS: &str = "SELECT organisation, COUNT(*), MIN(queued_ms) \
    FROM job WHERE run_after_ms <= $1 AND queued_ms > 0 GROUP BY organisation ORDER BY organisation";
pub(in crate::store) const WAITING_HELD: &str = "SELECT organisation, COUNT(*) FROM outcome \
    WHERE outcome IN ('held', 'refused') GROUP BY organisation ORDER BY organisation";
pub(in crate::store) const WAITING_PARKED: &str = "SELECT organisation, reason, next_run_ms \
    FROM lease WHERE next_run_ms > $1 AND reason <> '' ORDER BY organisation";
pub(in crate::store) const WAITING_ORGANISATIONS: &str = "SELECT id, state, reason \
    FROM organisation WHERE state <> 'active' AND reason <> '' ORDER BY id";
pub(in crate::store) const WAITING_CONNECTIONS: &str =
    "SELECT id, state, reason FROM connection WHERE state <> 'active' ORDER BY id";
pub(in crate::store) const WAITING_SHOPS: &str = "SELECT slug, state, reason FROM shop \
    WHERE state <> 'active' AND reason <> '' ORDER BY slug";
pub(in crate::store) const SIZE_SQLITE: &str =
    "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()";
pub(in crate::store) const SIZE_POSTGRES: &str = "SELECT pg_database_size(current_database())";
pub(in crate::store) const ALERTS: &str =
    "SELECT key, message, state, since_ms, said_ms FROM alert ORDER BY key";
pub(in crate::store) const ALERT_PUT: &str = "INSERT INTO alert \
    (key, message, state, since_ms, said_ms) VALUES ($1, $2, 'off', $3, 0) \
    ON CONFLICT (key) DO UPDATE SET message = excluded.message, since_ms = excluded.since_ms";
pub(in crate::store) const ALERT_SAID: &str =
    "UPDATE alert SET state = 'on', said_ms = $2 WHERE key = $1";
pub(in crate::store) const ALERT_FORGET: &str = "DELETE FROM alert WHERE key = $1";
