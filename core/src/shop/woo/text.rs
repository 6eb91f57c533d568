//! Names as WooCommerce stores them hold HTML; Xero shows text as it is.

use alloc::string::String;

/// The named entities that WordPress itself writes into titles and item meta.
const ENTITIES: [(&str, char); 16] = [
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("times", '×'),
    ("hellip", '…'),
    ("ndash", '–'),
    ("mdash", '—'),
    ("lsquo", '‘'),
    ("rsquo", '’'),
    ("ldquo", '“'),
    ("rdquo", '”'),
    ("euro", '€'),
    ("pound", '£'),
];

/// The longest entity that is looked for; a lone `&` stays what it is.
const ENTITY_BYTES_MAX: usize = 10;

/// Plain text of a name: tags dropped, entities read, white space and control characters folded.
#[must_use]
pub fn plain_text(html: &str) -> String {
    let mut plain = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(letter) = rest.chars().next() {
        let taken = match letter {
            '<' => tag_length(rest),
            '&' => entity(rest).map(|(decoded, length)| {
                push_folded(&mut plain, decoded);
                length
            }),
            _ => None,
        };
        let length = taken.unwrap_or_else(|| {
            push_folded(&mut plain, letter);
            letter.len_utf8()
        });
        rest = rest.get(length..).unwrap_or_default();
    }
    plain.truncate(plain.trim_end().len());
    plain
}

fn push_folded(plain: &mut String, letter: char) {
    if letter.is_whitespace() || letter.is_control() {
        if !plain.is_empty() && !plain.ends_with(' ') {
            plain.push(' ');
        }
    } else {
        plain.push(letter);
    }
}

/// Length of a tag at the start; `None` for a bare `<` such as in `a < b`.
fn tag_length(text: &str) -> Option<usize> {
    let opens = text.as_bytes().get(1)?;
    if !(opens.is_ascii_alphabetic() || *opens == b'/') {
        return None;
    }
    text.find('>').map(|end| end + 1)
}

fn entity(text: &str) -> Option<(char, usize)> {
    let end = text.bytes().take(ENTITY_BYTES_MAX + 2).position(|byte| byte == b';')?;
    let name = text.get(1..end)?;
    let decoded = if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        char::from_u32(code)?
    } else {
        ENTITIES.iter().find(|(known, _)| *known == name)?.1
    };
    Some((decoded, end + 1))
}
