//! A container of Azure Blob Storage, reached by the official SDK over a shared [`Connection`](longshore_azure::Connection).
//!
//! Calls go through the clients of `azure_storage_blob`, but for three that have requests of their own through the same
//! pipeline: the listing (see `docs/adr/0004-own-list-request.md`), the reading of bodies, the writes that carry content,
//! and deletes in batches. Retries, limits and signatures are those of the connection; the one thing tried again here is
//! a body that breaks while it is read, which no pipeline can.

mod batch_answer;
mod block_list;
mod body;
mod copy;
mod delete;
mod errors;
mod headers;
mod list;
mod list_page;
mod store;
mod write;

pub use store::AzureStore;
