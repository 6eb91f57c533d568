//! A file of comma separated values: rows as JSON objects by column, for the core to read.
//!
//! The first line names the columns, in any order, separated by `,` or `;`; further columns are
//! passed on. A byte order mark is passed over, as are rows without any text. Each row gets its line
//! in the file as `row`. What stands in a field is the core's to judge; a file whose rows cannot be
//! told apart for certain is refused as a whole.

use std::collections::BTreeMap;

use ::csv::{ReaderBuilder, StringRecord};
use serde_json::value::to_raw_value;

use super::RawJson;

/// Columns without which no row can be read.
pub const COLUMNS_NEEDED: [&str; 7] =
    ["payout_id", "payout_date", "currency", "entry_id", "type", "date", "amount"];
/// Further columns that are known.
pub const COLUMNS: [&str; 10] = [
    "payout_amount",
    "fee",
    "net",
    "order_number",
    "transaction_id",
    "refund_id",
    "description",
    "charge_id",
    "sold_amount",
    "sold_currency",
];
/// Largest file that is read.
pub const FILE_BYTES_MAX: usize = 16 * 1024 * 1024;

pub(super) const HELP: &str = "save it as CSV in UTF-8 with the columns payout_id, payout_date, \
    currency, entry_id, type, date and amount, where there are any with payout_amount, fee, net, \
    order_number, transaction_id, refund_id, description, charge_id, sold_amount and \
    sold_currency; texts with separators, quotation marks or line breaks in quotation marks";

/// A file that cannot be read. Lines count from 1, the header's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is larger than is read.
    #[error("it is larger than {FILE_BYTES_MAX} bytes")]
    TooLarge,
    /// It has no header.
    #[error("it is empty")]
    Empty,
    /// It is in another character encoding.
    #[error("line {line} is not in UTF-8")]
    NotUtf8 {
        /// The line.
        line: u64,
    },
    /// The header lacks columns.
    #[error("the header has no column {}", quoted(.missing))]
    MissingColumns {
        /// Those of [`COLUMNS_NEEDED`] that are missing.
        missing: Vec<&'static str>,
    },
    /// The header names a column twice.
    #[error("the header has the column `{name}` twice")]
    DoubleColumn {
        /// The column.
        name: String,
    },
    /// A row has more or fewer fields than the header.
    #[error("line {line} has {found} fields, but the header has {expected}")]
    Fields {
        /// The line that the row begins at.
        line: u64,
        /// Fields of the row.
        found: usize,
        /// Fields of the header.
        expected: usize,
    },
    /// A quotation mark is not closed, or stands inside a text without being doubled.
    #[error("the row at line {line} has a quotation mark that is not closed or not doubled")]
    Quotes {
        /// The line that the row begins at.
        line: u64,
    },
    /// A row is no text, for a reason that should not occur.
    #[error("the row at line {line} cannot be read: {why}")]
    Row {
        /// The line that the row begins at.
        line: u64,
        /// Why.
        why: String,
    },
}

fn quoted(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}

/// A file of payouts, read.
#[derive(Debug, Clone)]
pub struct CsvFile {
    rows: Vec<RawJson>,
}

impl CsvFile {
    /// Reads a file.
    ///
    /// # Errors
    /// [`FileError`] for the whole file.
    pub fn read(file: &[u8]) -> Result<Self, FileError> {
        if file.len() > FILE_BYTES_MAX {
            return Err(FileError::TooLarge);
        }
        let text = std::str::from_utf8(file).map_err(|error| {
            let valid = file.get(..error.valid_up_to()).unwrap_or_default();
            FileError::NotUtf8 { line: 1 + line_breaks(valid) }
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut records = Records::new(text);
        let Some((_, header)) = records.next()? else { return Err(FileError::Empty) };
        let columns = read_header(&header)?;
        let mut rows = Vec::new();
        while let Some((line, record)) = records.next()? {
            if record.iter().all(|field| field.trim().is_empty()) {
                continue;
            }
            rows.push(read_row(&columns, &record, line)?);
        }
        Ok(Self { rows })
    }

    /// The rows as objects by column, in the order of the file.
    #[must_use]
    pub fn rows(&self) -> &[RawJson] {
        &self.rows
    }
}

/// The names of the columns; empty for one without.
fn read_header(header: &StringRecord) -> Result<Vec<String>, FileError> {
    let columns: Vec<String> = header.iter().map(|name| name.trim().to_ascii_lowercase()).collect();
    let has = |wanted: &str| columns.iter().any(|name| name == wanted);
    let missing: Vec<&str> = COLUMNS_NEEDED.into_iter().filter(|name| !has(name)).collect();
    if !missing.is_empty() {
        return Err(FileError::MissingColumns { missing });
    }
    let mut sorted: Vec<&String> = columns.iter().filter(|name| !name.is_empty()).collect();
    sorted.sort_unstable();
    let double = sorted.windows(2).find_map(|pair| match pair {
        [first, second] if first == second => Some((*first).clone()),
        _ => None,
    });
    double.map_or(Ok(columns), |name| Err(FileError::DoubleColumn { name }))
}

fn read_row(columns: &[String], record: &StringRecord, line: u64) -> Result<RawJson, FileError> {
    if record.len() != columns.len() {
        let (found, expected) = (record.len(), columns.len());
        return Err(FileError::Fields { line, found, expected });
    }
    let named = columns.iter().map(String::as_str).zip(record.iter());
    let mut fields: BTreeMap<&str, &str> =
        named.filter(|(name, field)| !name.is_empty() && !field.is_empty()).collect();
    let number = line.to_string();
    fields.insert("row", &number);
    to_raw_value(&fields).map_err(|error| FileError::Row { line, why: error.to_string() })
}

/// The records of a text, each with the line that it begins at.
struct Records<'a> {
    text: &'a str,
    delimiter: u8,
    reader: ::csv::Reader<&'a [u8]>,
    /// Bytes read, and the line breaks in them.
    done: (usize, u64),
}

impl<'a> Records<'a> {
    fn new(text: &'a str) -> Self {
        let delimiter = find_delimiter(text);
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(text.as_bytes());
        Self { text, delimiter, reader, done: (0, 0) }
    }

    fn next(&mut self) -> Result<Option<(u64, StringRecord)>, FileError> {
        let mut record = StringRecord::new();
        let (start, breaks) = self.done;
        let more = self
            .reader
            .read_record(&mut record)
            .map_err(|error| FileError::Row { line: breaks + 1, why: error.to_string() })?;
        if !more {
            return Ok(None);
        }
        let end = usize::try_from(self.reader.position().byte()).unwrap_or(usize::MAX);
        let raw = self.text.as_bytes().get(start..end).unwrap_or_default();
        // Empty lines before it, and the second half of the line break before them.
        let blank = raw.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let (before, own) = raw.split_at_checked(blank).unwrap_or_default();
        let line = breaks + line_breaks(before) + 1;
        self.done = (end, breaks + line_breaks(raw));
        if !quotes_are_closed(own, self.delimiter) {
            return Err(FileError::Quotes { line });
        }
        Ok(Some((line, record)))
    }
}

fn line_breaks(bytes: &[u8]) -> u64 {
    bytes.iter().map(|byte| u64::from(*byte == b'\n')).sum()
}

/// The one of `,` and `;` that stands more often in the header, outside quotation marks.
fn find_delimiter(text: &str) -> u8 {
    let header = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let (mut commas, mut semicolons, mut inside) = (0, 0, false);
    for letter in header.chars() {
        match letter {
            '"' => inside = !inside,
            ',' if !inside => commas += 1,
            ';' if !inside => semicolons += 1,
            _ => {}
        }
    }
    if semicolons > commas { b';' } else { b',' }
}

/// Whether each quotation mark of a record opens a field, closes one or is doubled inside (RFC
/// 4180). A reader that is lenient here would take following rows for a part of one text.
fn quotes_are_closed(record: &[u8], delimiter: u8) -> bool {
    let ends_field = |byte: Option<&u8>| {
        byte.is_none_or(|byte| *byte == delimiter || matches!(byte, b'\r' | b'\n'))
    };
    let mut bytes = record.iter().peekable();
    let (mut at_start, mut inside) = (true, false);
    while let Some(byte) = bytes.next() {
        match (inside, *byte) {
            (true, b'"') if bytes.next_if(|next| **next == b'"').is_some() => {}
            (true, b'"') if ends_field(bytes.peek().copied()) => inside = false,
            (false, b'"') if at_start => inside = true,
            (_, b'"') => return false,
            _ => {}
        }
        at_start = !inside && (*byte == delimiter);
    }
    !inside
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "payout_id,payout_date,currency,entry_id,type,date,amount,description";

    fn read(text: &str) -> Result<Vec<String>, FileError> {
        let file = CsvFile::read(text.as_bytes())?;
        Ok(file.rows().iter().map(|row| row.get().to_owned()).collect())
    }

    #[test]
    fn rows_become_objects_with_their_line() {
        let text =
            format!("{HEADER}\r\npo_1,2026-11-02,GBP,e1,charge,2026-11-01,12.30,\"a, b\"\r\n");
        let expected = r#"{"amount":"12.30","currency":"GBP","date":"2026-11-01","description":"a, b","entry_id":"e1","payout_date":"2026-11-02","payout_id":"po_1","row":"2","type":"charge"}"#;
        assert_eq!(read(&text).unwrap(), [expected]);
        let marked = format!("\u{feff}{text}");
        assert_eq!(read(&marked).unwrap(), [expected]);
        // Semicolons, other line ends, other letters in the header.
        let other = text.replace("\"a, b\"", "<>").replace(',', ";").replace("<>", "a, b");
        let other = other.replace("\r\n", "\n").replace("payout_id", " Payout_ID ");
        assert_eq!(read(&other).unwrap(), [expected]);
        let quoted = other.replace(" Payout_ID ", "\"payout_id\"");
        assert_eq!(read(&quoted).unwrap(), [expected]);
    }

    #[test]
    fn lines_are_counted_through_breaks_and_blanks() {
        for end in ["\n", "\r\n"] {
            let rows = [
                "",
                "a,b,c,d,e,f,g,\"two\nlines\"",
                "",
                "",
                "a,b,c,d,e,f,g,\"x \"\"y\"\"\"",
                ",,,,,,,",
                "1,,,,,,,",
            ];
            let text = format!("{HEADER}{end}{}", rows.join(end));
            let lines: Vec<String> = read(&text)
                .unwrap()
                .iter()
                .map(|row| serde_json::from_str::<serde_json::Value>(row).unwrap())
                .map(|row| row["row"].as_str().unwrap().to_owned())
                .collect();
            assert_eq!(lines, ["3", "7", "9"]);
        }
    }

    #[test]
    fn what_is_missing_is_named() {
        let error = read("payout_id,fee,amount\n").unwrap_err();
        let FileError::MissingColumns { missing } = &error else { panic!("{error:?}") };
        assert_eq!(missing, &["payout_date", "currency", "entry_id", "type", "date"]);
        assert!(error.to_string().contains("`payout_date`, `currency`"), "{error}");
        assert_eq!(read(""), Err(FileError::Empty));
        assert_eq!(read("\u{feff}\n"), Err(FileError::Empty));
        let name = "amount".to_owned();
        assert_eq!(read(&format!("{HEADER},amount")), Err(FileError::DoubleColumn { name }));
        for name in COLUMNS_NEEDED.into_iter().chain(COLUMNS) {
            assert!(HELP.contains(name), "{name}");
        }
    }

    #[test]
    fn rows_that_cannot_be_told_apart_are_refused() {
        let with = |rows: &str| read(&format!("{HEADER}\n{rows}"));
        let good = "a,b,c,d,e,f,g,h\n";
        let fields = |line, found| Err(FileError::Fields { line, found, expected: 8 });
        assert_eq!(with(&format!("{good}a,b\n{good}")), fields(3, 2));
        assert_eq!(with("a,b,c,d,e,f,g,12,30\n"), fields(2, 9));
        let quotes = |line| Err(FileError::Quotes { line });
        assert_eq!(with(&format!("{good}a,b,c,d,e,f,g,\"h\n{good}")), quotes(3));
        assert_eq!(with(&format!("a,b,c,d,e,f,g,5\" disc\n{good}")), quotes(2));
        // Two that are not closed would make one row of three.
        assert_eq!(with(&format!("a,b,c,d,e,f,g,\"h\n{good}a,b,c,d,e,f,\"g,h\n")), quotes(2));
    }

    #[test]
    fn other_encodings_and_floods_are_refused() {
        let mut latin = format!("{HEADER}\na,b,c,d,e,f,g,h\na,b,c,d,e,f,g,").into_bytes();
        latin.extend(b"Z\xfcrich\n");
        assert_eq!(CsvFile::read(&latin).unwrap_err(), FileError::NotUtf8 { line: 3 });
        assert_eq!(CsvFile::read(b"\xff\xfep\0").unwrap_err(), FileError::NotUtf8 { line: 1 });
        let flood = vec![b'a'; FILE_BYTES_MAX + 1];
        assert_eq!(CsvFile::read(&flood).unwrap_err(), FileError::TooLarge);
    }
}
