//! A request to the core without what names people, and which the core still reads alike.
//!
//! What is known to be harmless is kept; everything else that a shop or Xero says of people becomes
//! another word of the same shape, the same one wherever it stands. Amounts, rates, dates and codes
//! stay to the last digit: texts are rewritten, numbers are copied.

mod rules;

use std::{collections::BTreeMap, collections::BTreeSet, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::pseudonym::{Pseudonyms, pieces};
use rules::{Verdict, Zone};

/// Shorter texts are not looked for inside others: they would be found everywhere.
const KNOWN_CHARS_MIN: usize = 4;

/// How the core names a guest: this and a hash of the e-mail address.
const GUEST: &str = "guest-";
const GUEST_HASH_CHARS: usize = 16;

/// A request cannot be redacted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RedactError {
    /// It is no JSON.
    #[error("the request cannot be read: {0}")]
    Json(#[from] serde_json::Error),
    /// The machine gives no random numbers.
    #[error("no random key can be made: {0}")]
    Random(String),
}

/// Takes what is personal out of requests.
pub struct Redactor {
    names: Pseudonyms,
    /// Texts of the settings: what a person chose for the books stays.
    kept: BTreeSet<String>,
    /// What was found where people are named, by its first word, as words in small letters.
    known: BTreeMap<String, BTreeSet<Vec<String>>>,
    /// The hashes by which guests are known, and those of their pseudonyms.
    guests: BTreeMap<String, String>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redactor").field("known", &self.known.len()).finish_non_exhaustive()
    }
}

impl Redactor {
    /// With a key of its own, which is thrown away with it.
    ///
    /// # Errors
    /// [`RedactError::Random`].
    pub fn new() -> Result<Self, RedactError> {
        let mut key = [0; 32];
        getrandom::fill(&mut key).map_err(|error| RedactError::Random(error.to_string()))?;
        Ok(Self::with_key(key))
    }

    /// With this key, for tests.
    #[must_use]
    pub fn with_key(key: [u8; 32]) -> Self {
        let (kept, known, guests) = (BTreeSet::new(), BTreeMap::new(), BTreeMap::new());
        Self { names: Pseudonyms::new(key), kept, known, guests }
    }

    /// Notes who is named in a request: elsewhere the same names are found again.
    ///
    /// # Errors
    /// [`RedactError::Json`].
    pub fn learn(&mut self, request: &str) -> Result<(), RedactError> {
        let (mut kept, mut found) = (Vec::new(), Vec::new());
        let mut note = |verdict: Verdict, text: &str| {
            match verdict {
                Verdict::Setting => kept.push(text.to_owned()),
                Verdict::Person => found.push(text.to_owned()),
                _ => {}
            }
            None
        };
        walk(Zone::Own, "", serde_json::from_str(request)?, &mut note, &mut String::new())?;
        self.kept.extend(kept);
        for text in found {
            self.note(&text);
            if text.contains('@') {
                let pseudonym = self.names.text(&text);
                self.guests.insert(guest_hash(&text), guest_hash(&pseudonym));
            }
        }
        Ok(())
    }

    /// The request with pseudonyms.
    ///
    /// # Errors
    /// [`RedactError::Json`].
    pub fn redact(&self, request: &str) -> Result<String, RedactError> {
        let mut out = String::with_capacity(request.len());
        let mut change = |verdict: Verdict, text: &str| self.change(verdict, text);
        walk(Zone::Own, "", serde_json::from_str(request)?, &mut change, &mut out)?;
        Ok(out)
    }

    fn note(&mut self, text: &str) {
        let words: Vec<String> = words(text).map(str::to_lowercase).collect();
        let letters: usize = words.iter().map(|word| word.chars().count()).sum();
        let Some(first) = words.first().cloned() else { return };
        if letters >= KNOWN_CHARS_MIN && !self.kept.contains(text) {
            self.known.entry(first).or_default().insert(words);
        }
    }

    /// What a text becomes; `None` where it stays.
    fn change(&self, verdict: Verdict, text: &str) -> Option<String> {
        let changed = self.judged(verdict, text);
        let given = changed.as_deref().unwrap_or(text);
        match given.split_once(GUEST) {
            Some((before, hash)) if verdict != Verdict::Setting => {
                let hash = self.guests.get(hash).cloned().unwrap_or_else(|| self.names.text(hash));
                Some(format!("{before}{GUEST}{hash}"))
            }
            _ => changed,
        }
    }

    fn judged(&self, verdict: Verdict, text: &str) -> Option<String> {
        let stays = rules::is_amount(text) || text.is_empty() || self.kept.contains(text);
        match verdict {
            Verdict::Keep | Verdict::Setting => None,
            Verdict::Number => Some(digits(self.names.text(text))),
            Verdict::Hidden => (!text.is_empty()).then(|| self.names.text(text)),
            Verdict::Person => (!self.kept.contains(text)).then(|| self.names.text(text)),
            Verdict::Meta => (!stays && !rules::is_flag(text)).then(|| self.names.text(text)),
            Verdict::Free => (!stays).then(|| self.clean(text, true)),
            Verdict::Code => (!stays && !rules::is_uuid(text)).then(|| self.clean(text, false)),
        }
    }

    /// A text with pseudonyms for what is known of people, if `people`, and for what looks like a
    /// gateway's name for something.
    fn clean(&self, text: &str, people: bool) -> String {
        let pieces: Vec<(bool, &str)> = pieces(text).collect();
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        while let Some((is_word, piece)) = pieces.get(at) {
            let known = if *is_word && people { self.known_at(pieces.get(at..)) } else { 0 };
            if known > 0 {
                let found = pieces.get(at..at + known).unwrap_or_default();
                out.push_str(&self.names.text(&found.iter().map(|one| one.1).collect::<String>()));
                at += known;
                continue;
            }
            if *is_word && rules::is_opaque(piece) {
                out.push_str(&self.names.text(piece));
            } else {
                out.push_str(piece);
            }
            at += 1;
        }
        out
    }

    /// How many pieces, from the first on, are something known; the most that are.
    fn known_at(&self, pieces: Option<&[(bool, &str)]>) -> usize {
        let pieces = pieces.unwrap_or_default();
        let Some((_, first)) = pieces.first() else { return 0 };
        let Some(known) = self.known.get(&first.to_lowercase()) else { return 0 };
        let mut longest = 0;
        for words in known {
            let mut rest = words.iter();
            let mut next = rest.next();
            for (at, (is_word, piece)) in pieces.iter().enumerate() {
                let Some(word) = next else { break };
                if !is_word {
                    continue;
                }
                if piece.to_lowercase() != *word {
                    break;
                }
                next = rest.next();
                if next.is_none() {
                    longest = longest.max(at + 1);
                }
            }
        }
        longest
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    pieces(text).filter_map(|(is_word, piece)| is_word.then_some(piece))
}

/// The hash by which the core knows a guest again.
fn guest_hash(email: &str) -> String {
    let hash = hex::encode(Sha256::digest(email.trim().to_ascii_lowercase()));
    hash.get(..GUEST_HASH_CHARS).unwrap_or_default().to_owned()
}

/// A number does not begin with a nought.
fn digits(text: String) -> String {
    match text.strip_prefix('0') {
        Some(rest) if !rest.is_empty() => format!("1{rest}"),
        _ => text,
    }
}

/// The fields of an object, in their order.
struct Fields<'a>(Vec<(String, &'a RawValue)>);

impl<'de: 'a, 'a> Deserialize<'de> for Fields<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;
        impl<'de> Visitor<'de> for Reader {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut fields = Vec::new();
                while let Some(field) = map.next_entry()? {
                    fields.push(field);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Reader)
    }
}

/// Copies a value; every text, and every number where people may be numbers, goes by `change`.
fn walk(
    zone: Zone,
    key: &str,
    raw: &RawValue,
    change: &mut impl FnMut(Verdict, &str) -> Option<String>,
    out: &mut String,
) -> Result<(), serde_json::Error> {
    let text = raw.get();
    match text.bytes().next() {
        Some(b'{') => {
            let fields: Fields<'_> = serde_json::from_str(text)?;
            let zone = zone.of_object(&fields.0);
            out.push('{');
            for (at, (name, value)) in fields.0.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                out.push_str(&serde_json::to_string(name)?);
                out.push(':');
                walk(zone.enter(name), name, value, change, out)?;
            }
            out.push('}');
        }
        Some(b'[') => {
            let list: Vec<&RawValue> = serde_json::from_str(text)?;
            out.push('[');
            for (at, value) in list.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                walk(zone, key, value, change, out)?;
            }
            out.push(']');
        }
        Some(b'"') => {
            let value: String = serde_json::from_str(text)?;
            match change(zone.judge(key, &value), &value) {
                Some(changed) => out.push_str(&serde_json::to_string(&changed)?),
                None => out.push_str(text),
            }
        }
        Some(b'-' | b'0'..=b'9') => {
            let changed = zone.judge_number(key, text).and_then(|verdict| change(verdict, text));
            out.push_str(changed.as_deref().unwrap_or(text));
        }
        _ => out.push_str(text),
    }
    Ok(())
}
