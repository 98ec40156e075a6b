//! Releases as they stand in a library: reading them, publishing one, going back to another.
//!
//! A release document is written once, under a name that its content decides; the pointer is flipped in one step, under
//! the version that was seen before. So nobody sees half a release, and of two who publish at once one is told.

mod publish;

use std::collections::BTreeSet;

use futures::{StreamExt as _, TryStreamExt as _};
use longshore_manifest::{
    BlobPath, LibraryName, Pointer, Provenance, Release, ReleaseBlob, ReleaseDigest,
    releases_prefix,
};
use longshore_store::ETag;

use crate::shelf::Found;
use crate::{MirrorError, Reporter, Shelf};

pub(crate) use publish::Publishing;

/// How many documents are read at once.
const AT_ONCE: usize = 16;

/// The releases of one library.
#[derive(Debug, Clone)]
pub struct Releases {
    shelf: Shelf,
    library: LibraryName,
}

/// The pointer and its version.
#[derive(Debug, Clone)]
pub struct Current {
    /// What it says.
    pub pointer: Pointer,
    etag: ETag,
}

/// A release among others.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The release.
    pub release: Release,
    /// Whether it is the one that counts.
    pub is_current: bool,
}

/// Which release is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Which {
    /// The one that counts.
    Current,
    /// The one that counted before.
    Previous,
    /// The one whose digest begins so.
    Digest(String),
}

/// What publishing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Published {
    /// The release that counts now.
    pub release: ReleaseDigest,
    /// The release that counted before.
    pub before: Option<ReleaseDigest>,
    /// Whether its document was written now.
    pub is_new: bool,
}

impl Published {
    /// Whether the pointer was flipped.
    pub fn is_flipped(&self) -> bool {
        self.before != Some(self.release)
    }
}

impl Releases {
    /// The releases of a library on a shelf.
    pub const fn new(shelf: Shelf, library: LibraryName) -> Self {
        Self { shelf, library }
    }

    /// The library.
    pub const fn library(&self) -> &LibraryName {
        &self.library
    }

    /// The names of the libraries on a shelf that have releases.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Destination`].
    pub async fn libraries(shelf: &Shelf) -> Result<Vec<LibraryName>, MirrorError> {
        let blobs = shelf.list(&releases_prefix(None)).await?;
        let documents = blobs.iter().filter_map(|blob| document_in(&blob.name));
        let names: BTreeSet<LibraryName> = documents
            .map(|document| document.library().clone())
            .collect();
        Ok(names.into_iter().collect())
    }

    /// The pointer; none when nothing was ever published.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Destination`], and [`MirrorError::Pointer`] when it cannot be understood.
    pub async fn current(&self) -> Result<Option<Current>, MirrorError> {
        let path = Pointer::path(&self.library);
        let Some(Found { text, etag }) = self.shelf.read(&path).await? else {
            return Ok(None);
        };
        let pointer = Pointer::parse(&text).map_err(|cause| MirrorError::Pointer {
            blob: path.to_string(),
            cause,
        })?;
        Ok(Some(Current { pointer, etag }))
    }

    /// One release.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Destination`], [`MirrorError::UnknownRelease`], and [`MirrorError::Release`] when it cannot be
    /// understood.
    pub async fn read(&self, digest: ReleaseDigest) -> Result<Release, MirrorError> {
        let path = Release::json_path(&self.library, digest);
        let found = self.shelf.read(&path).await?;
        let Found { text, .. } = found.ok_or_else(|| self.unknown(&digest.to_string()))?;
        parse(&path, &text)
    }

    /// Every release, the newest first.
    ///
    /// # Errors
    ///
    /// Those of [`Releases::read`].
    pub async fn list(&self) -> Result<Vec<Entry>, MirrorError> {
        let current = self.current().await?.map(|current| current.pointer.release);
        let digests = self.digests().await?;
        let mut entries: Vec<Entry> = futures::stream::iter(digests)
            .map(|digest| async move {
                let release = self.read(digest).await?;
                Ok::<_, MirrorError>(Entry {
                    is_current: current == Some(digest),
                    release,
                })
            })
            .buffered(AT_ONCE)
            .try_collect()
            .await?;
        entries.sort_by_key(|entry| std::cmp::Reverse(entry.release.provenance.created));
        Ok(entries)
    }

    /// Which release is meant.
    ///
    /// # Errors
    ///
    /// [`MirrorError::NoRelease`], [`MirrorError::NoPrevious`], [`MirrorError::UnknownRelease`] and
    /// [`MirrorError::AmbiguousRelease`], and those of [`Releases::current`].
    pub async fn resolve(&self, which: &Which) -> Result<ReleaseDigest, MirrorError> {
        if let Which::Digest(wanted) = which {
            return self.with_digest(wanted).await;
        }
        let pointer = self.existing().await?.pointer;
        match which {
            Which::Current => Ok(pointer.release),
            _ => pointer.previous.ok_or_else(|| MirrorError::NoPrevious {
                library: self.library.to_string(),
            }),
        }
    }

    /// Makes another release count, one that was published before.
    ///
    /// Every blob that it names is looked at first, so that a release that was pruned cannot come back by halves.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Incomplete`], [`MirrorError::Moved`], and those of [`Releases::resolve`].
    pub async fn rollback(
        &self,
        to: &Which,
        provenance: Provenance,
        reporter: &dyn Reporter,
    ) -> Result<Published, MirrorError> {
        let digest = self.resolve(to).await?;
        let current = self.existing().await?;
        let standing = self.standing(digest).await?;
        self.check_complete(&standing.release).await?;
        self.flip(&standing, Some(&current), provenance, reporter)
            .await?;
        Ok(Published {
            release: digest,
            before: Some(current.pointer.release),
            is_new: false,
        })
    }

    async fn existing(&self) -> Result<Current, MirrorError> {
        self.current().await?.ok_or_else(|| MirrorError::NoRelease {
            library: self.library.to_string(),
            destination: self.shelf.to_string(),
        })
    }

    /// The digests of all release documents.
    pub(crate) async fn digests(&self) -> Result<Vec<ReleaseDigest>, MirrorError> {
        let blobs = self
            .shelf
            .list(&releases_prefix(Some(&self.library)))
            .await?;
        Ok(blobs
            .iter()
            .filter_map(|blob| match document_in(&blob.name)? {
                ReleaseBlob::Json(_, release) => Some(release),
                _ => None,
            })
            .collect())
    }

    async fn with_digest(&self, wanted: &str) -> Result<ReleaseDigest, MirrorError> {
        let digests = self.digests().await?;
        let wanted = wanted.to_ascii_lowercase();
        let mut fitting = digests
            .into_iter()
            .filter(|digest| digest.to_string().starts_with(&wanted));
        match (fitting.next(), fitting.next()) {
            (Some(digest), None) => Ok(digest),
            (None, _) => Err(self.unknown(&wanted)),
            (Some(_), Some(_)) => Err(MirrorError::AmbiguousRelease {
                library: self.library.to_string(),
                wanted,
            }),
        }
    }

    fn unknown(&self, wanted: &str) -> MirrorError {
        MirrorError::UnknownRelease {
            library: self.library.to_string(),
            wanted: wanted.to_owned(),
        }
    }
}

/// Which document a listed blob is.
fn document_in(name: &str) -> Option<ReleaseBlob> {
    ReleaseBlob::of(&name.parse().ok()?)
}

fn parse(path: &BlobPath, text: &str) -> Result<Release, MirrorError> {
    Release::parse(text).map_err(|cause| MirrorError::Release {
        blob: path.to_string(),
        cause,
    })
}
