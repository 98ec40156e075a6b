//! winget's manifests, read and written: real ones, made-up ones and hostile ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

mod export;
mod hostile;
mod import;
mod insert;
mod round_trip;
mod support;
mod wrong;
