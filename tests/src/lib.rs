//! Tests from end to end: what they share.

pub mod conformance;
