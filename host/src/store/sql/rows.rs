//! Statements that take many rows at once, ready for a few numbers of rows: a round trip for each row
//! costs more than the row.

use std::sync::LazyLock;

/// Numbers of rows that there are statements for: whoever has another number uses several.
const ROWS: [usize; 4] = [64, 16, 4, 1];

/// One statement for each of [`ROWS`].
type Texts = LazyLock<[String; 4]>;

static JOB_HINT: Texts = LazyLock::new(|| {
    texts(
        "INSERT INTO job (organisation, shop, kind, object_id, purpose, version, place, mark, \
            attempts, batch_max, run_after_ms, priority, reason, fence, queued_ms) VALUES ",
        "(?, ?, ?, ?, ?, 1, ?, ?, 0, ?, ?, ?, '', 0, ?)",
        " ON CONFLICT (organisation, shop, kind, object_id, purpose) DO UPDATE \
            SET version = job.version + 1, mark = excluded.mark, \
            attempts = CASE WHEN job.mark = excluded.mark THEN job.attempts ELSE 0 END, \
            batch_max = CASE WHEN job.mark = excluded.mark THEN job.batch_max \
                        ELSE excluded.batch_max END, \
            priority = CASE WHEN job.priority < excluded.priority THEN job.priority \
                       ELSE excluded.priority END, \
            run_after_ms = CASE WHEN job.mark = excluded.mark AND excluded.priority > 0 \
                           THEN job.run_after_ms ELSE excluded.run_after_ms END",
    )
});

static HISTORY_ADD: Texts = LazyLock::new(|| {
    texts(
        "INSERT INTO history (organisation, shop, kind, object_id, at_ms, what, detail) VALUES ",
        "(?, ?, ?, ?, ?, ?, ?)",
        "",
    )
});

static MIRROR_PUT: Texts = LazyLock::new(|| {
    texts(
        "INSERT INTO mirror (organisation, shop, resource, xero_id, number, body) VALUES ",
        "(?, ?, ?, ?, ?, ?)",
        " ON CONFLICT (organisation, shop, resource, xero_id) DO UPDATE \
            SET number = excluded.number, body = excluded.body",
    )
});

/// A statement, and how many rows it takes.
pub(in crate::store) type Text = (&'static str, usize);

/// The statement that takes most of `left` hints at once, none of them at the same object as
/// another.
pub(in crate::store) fn job_hint(left: usize) -> Text {
    pick(&JOB_HINT, left)
}

/// The statement that takes most of `left` lines of history at once.
pub(in crate::store) fn history_add(left: usize) -> Text {
    pick(&HISTORY_ADD, left)
}

/// The statement that takes most of `left` documents at once, none of them twice.
pub(in crate::store) fn mirror_put(left: usize) -> Text {
    pick(&MIRROR_PUT, left)
}

fn pick(texts: &'static Texts, left: usize) -> Text {
    let found = ROWS.iter().zip(texts.iter()).find(|(rows, _)| **rows <= left);
    found.map_or(("", 0), |(rows, text)| (text, *rows))
}

fn texts(before: &str, row: &str, after: &str) -> [String; 4] {
    ROWS.map(|rows| {
        let marks = vec![row; rows].join(", ");
        let mut text = before.to_owned();
        for (number, piece) in marks.split('?').enumerate() {
            if number > 0 {
                text.push('$');
                text.push_str(&number.to_string());
            }
            text.push_str(piece);
        }
        text + after
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_own_places() {
        let [_, _, four, one] = texts("VALUES ", "(?, 1, ?)", " END");
        assert_eq!(one, "VALUES ($1, 1, $2) END");
        assert_eq!(four, "VALUES ($1, 1, $2), ($3, 1, $4), ($5, 1, $6), ($7, 1, $8) END");
    }

    #[test]
    fn as_many_rows_are_taken_as_there_are_words_for() {
        assert_eq!([1, 3, 4, 63, 64, 900].map(|left| job_hint(left).1), [1, 1, 4, 16, 64, 64]);
        assert_eq!(job_hint(0).1, 0);
    }
}
