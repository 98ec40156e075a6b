//! Where bytes live: one trait for blob stores, the stores behind it, and decorators around them.
//!
//! [`BlobStore`] is the port through which the engine sees the world: few methods, an options struct each, object-safe.
//! Names are checked once, by [`BlobName`]; listings are streams of pages that carry metadata, so that nobody asks for
//! a blob's digest twice.
//!
//! Behind it stand [`AzureStore`], [`DirectoryStore`] and [`MemoryStore`]; around any of them go
//! [`LimitStore`], [`FaultStore`] and [`CountStore`].

mod azure;
mod blob;
mod block;
mod copy;
mod decorate;
mod directory;
mod error;
mod etag;
mod memory;
mod metadata;
mod name;
mod options;
mod rules;
mod store;

pub use azure::AzureStore;
pub use blob::{BlobProperties, BlobRead, ListPage, ListedBlob, ListingOrder, Written};
pub use block::{BlockList, BlockName, BlockNameError, ListedBlock};
pub use copy::{BATCH_LIMIT, CopySource, MAX_PUT_FROM, MAX_STAGE_FROM};
pub use decorate::{
    CountStore, Counts, Fault, FaultError, FaultKind, FaultStore, FaultWhen, LimitStore, Operation,
};
pub use directory::{DirectoryError, DirectoryStore};
pub use error::StoreError;
pub use etag::ETag;
pub use memory::MemoryStore;
pub use metadata::{BLAKE3_KEY, Metadata, MetadataError, SHA256_KEY};
pub use name::{BlobName, MAX_NAME_CHARS, MAX_NAME_SEGMENTS, NameError};
pub use options::{
    BlockListKind, Condition, ContentType, DeleteOptions, GetOptions, ListOptions,
    MAX_CHECKED_RANGE, SetMetadataOptions, StageOptions, WriteOptions,
};
pub use rules::BlockLimits;
pub use store::{BlobStore, BlobStoreExt};
