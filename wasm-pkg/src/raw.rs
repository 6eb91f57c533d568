//! Face for any WebAssembly runtime: wasmtime, PHP, a database, another language.
//!
//! Texts are UTF-8 in linear memory. The caller owns every buffer: it asks for one with
//! [`tillbook_alloc`], writes, calls, reads the answer, and gives each one back with
//! [`tillbook_free`]. After a trap the instance must be dropped; [`tillbook_panic`] still answers.
#![expect(unsafe_code, reason = "the raw face passes pointers into linear memory")]

use core::ptr;
use core::slice;

use crate::panic_text;

/// Version of this face; it changes only when an export changes its shape or meaning.
pub const ABI_VERSION: u32 = 1;

/// The version of this face, [`ABI_VERSION`].
#[unsafe(no_mangle)]
pub extern "C" fn tillbook_abi_version() -> u32 {
    ABI_VERSION
}

/// Reserves `len` bytes for the caller to write into; null when there is no memory left.
#[unsafe(no_mangle)]
pub extern "C" fn tillbook_alloc(len: usize) -> *mut u8 {
    // Every caller comes here first.
    panic_text::keep();
    let mut bytes: Vec<u8> = Vec::new();
    if bytes.try_reserve_exact(len).is_err() {
        return ptr::null_mut();
    }
    bytes.resize(len, 0);
    Box::into_raw(bytes.into_boxed_slice()).cast()
}

/// Gives back a buffer from [`tillbook_alloc`], [`tillbook_call`] or [`tillbook_panic`].
///
/// # Safety
/// `ptr` and `len` must be those of one such buffer, given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tillbook_free(ptr: *mut u8, len: usize) {
    // SAFETY: the caller promises that this is a whole buffer of ours.
    drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(ptr, len)) });
}

/// Runs one operation and returns the reply's text as `ptr << 32 | len`.
///
/// Both buffers stay the caller's. Bytes that are not UTF-8 get an error reply.
///
/// # Safety
/// Each pair must describe bytes written into a buffer from [`tillbook_alloc`].
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tillbook_call(
    operation_ptr: *const u8,
    operation_len: usize,
    request_ptr: *const u8,
    request_len: usize,
) -> u64 {
    // SAFETY: the caller promises that many readable bytes at each place.
    let (operation, request) = unsafe {
        (
            slice::from_raw_parts(operation_ptr, operation_len),
            slice::from_raw_parts(request_ptr, request_len),
        )
    };
    hand_over(answer(operation, request))
}

/// The text of the last panic as `ptr << 32 | len`, for after a trap; length 0 when none.
#[unsafe(no_mangle)]
pub extern "C" fn tillbook_panic() -> u64 {
    hand_over(panic_text::last())
}

fn answer(operation: &[u8], request: &[u8]) -> String {
    match (str::from_utf8(operation), str::from_utf8(request)) {
        (Ok(operation), Ok(request)) => tillbook_core::call(operation, request),
        (Err(error), _) => refuse("operation", error.valid_up_to()),
        (_, Err(error)) => refuse("request", error.valid_up_to()),
    }
}

/// The core's door takes text, so it cannot say this itself.
fn refuse(what: &str, offset: usize) -> String {
    format!(
        r#"{{"error":{{"code":"core.not_utf8","message":"the {what} is not UTF-8: byte {offset} cannot be read"}}}}"#
    )
}

/// Leaves a text to the caller, packed for a return value of one number.
fn hand_over(text: String) -> u64 {
    let bytes = text.into_bytes().into_boxed_slice();
    let len = bytes.len() as u64;
    let address = Box::into_raw(bytes).cast::<u8>().addr() as u64;
    (address << 32) | len
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_get_an_error_reply() {
        assert_eq!(
            answer(b"map", b"{\"a\":\xff}"),
            r#"{"error":{"code":"core.not_utf8","message":"the request is not UTF-8: byte 5 cannot be read"}}"#
        );
        assert!(answer(b"\xc3", b"{}").contains("the operation is not UTF-8: byte 0"));
    }

    #[test]
    fn text_goes_through_the_door() {
        assert_eq!(answer(b"map", b"{}"), tillbook_core::call("map", "{}"));
    }

    #[test]
    fn a_buffer_can_be_taken_and_given_back() {
        for len in [0, 1, 4096] {
            let ptr = tillbook_alloc(len);
            assert!(!ptr.is_null());
            // SAFETY: taken on the line above, given back once.
            unsafe { tillbook_free(ptr, len) };
        }
        assert!(tillbook_alloc(usize::MAX).is_null());
    }
}
