//! Faults that are put in on purpose, so that the simulation can show that it would find them. They
//! are there only with the feature `sabotage`, which no shipped program has.

/// A fault that is put in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sabotage {
    /// None.
    #[default]
    None,
    /// What may have been done is sent again under a new key, and nobody looks.
    NoLookUp,
    /// A worker whose lease was taken over writes on.
    NoLeaseCheck,
    /// What is sent is written down, with its key, only after it was sent.
    JournalAfterSend,
    /// A process that stood still between writing down and sending sends all the same.
    SendHoweverLate,
}
