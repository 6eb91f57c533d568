//! Propose.
