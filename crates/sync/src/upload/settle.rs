//! Writes whose answer was lost, or which arrived damaged.
//!
//! A write that was done and whose answer never came is tried again by the transport, and then meets its own result:
//! `If-None-Match: *` finds a blob, `If-Match` finds another version. What the blob says of its content tells a lost
//! answer from a real conflict.

use std::future::Future;

use longshore_content::Digests;
use longshore_store::{BlobName, BlobStore, StoreError};

/// How often bytes that arrived damaged are sent in all.
const TRIES: usize = 4;

/// Sends again what arrived damaged; the service found out, and took nothing.
pub(super) async fn resend<T, F>(mut send: impl FnMut() -> F) -> Result<T, StoreError>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut tries = 1;
    loop {
        match send().await {
            Err(StoreError::Corrupt { .. }) if tries < TRIES => tries += 1,
            result => return result,
        }
    }
}

/// Takes the outcome of a write, and in case of doubt looks whether the blob is what was to be written.
pub(crate) async fn settle<T>(
    store: &dyn BlobStore,
    name: &BlobName,
    (digests, size): (&Digests, u64),
    outcome: Result<T, StoreError>,
) -> Result<(), StoreError> {
    let Err(error) = outcome else {
        return Ok(());
    };
    let conflict = matches!(
        error,
        StoreError::Precondition { .. } | StoreError::AlreadyExists { .. }
    );
    if !conflict && !error.is_ambiguous() {
        return Err(error);
    }
    match store.properties(name).await {
        Ok(found) if found.size == size && found.metadata.digests().as_ref() == Some(digests) => {
            Ok(())
        }
        Ok(_) | Err(_) => Err(error),
    }
}
