//! Names compared without regard to case, width, accents and blanks.
//!
//! By small tables for Latin, Greek and Cyrillic letters: Unicode's own are a tenth of the module.
//! What is not in them compares as it is.

use alloc::string::String;

/// Base letters of U+00C0 to U+017F; `.` stands for what is none.
const LATIN: &str = "aaaaaaaceeeeiiii\
    dnooooo.ouuuuyts\
    aaaaaaaceeeeiiii\
    dnooooo.ouuuuyty\
    aaaaaaccccccccdd\
    ddeeeeeeeeeegggg\
    gggghhhhiiiiiiii\
    iiiijjkkklllllll\
    lllnnnnnnnnnoooo\
    oooorrrrrrssssss\
    ssttttttuuuuuuuu\
    uuuuwwyyyzzzzzzs";

/// A text as it is compared.
pub(super) fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for letter in text.chars() {
        // A combining accent follows the letter that it stands on.
        if ('\u{300}'..='\u{36f}').contains(&letter) {
            continue;
        }
        let letter = narrow(letter);
        if letter.is_alphanumeric() {
            folded.push(base(letter));
        }
    }
    folded
}

/// The usual width of a letter that is as wide as a Chinese one.
fn narrow(letter: char) -> char {
    match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(letter) - 0xfee0).unwrap_or(letter),
        other => other,
    }
}

fn base(letter: char) -> char {
    let moved = |by: u32| char::from_u32(u32::from(letter) + by).unwrap_or(letter);
    match letter {
        'A'..='Z' => letter.to_ascii_lowercase(),
        '\u{c0}'..='\u{17f}' => {
            let at = usize::try_from(u32::from(letter) - 0xc0).unwrap_or_default();
            let found = LATIN.as_bytes().get(at).map(|byte| char::from(*byte));
            found.filter(|found| *found != '.').unwrap_or(letter)
        }
        '\u{391}'..='\u{3a9}' | '\u{410}'..='\u{42f}' => moved(32),
        '\u{400}'..='\u{40f}' => moved(80),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_place_for_each_letter() {
        assert_eq!(LATIN.len(), 0x180 - 0xc0);
    }

    #[test]
    fn case_width_accents_and_blanks_do_not_matter() {
        for (one, other) in [
            ("Zoë  O'Neil", "zoe oneil"),
            ("ＡＣＭＥ Ｌｔｄ．", "Acme Ltd"),
            ("Łódź Żółw", "lodz zolw"),
            ("Cafe\u{301}", "CAFÉ"),
            ("Ærø Straße", "aro strase"),
            ("ΑΘΗΝΑ", "αθηνα"),
            ("МОСКВА Ёлка", "москва ёлка"),
            ("Şahin Ğül Čapek Ňuk Ůr Ž", "sahin gul capek nuk ur z"),
        ] {
            assert_eq!(fold(one), fold(other), "{one}");
        }
    }

    #[test]
    fn different_names_stay_different() {
        assert_ne!(fold("Ada King"), fold("Ada Kling"));
        assert_eq!(fold("山田 太郎"), "山田太郎");
    }
}
