//! Tests of the whole: corpus, contract, end to end, crash and browser. See `tests/it`.
