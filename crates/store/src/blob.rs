//! What a store says of its blobs.

use std::cmp::Ordering;
use std::fmt;

use bytes::Bytes;
use futures::stream::BoxStream;
use jiff::Timestamp;
use longshore_content::{Crc64, Digests};

use crate::{BlobName, ContentType, ETag, Metadata, NameError, StoreError};

/// What a blob is, apart from its bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlobProperties {
    /// Its size in bytes.
    pub size: u64,
    /// Its version.
    pub etag: ETag,
    /// When that version was written, where the store tells.
    pub last_modified: Option<Timestamp>,
    /// The media type.
    pub content_type: ContentType,
    /// The MD5 that somebody stored: never evidence of the content, since the service does not check it on a commit.
    pub content_md5: Option<[u8; 16]>,
    /// Its metadata.
    pub metadata: Metadata,
}

/// The outcome of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The new version.
    pub etag: ETag,
    /// When it was written, where the store tells.
    pub last_modified: Option<Timestamp>,
}

/// A blob being read.
pub struct BlobRead {
    /// What it is; the size is that of the whole blob.
    pub properties: BlobProperties,
    /// The bytes asked for, in order.
    pub body: BoxStream<'static, Result<Bytes, StoreError>>,
    /// The checksum of the bytes asked for, as the store has them; none where it was not asked or did not tell.
    pub checksum: Option<Crc64>,
}

impl fmt::Debug for BlobRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BlobRead")
            .field("properties", &self.properties)
            .field("checksum", &self.checksum)
            .finish_non_exhaustive()
    }
}

/// A blob in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedBlob {
    /// The name as it stands, which another tool may have chosen badly; see [`ListedBlob::blob_name`].
    pub name: String,
    /// Its size in bytes; 0 for a blob with nothing but uncommitted blocks.
    pub size: u64,
    /// Its version; none for a blob with nothing but uncommitted blocks, and for a directory.
    pub etag: Option<ETag>,
    /// When that version was written, where the store tells.
    pub last_modified: Option<Timestamp>,
    /// The digests that Longshore wrote, when it did.
    pub digests: Option<Digests>,
    /// The MD5 that somebody stored.
    pub content_md5: Option<[u8; 16]>,
    /// Whether it is a directory of an account with a hierarchical namespace, or the marker that stands for one.
    pub is_directory: bool,
}

impl ListedBlob {
    /// The name, when Longshore could write a blob under it.
    ///
    /// # Errors
    ///
    /// [`NameError`] for a name that only another tool would choose.
    pub fn blob_name(&self) -> Result<BlobName, NameError> {
        BlobName::new(self.name.as_str())
    }

    /// Whether there is nothing but uncommitted blocks.
    pub const fn is_uncommitted(&self) -> bool {
        self.etag.is_none() && !self.is_directory
    }
}

/// A page of a listing. It may be empty and still be followed by another.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    /// The blobs, in the order of the store.
    pub blobs: Vec<ListedBlob>,
    /// With a delimiter: what the folded names start with, `/` included.
    pub prefixes: Vec<String>,
}

/// The order in which a store lists names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ListingOrder {
    /// By bytes.
    #[default]
    Bytes,
    /// By bytes, but `/` before all others, as accounts with a hierarchical namespace do.
    SlashFirst,
}

impl ListingOrder {
    /// Compares two names as the store does.
    pub fn compare(self, left: &str, right: &str) -> Ordering {
        match self {
            Self::Bytes => left.cmp(right),
            Self::SlashFirst => left
                .bytes()
                .map(slash_lowest)
                .cmp(right.bytes().map(slash_lowest)),
        }
    }
}

fn slash_lowest(byte: u8) -> u8 {
    if byte == b'/' { 0 } else { byte }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_orders_differ_in_the_slash_alone() {
        assert_eq!(ListingOrder::Bytes.compare("a/b", "a-b"), Ordering::Greater);
        assert_eq!(
            ListingOrder::SlashFirst.compare("a/b", "a-b"),
            Ordering::Less
        );
        assert_eq!(ListingOrder::SlashFirst.compare("a", "a/b"), Ordering::Less);
        assert_eq!(
            ListingOrder::SlashFirst.compare("a/b", "a/b"),
            Ordering::Equal
        );
    }
}
