//! What people see of the queue: jobs, outcomes and exclusions as one list.

/// Every object that something is known of, in the state that people see. `$1`: the organisation,
/// `$2`: now.
macro_rules! board {
    () => {
        "SELECT j.shop AS shop, j.kind AS kind, j.object_id AS object_id, \
        j.purpose AS purpose, \
        CASE WHEN x.object_id IS NOT NULL THEN 'excluded' \
             WHEN j.fence > 0 AND j.fence = l.fence AND l.until_ms > $2 THEN 'running' \
             WHEN j.attempts > 0 AND j.run_after_ms > $2 THEN 'retrying' \
             ELSE 'waiting' END AS state, \
        j.priority AS priority, j.attempts AS attempts, j.queued_ms AS since_ms, \
        j.run_after_ms AS run_after_ms, COALESCE(x.reason, j.reason) AS reason, \
        COALESCE(o.findings, '[]') AS findings \
    FROM job j LEFT JOIN lease l ON l.organisation = j.organisation \
    LEFT JOIN exclusion x ON x.organisation = j.organisation AND x.shop = j.shop \
        AND x.kind = j.kind AND x.object_id = j.object_id \
    LEFT JOIN outcome o ON o.organisation = j.organisation AND o.shop = j.shop \
        AND o.kind = j.kind AND o.object_id = j.object_id AND o.purpose = j.purpose \
    WHERE j.organisation = $1 \
    UNION ALL SELECT o.shop, o.kind, o.object_id, o.purpose, \
        CASE WHEN x.object_id IS NOT NULL THEN 'excluded' \
             WHEN o.outcome IN ('held', 'refused') THEN 'held' ELSE 'done' END, \
        1, 0, o.settled_ms, 0, COALESCE(x.reason, o.detail), o.findings \
    FROM outcome o \
    LEFT JOIN exclusion x ON x.organisation = o.organisation AND x.shop = o.shop \
        AND x.kind = o.kind AND x.object_id = o.object_id \
    WHERE o.organisation = $1 AND NOT EXISTS (SELECT 1 FROM job j \
        WHERE j.organisation = o.organisation AND j.shop = o.shop AND j.kind = o.kind \
        AND j.object_id = o.object_id AND j.purpose = o.purpose) \
    UNION ALL SELECT x.shop, x.kind, x.object_id, '', 'excluded', 1, 0, x.at_ms, 0, x.reason, '[]' \
    FROM exclusion x WHERE x.organisation = $1 \
        AND NOT EXISTS (SELECT 1 FROM job j WHERE j.organisation = x.organisation \
            AND j.shop = x.shop AND j.kind = x.kind AND j.object_id = x.object_id) \
        AND NOT EXISTS (SELECT 1 FROM outcome o WHERE o.organisation = x.organisation \
            AND o.shop = x.shop AND o.kind = x.kind AND o.object_id = x.object_id)"
    };
}

/// `$3` state, `$4` shop, `$5` object id, each empty for all; `$6`: behind this place.
pub(in crate::store) const LIST: &str = concat!(
    "SELECT shop, kind, object_id, purpose, state, priority, attempts, since_ms, run_after_ms, \
        reason, findings, shop || ' ' || kind || ' ' || object_id || ' ' || purpose AS place \
    FROM (",
    board!(),
    ") AS entry WHERE ($3 = '' OR state = $3) AND ($4 = '' OR shop = $4) \
        AND ($5 = '' OR object_id = $5) \
        AND shop || ' ' || kind || ' ' || object_id || ' ' || purpose > $6 \
    ORDER BY place LIMIT $7"
);
/// `$3` shop, empty for all.
pub(in crate::store) const COUNTS: &str = concat!(
    "SELECT state, COUNT(*) FROM (",
    board!(),
    ") AS entry WHERE ($3 = '' OR shop = $3) GROUP BY state ORDER BY state"
);
pub(in crate::store) const OLDEST_WAITING: &str = "SELECT MIN(queued_ms) FROM job j \
    WHERE j.organisation = $1 AND NOT EXISTS (SELECT 1 FROM exclusion x \
        WHERE x.organisation = j.organisation AND x.shop = j.shop AND x.kind = j.kind \
        AND x.object_id = j.object_id)";
