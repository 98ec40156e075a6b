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
use url::{Host, Url};

use crate::{BlobName, BlobStore, Condition, ETag, GetOptions, StoreError};

/// The most bytes of a blob that [`BlobStore::put_from`] copies: 5,000 MiB.
pub const MAX_PUT_FROM: u64 = 5_000 << 20;

/// The most blobs that [`BlobStore::delete_batch`] takes.
pub const BATCH_LIMIT: usize = 256;

/// The most bytes of a blob that [`BlobStore::stage_block_from`] copies: 4,000 MiB.
pub const MAX_STAGE_FROM: u64 = 4_000 << 20;

/// The longest URL that a service reads from.
pub(crate) const MAX_URL: usize = 2_048;

/// Why no block is made of an empty range: no header can say one.
pub(crate) const NOTHING: &str = "the range has no bytes";

/// Where a service may read a blob from.
///
/// Made by the store that holds the blob, for about an hour: make one for each blob, when it is needed. It prints where
/// the blob is, and never the right to read it.
#[derive(Clone)]
pub struct CopySource {
    /// None for what is no blob.
    name: Option<BlobName>,
    /// Its size in bytes, where it is known.
    size: Option<u64>,
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
            name: Some(name.clone()),
            size: None,
            version: version.cloned(),
            place: Place::Local(store),
        }
    }

    /// A blob that a service can read.
    pub(crate) fn remote(grant: ReadGrant, name: &BlobName, version: Option<&ETag>) -> Self {
        Self {
            name: Some(name.clone()),
            size: None,
            version: version.cloned(),
            place: Place::Remote(grant),
        }
    }

    /// What a service can read without any right, such as the download of a vendor. Stores on this machine take none.
    ///
    /// The URL may hold a secret, and is shown without it.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unsupported`] for a URL that no service reads: it is longer than 2 KiB, names a user, or is
    /// neither `https` nor `http` on this machine.
    pub fn public(mut url: Url, size: Option<u64>) -> Result<Self, StoreError> {
        url.set_fragment(None);
        let what = match url.scheme() {
            _ if url.as_str().len() > MAX_URL => "a copy from a URL of more than 2 KiB",
            _ if !url.username().is_empty() || url.password().is_some() => {
                "a copy from a URL with a user"
            }
            "https" => "",
            "http" if is_loopback(&url) => "",
            _ => "a copy from a URL that is not https",
        };
        if !what.is_empty() {
            return Err(StoreError::Unsupported { what });
        }
        Ok(Self {
            name: None,
            size,
            version: None,
            place: Place::Remote(ReadGrant::public(url)),
        })
    }

    /// Its size in bytes, where it is known.
    pub(crate) const fn size(&self) -> Option<u64> {
        self.size
    }

    /// The right to read it, for a service.
    pub(crate) const fn grant(&self) -> Option<&ReadGrant> {
        match &self.place {
            Place::Local(_) => None,
            Place::Remote(grant) => Some(grant),
        }
    }

    /// The blob's name; none for what is no blob.
    pub const fn name(&self) -> Option<&BlobName> {
        self.name.as_ref()
    }

    /// The version that the blob must have.
    pub const fn version(&self) -> Option<&ETag> {
        self.version.as_ref()
    }
}

impl fmt::Display for CopySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Local(store) => {
                write!(f, "{store}")?;
                self.name
                    .as_ref()
                    .map_or(Ok(()), |name| write!(f, "/{name}"))
            }
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
    let (Place::Local(store), Some(blob)) = (&source.place, &source.name) else {
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
        .get(blob, options)
        .await
        .map_err(|error| of_source(error, name, blob))?;
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

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_public_source_is_https_or_on_this_machine() {
        let public = |text: &str| CopySource::public(Url::parse(text).unwrap(), None);
        for text in [
            "https://example.com/setup.exe?token=hidden#part",
            "http://127.0.0.1:8080/setup.exe",
            "http://localhost/setup.exe",
            "http://[::1]:1/setup.exe",
        ] {
            assert!(public(text).is_ok(), "{text}");
        }
        for text in [
            "http://example.com/setup.exe",
            "ftp://example.com/setup.exe",
            "file:///etc/passwd",
            "https://user@example.com/setup.exe",
            "https://user:secret@example.com/setup.exe",
            &format!("https://example.com/{}", "a".repeat(2_048)),
        ] {
            assert!(public(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_public_source_shows_no_secret() {
        let url = Url::parse("https://example.com/setup.exe?sig=hidden").unwrap();
        let source = CopySource::public(url, Some(1)).unwrap();
        assert!(source.to_string().contains("example.com/setup.exe"));
        assert!(!format!("{source} {source:?}").contains("hidden"));
        let url = source.grant().unwrap().expose_url();
        assert_eq!(url, "https://example.com/setup.exe?sig=hidden");
    }
}
