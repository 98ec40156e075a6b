//! A library's place in a container, and the small documents in it.

use std::sync::Arc;

use bytes::Bytes;
use futures::TryStreamExt as _;
use longshore_content::{Blake3Digest, Digests, Sha256Digest};
use longshore_manifest::{BlobPath, ReleaseBlob};
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt as _, Condition, ContentType, ETag, GetOptions, ListOptions,
    ListedBlob, Metadata, StoreError, WriteOptions,
};

use sha2::{Digest as _, Sha256};

use crate::MirrorError;

/// The most bytes that a document may have: no release of ours comes near.
const MAX_DOCUMENT: u64 = 64 << 20;

/// How often a blob is given a new version that others give new versions too.
const TRIES: usize = 8;

/// Where a library stands: a container, and what stands before the names of its blobs.
#[derive(Debug, Clone)]
pub struct Shelf {
    store: Arc<dyn BlobStore>,
    prefix: String,
}

/// A document and its version.
#[derive(Debug, Clone)]
pub(crate) struct Found {
    pub(crate) text: String,
    pub(crate) etag: ETag,
}

impl Shelf {
    /// A shelf below a prefix, which is empty or ends with `/`.
    pub fn new(store: Arc<dyn BlobStore>, prefix: impl Into<String>) -> Self {
        Self {
            store,
            prefix: prefix.into(),
        }
    }

    /// The container.
    pub const fn store(&self) -> &Arc<dyn BlobStore> {
        &self.store
    }

    /// What stands before every name.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// The whole name of a blob of the library.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Name`] when the container cannot have it.
    pub fn name(&self, path: &BlobPath) -> Result<BlobName, MirrorError> {
        Ok(BlobName::new(format!("{}{path}", self.prefix))?)
    }

    /// All blobs of the library whose names begin with `below`, their names cut to what stands below the shelf.
    pub(crate) async fn list(&self, below: &str) -> Result<Vec<ListedBlob>, MirrorError> {
        let options = ListOptions {
            prefix: format!("{}{below}", self.prefix),
            ..ListOptions::default()
        };
        let mut blobs = Vec::new();
        let mut listing = self.store.list(options);
        while let Some(blob) = listing
            .try_next()
            .await
            .map_err(|cause| self.error(cause))?
        {
            if let Some(name) = blob.name.strip_prefix(&self.prefix) {
                let name = name.to_owned();
                blobs.push(ListedBlob { name, ..blob });
            }
        }
        Ok(blobs)
    }

    /// Reads a document; none when it is not there.
    pub(crate) async fn read(&self, path: &BlobPath) -> Result<Option<Found>, MirrorError> {
        let name = self.name(path)?;
        let read = match self.store.get(&name, GetOptions::default()).await {
            Err(StoreError::NotFound { .. }) => return Ok(None),
            read => read.map_err(|cause| self.error(cause))?,
        };
        if read.properties.size > MAX_DOCUMENT {
            return Err(MirrorError::Occupied {
                blob: name.to_string(),
            });
        }
        let parts: Vec<Bytes> = read
            .body
            .try_collect()
            .await
            .map_err(|cause| self.error(cause))?;
        // What is no text is no document, and its reader says so.
        let text = String::from_utf8_lossy(&parts.concat()).into_owned();
        Ok(Some(Found {
            text,
            etag: read.properties.etag,
        }))
    }

    /// Writes a document under a condition; false when somebody else was faster.
    pub(crate) async fn write(
        &self,
        path: &BlobPath,
        text: &str,
        condition: Condition,
    ) -> Result<bool, MirrorError> {
        let name = self.name(path)?;
        let options = WriteOptions {
            condition,
            content_type: content_type(path),
            metadata: Metadata::of(&digests_of(text.as_bytes())),
        };
        let body = Bytes::copy_from_slice(text.as_bytes());
        match self.store.put(&name, body, options).await {
            Ok(_) => Ok(true),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => Ok(false),
            Err(error) if error.is_ambiguous() => {
                // The answer may have got lost after the work was done.
                let there = self.read(path).await?;
                match there {
                    Some(found) if found.text == text => Ok(true),
                    _ => Err(self.error(error)),
                }
            }
            Err(error) => Err(self.error(error)),
        }
    }

    /// Gives a blob a new version by writing its metadata again; false when it is gone.
    pub(crate) async fn renew(&self, path: &BlobPath) -> Result<bool, MirrorError> {
        let name = self.name(path)?;
        for _ in 0..TRIES {
            let there = match self.store.properties(&name).await {
                Err(StoreError::NotFound { .. }) => return Ok(false),
                there => there.map_err(|cause| self.error(cause))?,
            };
            match self.store.touch(&name, &there.etag).await {
                Ok(_) => return Ok(true),
                Err(StoreError::NotFound { .. }) => return Ok(false),
                // Somebody else gave it a new version, which is as good for them as ours is for us: not for both.
                Err(StoreError::Precondition { .. }) => {}
                Err(error) => return Err(self.error(error)),
            }
        }
        let name = name.clone();
        Err(self.error(StoreError::Precondition { name }))
    }

    /// What it means that the store failed.
    pub(crate) fn error(&self, cause: StoreError) -> MirrorError {
        MirrorError::Destination {
            destination: self.to_string(),
            cause,
        }
    }
}

impl std::fmt::Display for Shelf {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.store)?;
        match self.prefix.trim_end_matches('/') {
            "" => Ok(()),
            prefix => write!(f, "/{prefix}"),
        }
    }
}

fn content_type(path: &BlobPath) -> ContentType {
    ContentType::new(match ReleaseBlob::of(path) {
        Some(ReleaseBlob::Tsv(..)) => "text/tab-separated-values",
        _ => "application/json",
    })
}

/// Documents carry their digests as everything of ours does, so that an audit finds them sound.
pub(crate) fn digests_of(bytes: &[u8]) -> Digests {
    Digests {
        blake3: Blake3Digest::from_bytes(*blake3::hash(bytes).as_bytes()),
        sha256: Sha256Digest::from_bytes(Sha256::digest(bytes).into()),
    }
}
