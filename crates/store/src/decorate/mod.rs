//! Stores around stores: how many calls run at once, which of them fail, how many there were.
//!
//! Each forwards every method of [`BlobStore`](crate::BlobStore), which a lint makes sure of.

mod count;
mod fault;
mod limit;
mod operation;
mod shared;

pub use count::{CountStore, Counts};
pub use fault::{Fault, FaultError, FaultKind, FaultStore, FaultWhen};
pub use limit::LimitStore;
pub use operation::Operation;
