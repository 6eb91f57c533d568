//! Words in the place of words: the same word always becomes the same other one, of the same shape.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Makes pseudonyms. The key is thrown away with it: nobody can reckon back or try names.
pub(super) struct Pseudonyms {
    key: [u8; 32],
}

impl Pseudonyms {
    pub(super) fn new(key: [u8; 32]) -> Self {
        Self { key }
    }

    /// Every word of a text by another; what stands between them stays. An e-mail address stays
    /// one, with its last label.
    pub(super) fn text(&self, text: &str) -> String {
        let kept_from = match text.split_once('@') {
            Some((_, domain)) if !domain.contains(char::is_whitespace) => {
                text.rfind('.').filter(|at| text.len() - at <= domain.len())
            }
            _ => None,
        };
        let (head, tail) =
            text.split_at_checked(kept_from.unwrap_or(text.len())).unwrap_or((text, ""));
        let mut out = String::with_capacity(text.len());
        for (is_word, piece) in pieces(head) {
            if is_word {
                out.push_str(&self.word(piece));
            } else {
                out.push_str(piece);
            }
        }
        out.push_str(tail);
        out
    }

    /// Another word with as many letters; capitals, small letters and digits where they were.
    fn word(&self, word: &str) -> String {
        let lower = word.to_lowercase();
        for round in 0_u8..8 {
            let made = self.shaped(word, &lower, round);
            if made.to_lowercase() != lower {
                return made;
            }
        }
        String::from("x")
    }

    fn shaped(&self, word: &str, lower: &str, round: u8) -> String {
        let mut made = String::with_capacity(word.len());
        let mut stream = Vec::new();
        let mut block = 0_u32;
        for letter in word.chars() {
            if stream.is_empty() {
                stream = self.block(lower, round, block);
                block += 1;
            }
            let byte = stream.pop().unwrap_or_default();
            made.push(match letter {
                letter if letter.is_numeric() => char::from(b'0' + byte % 10),
                letter if letter.is_uppercase() => char::from(b'A' + byte % 26),
                _ => char::from(b'a' + byte % 26),
            });
        }
        made
    }

    fn block(&self, lower: &str, round: u8, block: u32) -> Vec<u8> {
        // A key of any length will do, so this cannot fail.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.key) else { return Vec::new() };
        mac.update(&[round]);
        mac.update(&block.to_be_bytes());
        mac.update(lower.as_bytes());
        mac.finalize().into_bytes().to_vec()
    }
}

/// A text cut into words and what stands between them.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = (bool, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let is_word = rest.chars().next()?.is_alphanumeric();
        let end = rest.find(|letter: char| letter.is_alphanumeric() != is_word);
        let (piece, behind) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        rest = behind;
        Some((is_word, piece))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pseudonyms_are_stable_and_keep_their_shape() {
        let names = Pseudonyms::new([7; 32]);
        let whole = names.text("Louise O'Hara-Müller");
        let parts = format!("{} {}", names.text("Louise"), names.text("O'Hara-Müller"));
        assert_eq!(whole, parts, "a name is the sum of its parts");
        assert_eq!(names.text("LOUISE").to_lowercase(), names.text("louise"));
        assert_ne!(names.text("louise"), "louise");
        assert_ne!(Pseudonyms::new([8; 32]).text("louise"), names.text("louise"));
        let email = names.text("louise.m@example.co.uk");
        assert_eq!(email.rsplit('.').next(), Some("uk"), "{email}");
        assert_eq!(email.matches('@').count(), 1, "{email}");
        assert_eq!(email.len(), "louise.m@example.co.uk".len());
        let postcode = names.text("SW1A 2AA");
        let shape = |text: &str| -> String {
            text.chars()
                .map(|c| {
                    if c.is_ascii_digit() {
                        '9'
                    } else if c == ' ' {
                        ' '
                    } else {
                        'A'
                    }
                })
                .collect()
        };
        assert_eq!(shape(&postcode), "AA9A 9AA");
        let long = "x".repeat(300);
        assert_eq!(names.text(&long).len(), 300);
        assert_eq!(names.text("–, -"), "–, -");
    }
}
