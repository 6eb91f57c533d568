//! The text of the last panic, so that a trap can be explained after it happened.
//!
//! The module is built with `panic = "abort"`: a panic ends in an `unreachable` trap that says
//! nothing. The hook below writes the text down first, without any import.

use std::panic;
use std::sync::{Mutex, Once, PoisonError};

static LAST: Mutex<String> = Mutex::new(String::new());
static HOOK: Once = Once::new();

/// Makes every later panic leave its text for [`last`].
pub fn keep() {
    HOOK.call_once(|| {
        panic::set_hook(Box::new(|info| {
            // A panic inside the lock must not wait for itself.
            if let Ok(mut last) = LAST.try_lock() {
                *last = info.to_string();
            }
        }));
    });
}

/// The text of the last panic, empty when there was none.
#[must_use]
pub fn last() -> String {
    LAST.lock().unwrap_or_else(PoisonError::into_inner).clone()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_leaves_its_text() {
        keep();
        let caught = panic::catch_unwind(|| panic!("asked to"));
        assert!(caught.is_err());
        assert!(last().contains("asked to"), "{}", last());
        assert!(last().contains("panic_text.rs"), "{}", last());
    }
}
