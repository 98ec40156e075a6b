//! The protocol as a client sees it, in plain HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod blobs;
mod blocks;
mod conditions;
mod containers;
mod faults;
mod integrity;
mod listing;
mod restart;
mod yard;
