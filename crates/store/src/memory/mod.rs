//! A container in memory, with the semantics of the service: for tests, and for dry runs against nothing.

mod state;
mod store;

pub use store::MemoryStore;
