//! The binary itself: exit codes, streams, formats, and that no secret leaves it.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

mod directions;
#[cfg(unix)]
mod drydock;
mod formats;
#[cfg(unix)]
mod interrupts;
mod libraries;
mod places;
mod plans;
mod prunes;
mod releases;
mod safety;
mod sandbox;
mod schema;
mod secrets;
mod staging;
mod stale;
mod usage;
mod verify;
mod winget;
