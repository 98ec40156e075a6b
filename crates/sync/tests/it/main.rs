//! Whole runs of the engine over the memory store.

mod common;
mod delete;
mod source;
mod upload;
