//! What the documents of releases are called.

use super::{Pointer, Release, ReleaseDigest};
use crate::{BlobPath, LibraryName};

/// The folder of all releases, below the root of the library.
const FOLDER: &str = "_releases";

/// A document of releases, as its blob's name tells.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ReleaseBlob {
    /// A release document.
    Json(LibraryName, ReleaseDigest),
    /// The tab-separated twin of one.
    Tsv(LibraryName, ReleaseDigest),
    /// A pointer.
    Pointer(LibraryName),
}

impl ReleaseBlob {
    /// Which document a blob is; none for everything else, also in the folder of the releases.
    pub fn of(path: &BlobPath) -> Option<Self> {
        let mut segments = path.as_str().split('/');
        let (folder, library, name) = (segments.next()?, segments.next()?, segments.next()?);
        if folder != FOLDER || segments.next().is_some() {
            return None;
        }
        let library = library.parse().ok()?;
        let document = match name.split_once('.')? {
            ("current", "json") => Self::Pointer(library),
            (digest, "json") => Self::Json(library, digest.parse().ok()?),
            (digest, "tsv") => Self::Tsv(library, digest.parse().ok()?),
            _ => return None,
        };
        // A digest in capitals would be another blob.
        (document.path() == *path).then_some(document)
    }

    /// Its name, below the root of the library.
    ///
    /// # Panics
    ///
    /// Never: what makes the name was checked before.
    pub fn path(&self) -> BlobPath {
        let (library, name) = match self {
            Self::Json(library, digest) => (library, format!("{digest}.json")),
            Self::Tsv(library, digest) => (library, format!("{digest}.tsv")),
            Self::Pointer(library) => (library, "current.json".into()),
        };
        format!("{FOLDER}/{library}/{name}")
            .parse()
            .expect("the name of a library and a digest can be in the name of a blob")
    }

    /// The library.
    pub const fn library(&self) -> &LibraryName {
        match self {
            Self::Json(library, _) | Self::Tsv(library, _) | Self::Pointer(library) => library,
        }
    }

    /// The release, unless it is a pointer.
    pub const fn release(&self) -> Option<ReleaseDigest> {
        match self {
            Self::Json(_, digest) | Self::Tsv(_, digest) => Some(*digest),
            Self::Pointer(_) => None,
        }
    }
}

impl Release {
    /// The name of a release document: `_releases/<library>/<digest>.json`.
    pub fn json_path(library: &LibraryName, release: ReleaseDigest) -> BlobPath {
        ReleaseBlob::Json(library.clone(), release).path()
    }

    /// The name of its tab-separated twin: `_releases/<library>/<digest>.tsv`.
    pub fn tsv_path(library: &LibraryName, release: ReleaseDigest) -> BlobPath {
        ReleaseBlob::Tsv(library.clone(), release).path()
    }
}

impl Pointer {
    /// The name of a pointer: `_releases/<library>/current.json`.
    pub fn path(library: &LibraryName) -> BlobPath {
        ReleaseBlob::Pointer(library.clone()).path()
    }
}

/// What the names of all documents of a library's releases begin with: `_releases/<library>/`; without a library, those
/// of all libraries.
pub fn releases_prefix(library: Option<&LibraryName>) -> String {
    library.map_or_else(
        || format!("{FOLDER}/"),
        |library| format!("{FOLDER}/{library}/"),
    )
}
