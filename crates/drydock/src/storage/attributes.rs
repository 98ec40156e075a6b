//! The properties and metadata of a blob or a container, packed into one string.
//!
//! A library has a million blobs and each has a handful of attributes; one allocation for all of them keeps the index
//! small. An attribute is a line: a letter for its kind, for metadata the name and `=`, then the value. Header values
//! cannot hold a line break, so nothing needs escaping.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A property that is stored as it came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Property {
    /// The media type.
    ContentType,
    /// For example `gzip`.
    ContentEncoding,
    /// For example `en`.
    ContentLanguage,
    /// The MD5 of the content as its writer told it, in base64.
    ContentMd5,
    /// What caches may do.
    CacheControl,
    /// How a browser should save it.
    ContentDisposition,
    /// The access tier, where it was chosen.
    AccessTier,
}

impl Property {
    /// The properties that a blob's writer sets by `x-ms-blob-…` headers.
    pub(crate) const ALL: [Self; 7] = [
        Self::ContentType,
        Self::ContentEncoding,
        Self::ContentLanguage,
        Self::ContentMd5,
        Self::CacheControl,
        Self::ContentDisposition,
        Self::AccessTier,
    ];

    /// The header that sets it.
    pub(crate) const fn request_header(self) -> &'static str {
        match self {
            Self::ContentType => "x-ms-blob-content-type",
            Self::ContentEncoding => "x-ms-blob-content-encoding",
            Self::ContentLanguage => "x-ms-blob-content-language",
            Self::ContentMd5 => "x-ms-blob-content-md5",
            Self::CacheControl => "x-ms-blob-cache-control",
            Self::ContentDisposition => "x-ms-blob-content-disposition",
            Self::AccessTier => "x-ms-access-tier",
        }
    }

    /// The header that shows it.
    pub(crate) const fn answer_header(self) -> &'static str {
        match self {
            Self::ContentType => "content-type",
            Self::ContentEncoding => "content-encoding",
            Self::ContentLanguage => "content-language",
            Self::ContentMd5 => "content-md5",
            Self::CacheControl => "cache-control",
            Self::ContentDisposition => "content-disposition",
            Self::AccessTier => "x-ms-access-tier",
        }
    }

    const fn letter(self) -> u8 {
        match self {
            Self::ContentType => b't',
            Self::ContentEncoding => b'e',
            Self::ContentLanguage => b'l',
            Self::ContentMd5 => b'5',
            Self::CacheControl => b'c',
            Self::ContentDisposition => b'd',
            Self::AccessTier => b'a',
        }
    }
}

const METADATA: u8 = b'm';
const COPY: u8 = b'y';

/// What is known of the copy that made a blob.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct CopyMark<'a> {
    /// `x-ms-copy-id`
    pub(crate) id: &'a str,
    /// The source's URL without its query, which may hold a secret.
    pub(crate) source: &'a str,
    /// When it was done, as headers have times.
    pub(crate) completed: &'a str,
}

/// Properties and metadata.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Attributes(Box<str>);

impl Attributes {
    /// Packs properties and metadata; both must come from header values.
    pub(crate) fn pack<'a>(
        properties: impl IntoIterator<Item = (Property, &'a str)>,
        metadata: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        let mut packed = String::new();
        for (property, value) in properties {
            push(&mut packed, property.letter(), &[value]);
        }
        for (name, value) in metadata {
            push(&mut packed, METADATA, &[name, "=", value]);
        }
        Self(packed.into_boxed_str())
    }

    /// The same with what is known of a copy.
    pub(crate) fn with_copy(self, mark: Option<CopyMark<'_>>) -> Self {
        let Some(mark) = mark else {
            return self;
        };
        let mut packed = String::from(self.0);
        // A URL and a time hold no tabs.
        push(
            &mut packed,
            COPY,
            &[mark.id, "\t", mark.completed, "\t", mark.source],
        );
        Self(packed.into_boxed_str())
    }

    /// What is known of the copy that made this blob.
    pub(crate) fn copy_mark(&self) -> Option<CopyMark<'_>> {
        let (_, line) = self.lines().find(|(letter, _)| *letter == COPY)?;
        let (id, rest) = line.split_once('\t')?;
        let (completed, source) = rest.split_once('\t')?;
        Some(CopyMark {
            id,
            source,
            completed,
        })
    }

    /// The value of a property that was set.
    pub(crate) fn property(&self, property: Property) -> Option<&str> {
        self.lines()
            .find(|(letter, _)| *letter == property.letter())
            .map(|(_, value)| value)
    }

    /// All properties that were set.
    pub(crate) fn properties(&self) -> impl Iterator<Item = (Property, &str)> {
        Property::ALL
            .into_iter()
            .filter_map(|property| Some((property, self.property(property)?)))
    }

    /// The metadata in the order in which they came.
    pub(crate) fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines()
            .filter(|(letter, _)| *letter == METADATA)
            .filter_map(|(_, line)| line.split_once('='))
    }

    fn lines(&self) -> impl Iterator<Item = (u8, &str)> {
        self.0
            .split_terminator('\n')
            .filter_map(|line| Some((*line.as_bytes().first()?, line.get(1..)?)))
    }
}

fn push(packed: &mut String, letter: u8, parts: &[&str]) {
    packed.push(char::from(letter));
    packed.extend(parts.iter().copied());
    packed.push('\n');
}

impl fmt::Debug for Attributes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.0.lines()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_out() {
        let attributes = Attributes::pack(
            [
                (Property::ContentType, "text/plain"),
                (Property::ContentMd5, ""),
            ],
            [("longshore_blake3", "ab=cd"), ("empty", "")],
        );
        assert_eq!(
            attributes.property(Property::ContentType),
            Some("text/plain")
        );
        assert_eq!(attributes.property(Property::ContentMd5), Some(""));
        assert_eq!(attributes.property(Property::CacheControl), None);
        let mark = CopyMark {
            id: "1-2",
            source: "http://127.0.0.1:1/drydock/library/a",
            completed: "Sun, 06 Nov 1994 08:49:37 GMT",
        };
        assert_eq!(attributes.copy_mark(), None);
        let attributes = attributes.with_copy(Some(mark));
        assert_eq!(attributes.copy_mark(), Some(mark));
        let metadata: Vec<_> = attributes.metadata().collect();
        assert_eq!(metadata, [("longshore_blake3", "ab=cd"), ("empty", "")]);
    }
}
