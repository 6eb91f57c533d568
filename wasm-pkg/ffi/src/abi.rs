//! The C interface; `include/tillbook.h` says the same.
//!
//! Texts are bytes with a length. What a call gives back belongs to the caller, who returns it
//! with [`tillbook_text_free`].
#![expect(unsafe_code, reason = "C passes pointers")]

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;
use std::slice;

use crate::engine::{Core, Failure, SHA256};

/// Version of this interface.
pub const VERSION: u32 = 1;

/// A text that the caller gives back.
#[repr(C)]
#[derive(Debug)]
pub struct Text {
    /// Where it begins.
    pub bytes: *mut u8,
    /// How long it is.
    pub length: usize,
    /// 1 for a reply, 0 for a failure: a word, a line break, a sentence.
    pub ok: u32,
}

impl Text {
    fn new(bytes: Vec<u8>, ok: bool) -> Self {
        let bytes = bytes.into_boxed_slice();
        let length = bytes.len();
        Self { bytes: Box::into_raw(bytes).cast(), length, ok: u32::from(ok) }
    }

    fn failure(failure: &Failure) -> Self {
        Self::new(format!("{}\n{failure}", failure.code()).into_bytes(), false)
    }

    fn panic(panic: &(dyn Any + Send)) -> Self {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| String::from(*text))
            .or_else(|| panic.downcast_ref::<String>().cloned())
            .unwrap_or_default();
        Self::new(format!("sandbox.trapped\nthe library stopped: {text}").into_bytes(), false)
    }
}

/// The version of this interface, [`VERSION`].
#[unsafe(no_mangle)]
pub extern "C" fn tillbook_ffi_version() -> u32 {
    VERSION
}

/// The SHA-256 of the module in hex, empty without one.
#[unsafe(no_mangle)]
pub extern "C" fn tillbook_sha256() -> Text {
    Text::new(SHA256.as_bytes().to_vec(), true)
}

/// Loads the module. On success `core` gets a handle and the text is empty.
///
/// # Safety
/// `core` must point to a place for one pointer.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tillbook_open(core: *mut *mut Core) -> Text {
    let (handle, text) = match catch_unwind(Core::embedded) {
        Ok(Ok(core)) => (Box::into_raw(Box::new(core)), Text::new(Vec::new(), true)),
        Ok(Err(failure)) => (ptr::null_mut(), Text::failure(&failure)),
        Err(panic) => (ptr::null_mut(), Text::panic(panic.as_ref())),
    };
    // SAFETY: the caller promises a place for one pointer.
    unsafe { core.write(handle) };
    text
}

/// Runs one operation in a fresh instance.
///
/// # Safety
/// `core` must come from [`tillbook_open`]; each pair must describe readable bytes.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tillbook_call(
    core: *const Core,
    operation: *const u8,
    operation_length: usize,
    request: *const u8,
    request_length: usize,
) -> Text {
    // SAFETY: the caller promises a handle of ours and that many readable bytes at each place.
    let (core, operation, request) = unsafe {
        (core.as_ref(), bytes(operation, operation_length), bytes(request, request_length))
    };
    let Some(core) = core else {
        return Text::failure(&Failure::Empty);
    };
    match catch_unwind(AssertUnwindSafe(|| core.call(operation, request))) {
        Ok(Ok(reply)) => Text::new(reply, true),
        Ok(Err(failure)) => Text::failure(&failure),
        Err(panic) => Text::panic(panic.as_ref()),
    }
}

/// Gives a text back.
///
/// # Safety
/// `text` must come from this library and be given back once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tillbook_text_free(text: Text) {
    if !text.bytes.is_null() {
        // SAFETY: the caller promises that this is a whole text of ours.
        drop(unsafe { Box::from_raw(ptr::slice_from_raw_parts_mut(text.bytes, text.length)) });
    }
}

/// Closes what [`tillbook_open`] gave.
///
/// # Safety
/// `core` must come from [`tillbook_open`] and be closed once.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn tillbook_close(core: *mut Core) {
    if !core.is_null() {
        // SAFETY: the caller promises that this is a handle of ours.
        drop(unsafe { Box::from_raw(core) });
    }
}

/// # Safety
/// There must be `length` readable bytes at `start`, unless `length` is 0.
unsafe fn bytes<'a>(start: *const u8, length: usize) -> &'a [u8] {
    if start.is_null() || length == 0 {
        return &[];
    }
    // SAFETY: as above.
    unsafe { slice::from_raw_parts(start, length) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(text: Text) -> (bool, String) {
        // SAFETY: the text is ours, and is given back below.
        let said = unsafe { bytes(text.bytes, text.length) }.to_vec();
        let ok = text.ok == 1;
        // SAFETY: once.
        unsafe { tillbook_text_free(text) };
        (ok, String::from_utf8(said).unwrap())
    }

    #[test]
    fn without_a_handle_there_is_a_failure_and_no_crash() {
        // SAFETY: a null handle and empty texts are allowed for.
        let text = unsafe { tillbook_call(ptr::null(), ptr::null(), 0, ptr::null(), 0) };
        let (ok, said) = take(text);
        assert!(!ok);
        assert!(said.starts_with("sandbox.compile\n"), "{said}");
        // SAFETY: null may be closed.
        unsafe { tillbook_close(ptr::null_mut()) };
    }

    #[test]
    fn a_panic_becomes_a_text() {
        let panic = catch_unwind(|| panic!("asked to")).unwrap_err();
        let (ok, said) = take(Text::panic(panic.as_ref()));
        assert!(!ok);
        assert_eq!(said, "sandbox.trapped\nthe library stopped: asked to");
    }

    #[test]
    fn without_a_module_it_says_so() {
        let mut core = ptr::null_mut();
        // SAFETY: there is a place for one pointer.
        let (ok, said) = take(unsafe { tillbook_open(&raw mut core) });
        assert_eq!(ok, !crate::engine::CWASM.is_empty(), "{said}");
        assert_eq!(ok, !core.is_null());
        // SAFETY: ours, or null.
        unsafe { tillbook_close(core) };
    }
}
