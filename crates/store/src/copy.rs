//! Copies that a service makes on its own: where it may read a blob, and how a store on this machine reads it in a
//! service's stead.
//!
//! A [`CopySource`] is made by the store that holds the blob, and taken by the store that writes its copy. The two must
//! speak the same language: a service reads from URLs, a store on this machine from a store on this machine.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures::stream::BoxStream;
use longshore_azure::ReadGrant;

use crate::{BlobName, BlobStore, Condition, ETag, GetOptions, StoreError};

/// The most bytes of a blob that [`BlobStore::put_from`] copies: 5,000 MiB.
pub const MAX_PUT_FROM: u64 = 5_000 << 20;

/// The most blobs that [`BlobStore::delete_batch`] takes.
pub const BATCH_LIMIT: usize = 256;

/// Why no block is made of an empty range: no header can say one.
pub(crate) const NOTHING: &str = "the range has no bytes";

/// Where a service may read a blob from.
///
/// Made by the store that holds the blob, for about an hour: make one for each blob, when it is needed. It prints where
/// the blob is, and never the right to read it.
#[derive(Clone)]
pub struct CopySource {
    name: BlobName,
    version: Option<ETag>,
    place: Place,
}

/// Who reads.
#[derive(Clone)]
enum Place {
    /// A store of this process.
    Local(Arc<dyn BlobStore>),
    /// A service.
    Remote(ReadGrant),
}

impl CopySource {
    /// A blob in a store of this process.
    pub(crate) fn local(
        store: Arc<dyn BlobStore>,
        name: &BlobName,
        version: Option<&ETag>,
    ) -> Self {
        Self {
            name: name.clone(),
            version: version.cloned(),
            place: Place::Local(store),
        }
    }

    /// A blob that a service can read.
    pub(crate) fn remote(grant: ReadGrant, name: &BlobName, version: Option<&ETag>) -> Self {
        Self {
            name: name.clone(),
            version: version.cloned(),
            place: Place::Remote(grant),
        }
    }

    /// The right to read it, for a service.
    pub(crate) const fn grant(&self) -> Option<&ReadGrant> {
        match &self.place {
            Place::Local(_) => None,
            Place::Remote(grant) => Some(grant),
        }
    }

    /// The blob's name.
    pub const fn name(&self) -> &BlobName {
        &self.name
    }

    /// The version that the blob must have.
    pub const fn version(&self) -> Option<&ETag> {
        self.version.as_ref()
    }
}

impl fmt::Display for CopySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Local(store) => write!(f, "{store}/{}", self.name),
            Place::Remote(grant) => grant.fmt(f),
        }
    }
}

impl fmt::Debug for CopySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CopySource")
            .field("place", &self.to_string())
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// The bytes of a source, for a store on this machine that writes them to `name`.
pub(crate) async fn read(
    name: &BlobName,
    source: &CopySource,
    range: Option<Range<u64>>,
) -> Result<BoxStream<'static, Result<Bytes, StoreError>>, StoreError> {
    let Place::Local(store) = &source.place else {
        return Err(refused(
            name,
            "the source is a service, which this store does not read",
        ));
    };
    if range.as_ref().is_some_and(Range::is_empty) {
        return Err(refused(name, NOTHING));
    }
    let options = GetOptions {
        range: range.clone(),
        condition: match &source.version {
            Some(version) => Condition::Matches(version.clone()),
            None => Condition::None,
        },
        ..GetOptions::default()
    };
    let read = store
        .get(&source.name, options)
        .await
        .map_err(|error| of_source(error, name, &source.name))?;
    let size = read.properties.size;
    let fits = match range {
        Some(range) => range.end <= size,
        None => size <= MAX_PUT_FROM,
    };
    if !fits {
        return Err(refused(name, "the source has not that many bytes to copy"));
    }
    Ok(read.body)
}

/// What it means for a copy that its source could not be read.
fn of_source(error: StoreError, name: &BlobName, source: &BlobName) -> StoreError {
    match error {
        StoreError::Precondition { .. } => StoreError::SourceChanged {
            name: source.clone(),
        },
        StoreError::NotFound { .. }
        | StoreError::Range { .. }
        | StoreError::ContainerNotFound { .. }
        | StoreError::Denied { .. } => refused(name, error),
        error => error,
    }
}

/// A copy that is not made.
pub(crate) fn refused(
    name: &BlobName,
    cause: impl Into<Box<dyn std::error::Error + Send + Sync>>,
) -> StoreError {
    StoreError::CopyRefused {
        name: name.clone(),
        cause: Some(cause.into()),
    }
}
