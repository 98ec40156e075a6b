//! Many deletes in one request.

use super::store::Container;
use crate::{BlobName, DeleteOptions, StoreError};

/// Deletes blobs in one request.
#[expect(clippy::unused_async, reason = "not written yet")]
pub(super) async fn delete(
    _container: &Container,
    _blobs: &[(BlobName, DeleteOptions)],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    Err(StoreError::Unsupported { what: "batches" })
}
