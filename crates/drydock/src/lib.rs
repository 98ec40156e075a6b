//! Drydock: an honest stand-in for Azure Blob Storage on loopback, for trying things out, for tests and for benches.
//!
//! It answers as the service's documents say: it checks signatures and conditions, computes checksums, refuses what the
//! service refuses and under the same codes. Data live in a directory, survive a kill, and are never held in memory. It
//! can be told to fail ([`Control`]), and counts what it is asked ([`Counters`]).
//!
//! A request goes through these modules, in this order: `server` (connections) → `call`, `target`, `operation` (what is
//! asked) → `control` (does it fail on purpose) → `auth` (who asks) → `intake` (the body), or `sources` for a copy → `operations` (what happens) →
//! `storage` (index, journal, content) → `answer` and `body` (what goes back).
//!
//! Nothing here knows another crate of Longshore.

mod answer;
mod auth;
mod body;
mod call;
mod checksum;
mod conditions;
mod control;
mod drydock;
mod error;
mod examples;
mod failure;
mod intake;
mod key;
mod operation;
mod operations;
mod options;
mod range;
mod reading;
mod sas;
mod seeding;
mod server;
mod sources;
mod storage;
mod target;
mod time;
mod xml;

pub use control::{
    Control, Counters, Fault, FaultAction, FaultId, OperationCounters, PlannedFault,
};
pub use drydock::Drydock;
pub use error::DrydockError;
pub use key::{AccountKey, DEFAULT_NAME as DEFAULT_ACCOUNT};
pub use operation::Operation;
pub use options::DrydockOptions;
pub use sas::{SasToken, account_sas, container_sas};
pub use seeding::Seed;
