//! Libraries from the vendor's server to the build VM, with the real binary between two servers that a test can spoil.
//!
//! Whatever goes wrong, whoever consumes a library sees one release, whole and right.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

#[path = "library/checks.rs"]
mod checks;
#[path = "library/consumer.rs"]
mod consumer;
#[path = "library/consumers.rs"]
mod consumers;
#[path = "library/gate.rs"]
mod gate;
#[path = "library/kills.rs"]
mod kills;
#[path = "library/operators.rs"]
mod operators;
#[path = "library/repeats.rs"]
mod repeats;
#[path = "library/republished.rs"]
mod republished;
#[path = "library/secrets.rs"]
mod secrets;
#[path = "library/stand_in.rs"]
mod stand_in;
#[path = "library/vendors.rs"]
mod vendors;
#[path = "library/winget.rs"]
mod winget;
#[path = "library/world.rs"]
mod world;
