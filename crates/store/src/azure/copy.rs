//! Copies that the service makes on its own.
#![expect(clippy::unused_async, reason = "not written yet")]

use std::ops::Range;

use super::store::Container;
use crate::{BlobName, BlockName, CopySource, ETag, StoreError, WriteOptions, Written};

/// How others may read a blob of this container.
pub(super) async fn source(
    _container: &Container,
    _name: &BlobName,
    _version: Option<&ETag>,
) -> Result<CopySource, StoreError> {
    Err(StoreError::Unsupported { what: "copies" })
}

/// Writes a whole blob.
pub(super) async fn put(
    _container: &Container,
    name: &BlobName,
    _source: &CopySource,
    _options: WriteOptions,
) -> Result<Written, StoreError> {
    Err(crate::copy::refused(name, "not written yet"))
}

/// Stages a block.
pub(super) async fn stage(
    _container: &Container,
    name: &BlobName,
    _block: (&BlockName, Range<u64>),
    _source: &CopySource,
) -> Result<(), StoreError> {
    Err(crate::copy::refused(name, "not written yet"))
}
