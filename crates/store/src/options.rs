//! What each call of a store can be told.

use std::borrow::Cow;
use std::ops::Range;

use longshore_content::Crc64;

use crate::{ETag, Metadata};

/// What a write or a read assumes of the blob.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Condition {
    /// Nothing.
    #[default]
    None,
    /// There is no such blob: `If-None-Match: *`.
    Absent,
    /// The blob has this version: `If-Match`.
    Matches(ETag),
}

/// A media type, such as `application/zip`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentType(Cow<'static, str>);

impl ContentType {
    /// What a blob has when nobody says anything.
    pub const OCTET_STREAM: Self = Self(Cow::Borrowed("application/octet-stream"));

    /// The type in `text`, as it stands.
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        Self(text.into())
    }

    /// The type as headers want it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for ContentType {
    fn default() -> Self {
        Self::OCTET_STREAM
    }
}

/// How to write a blob: one Put Blob, or the commit of a block list.
///
/// Both replace content type and metadata as a whole.
#[derive(Debug, Clone, Default)]
pub struct WriteOptions {
    /// What is assumed of the blob there.
    pub condition: Condition,
    /// The media type.
    pub content_type: ContentType,
    /// The metadata, digests included.
    pub metadata: Metadata,
}

/// How to stage a block.
#[derive(Debug, Clone, Copy, Default)]
pub struct StageOptions {
    /// The checksum of the body, for the service to check.
    pub checksum: Option<Crc64>,
}

/// Which lists to ask for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum BlockListKind {
    /// Both.
    #[default]
    All,
    /// The blocks that make up the blob.
    Committed,
    /// The blocks that were staged and not committed.
    Uncommitted,
}

/// How to read a blob.
#[derive(Debug, Clone, Default)]
pub struct GetOptions {
    /// The bytes wanted; all when not said. The end is cut to the blob's size.
    pub range: Option<Range<u64>>,
    /// What is assumed of the blob.
    pub condition: Condition,
    /// Ask for the checksum of the range, of which a service knows that of at most [`MAX_CHECKED_RANGE`] bytes; none
    /// is asked for a longer range, an empty one, or the whole blob.
    pub checksum: bool,
}

/// The longest range whose checksum a service tells: 4 MiB.
pub const MAX_CHECKED_RANGE: u64 = 4 << 20;

impl GetOptions {
    /// Whether a checksum is wanted and can be told.
    pub(crate) fn is_checked(&self) -> bool {
        let length = |range: &Range<u64>| range.end.saturating_sub(range.start);
        self.checksum
            && self
                .range
                .as_ref()
                .is_some_and(|range| (1..=MAX_CHECKED_RANGE).contains(&length(range)))
    }
}

/// How to list blobs.
#[derive(Debug, Clone, Default)]
pub struct ListOptions {
    /// Only names that start so.
    pub prefix: String,
    /// Fold names beyond the next `/` after the prefix into one entry.
    pub delimited: bool,
    /// Also blobs that have nothing but uncommitted blocks.
    pub uncommitted: bool,
    /// The most entries a page may have; the service's 5,000 when not said.
    pub page_size: Option<u32>,
}

/// How to delete a blob.
#[derive(Debug, Clone, Default)]
pub struct DeleteOptions {
    /// What is assumed of the blob.
    pub condition: Condition,
}

/// How to replace a blob's metadata.
#[derive(Debug, Clone, Default)]
pub struct SetMetadataOptions {
    /// What is assumed of the blob.
    pub condition: Condition,
}
