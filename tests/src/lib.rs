//! Tests from end to end: what they share.

pub mod binary;
pub mod conformance;
pub mod peers;
pub mod pier;
pub mod upstream;
