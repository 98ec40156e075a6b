//! The binary itself: exit codes, streams, formats, and that no secret leaves it.

#![expect(clippy::unwrap_used, reason = "a helper that fails fails its test")]

#[cfg(unix)]
mod drydock;
mod formats;
#[cfg(unix)]
mod interrupts;
mod places;
mod sandbox;
mod secrets;
mod staging;
mod usage;
