//! Measures the module as it travels, and holds it to a budget.

use std::io::Write;

use crate::error::BuildError;

/// What the module may take on the wire, compressed with brotli at level 11.
pub const BROTLI_BYTES_MAX: usize = 300_000;

/// Sizes of one file in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// As it is.
    pub raw: usize,
    /// With gzip at level 9.
    pub gzip: usize,
    /// With brotli at level 11.
    pub brotli: usize,
}

/// Measures `bytes`; takes a second or two, so it is not part of every build.
#[must_use]
pub fn measure(bytes: &[u8]) -> Size {
    let mut gzip = flate2::write::GzEncoder::new(Counter(0), flate2::Compression::best());
    let gzip = gzip.write_all(bytes).and_then(|()| gzip.finish()).map_or(0, |counter| counter.0);
    let mut brotli = brotli::CompressorWriter::new(Counter(0), 4096, 11, 22);
    let brotli = if brotli.write_all(bytes).is_ok() { brotli.into_inner().0 } else { 0 };
    Size { raw: bytes.len(), gzip, brotli }
}

/// Refuses a module that has outgrown [`BROTLI_BYTES_MAX`].
///
/// # Errors
/// [`BuildError::OverBudget`].
pub fn check_budget(size: Size) -> Result<(), BuildError> {
    if size.brotli > BROTLI_BYTES_MAX {
        return Err(BuildError::OverBudget { brotli: size.brotli, max: BROTLI_BYTES_MAX });
    }
    Ok(())
}

/// Counts what is written and keeps none of it; writing never fails.
struct Counter(usize);

impl Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compression_makes_repetition_small() {
        let size = measure(&b"tillbook".repeat(1000));
        assert_eq!(size.raw, 8000);
        assert!((20..200).contains(&size.gzip), "{size:?}");
        assert!((10..100).contains(&size.brotli), "{size:?}");
    }

    #[test]
    fn a_module_over_the_budget_is_refused() {
        let size = Size { raw: 0, gzip: 0, brotli: BROTLI_BYTES_MAX };
        assert!(check_budget(size).is_ok());
        let error = check_budget(Size { brotli: BROTLI_BYTES_MAX + 1, ..size }).unwrap_err();
        assert!(matches!(error, BuildError::OverBudget { .. }), "{error}");
    }
}
