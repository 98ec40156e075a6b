//! Whole runs of the engine over the memory store.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod changes;
mod common;
mod copies;
mod delete;
mod ends;
mod history;
mod immutable;
mod list;
mod prune;
mod safety;
mod source;
mod stale;
mod upload;
mod verify;
