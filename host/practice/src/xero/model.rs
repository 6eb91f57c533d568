//! What an organisation holds.

pub mod chart;
pub mod contact;
pub mod document;
pub mod item;
pub mod organisation;
pub mod posting;
pub mod shelf;
