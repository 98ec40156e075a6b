//! The XML of a page, read in one pass.
//!
//! A page has up to 5,000 entries of about a kilobyte, of which Longshore wants a handful of texts. So nothing is
//! built but what is returned: the events of a pull parser go by, and the text of wanted elements is gathered in one
//! buffer that lives as long as the page.

use longshore_content::{Blake3Digest, Digests, Sha256Digest};
use percent_encoding::percent_decode_str;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, escape};

use super::headers::{parse_date, parse_md5};
use crate::{BLAKE3_KEY, ETag, ListPage, ListedBlob, SHA256_KEY};

/// The metadata key that marks a directory of an account with a hierarchical namespace.
const FOLDER_KEY: &str = "hdi_isfolder";

/// Why a page cannot be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum PageError {
    #[error("the listing is not UTF-8")]
    Utf8(#[from] std::str::Utf8Error),
    #[error("the listing is not XML")]
    Xml(#[from] quick_xml::Error),
    #[error("the listing has an unknown entity: `{0}`")]
    Entity(String),
    #[error("the listing was cut off")]
    Incomplete,
    #[error("the size of a blob is not a number: `{0}`")]
    Size(String),
}

/// The page, and the marker of the next one when there is one.
pub(super) fn parse(body: &[u8]) -> Result<(ListPage, Option<String>), PageError> {
    let text = std::str::from_utf8(body)?;
    let mut reader = Reader::from_str(text.strip_prefix('\u{feff}').unwrap_or(text));
    let mut page = PageParser::default();
    loop {
        match reader.read_event()? {
            Event::Start(element) => page.start(&element)?,
            Event::End(_) => page.end()?,
            Event::Text(text) if page.wanted.is_some() => page.text.push_str(&text.into_inner()),
            Event::CData(text) if page.wanted.is_some() => page.text.push_str(&text.into_inner()),
            Event::GeneralRef(entity) if page.wanted.is_some() => page.entity(entity)?,
            Event::Eof => return page.finish(),
            _ => {}
        }
    }
}

/// The depths at which things stand: `EnumerationResults` is at 1.
const BLOB: usize = 3;
const NAME: usize = 4;
const PROPERTY: usize = 5;

/// An element whose text is wanted.
#[derive(Debug, Clone, Copy)]
enum Wanted {
    NextMarker,
    Name { is_encoded: bool },
    Size,
    Etag,
    LastModified,
    Md5,
    ResourceType,
    Blake3,
    Sha256,
    Folder,
}

/// What an element at depth 3 is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Entry {
    #[default]
    Other,
    Blob,
    Prefix,
}

/// What an element at depth 4 is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Section {
    #[default]
    Other,
    Properties,
    Metadata,
}

#[derive(Debug, Default)]
struct PageParser {
    page: ListPage,
    next: Option<String>,
    depth: usize,
    is_complete: bool,
    entry: Entry,
    section: Section,
    wanted: Option<Wanted>,
    text: String,
    blob: PartialBlob,
}

/// A blob of which not all was read yet.
#[derive(Debug, Default)]
struct PartialBlob {
    name: String,
    size: u64,
    etag: Option<ETag>,
    last_modified: Option<jiff::Timestamp>,
    blake3: Option<Blake3Digest>,
    sha256: Option<Sha256Digest>,
    content_md5: Option<[u8; 16]>,
    is_directory: bool,
}

impl PageParser {
    fn start(&mut self, element: &BytesStart<'_>) -> Result<(), PageError> {
        self.depth += 1;
        let name = element.name().0;
        self.wanted = match (self.depth, name) {
            (2, "NextMarker") => Some(Wanted::NextMarker),
            (BLOB, _) => {
                self.entry = entry(name);
                self.blob = PartialBlob::default();
                None
            }
            (NAME, "Name") => Some(Wanted::Name {
                is_encoded: is_encoded(element)?,
            }),
            (NAME, _) => {
                self.section = section(name);
                None
            }
            (PROPERTY, _) if self.section == Section::Properties => property(name),
            (PROPERTY, _) if self.section == Section::Metadata => metadata(name),
            _ => None,
        };
        self.text.clear();
        Ok(())
    }

    fn entity(&mut self, entity: BytesRef<'_>) -> Result<(), PageError> {
        if let Some(character) = entity.resolve_char_ref()? {
            self.text.push(character);
            return Ok(());
        }
        let name = entity.into_inner();
        let text = escape::resolve_predefined_entity(&name)
            .ok_or_else(|| PageError::Entity(name.into_owned()))?;
        self.text.push_str(text);
        Ok(())
    }

    fn end(&mut self) -> Result<(), PageError> {
        if let Some(wanted) = self.wanted.take() {
            self.keep(wanted)?;
        }
        match self.depth {
            1 => self.is_complete = true,
            BLOB => self.end_of_entry(),
            NAME => self.section = Section::Other,
            _ => {}
        }
        self.depth = self.depth.saturating_sub(1);
        Ok(())
    }

    fn end_of_entry(&mut self) {
        let blob = std::mem::take(&mut self.blob);
        match std::mem::take(&mut self.entry) {
            Entry::Blob => self.page.blobs.push(blob.listed()),
            Entry::Prefix => self.page.prefixes.push(blob.name),
            Entry::Other => {}
        }
    }

    /// Takes the text of an element that has just ended.
    fn keep(&mut self, wanted: Wanted) -> Result<(), PageError> {
        let text = self.text.as_str();
        let blob = &mut self.blob;
        match wanted {
            Wanted::NextMarker => self.next = Some(text.to_owned()).filter(|it| !it.is_empty()),
            Wanted::Name { is_encoded } => blob.name = decoded(text, is_encoded),
            Wanted::Size => {
                let size = text.trim().parse();
                blob.size = size.map_err(|_| PageError::Size(text.to_owned()))?;
            }
            Wanted::Etag => blob.etag = Some(text).filter(|it| !it.is_empty()).map(ETag::new),
            Wanted::LastModified => blob.last_modified = parse_date(text),
            Wanted::Md5 => blob.content_md5 = parse_md5(text),
            Wanted::ResourceType => blob.is_directory |= text == "directory",
            Wanted::Folder => blob.is_directory |= text.eq_ignore_ascii_case("true"),
            Wanted::Blake3 => blob.blake3 = text.parse().ok(),
            Wanted::Sha256 => blob.sha256 = text.parse().ok(),
        }
        Ok(())
    }

    fn finish(self) -> Result<(ListPage, Option<String>), PageError> {
        if self.is_complete {
            Ok((self.page, self.next))
        } else {
            Err(PageError::Incomplete)
        }
    }
}

impl PartialBlob {
    fn listed(self) -> ListedBlob {
        let digests = self.blake3.zip(self.sha256);
        ListedBlob {
            name: self.name,
            size: self.size,
            etag: self.etag,
            last_modified: self.last_modified,
            digests: digests.map(|(blake3, sha256)| Digests { blake3, sha256 }),
            content_md5: self.content_md5,
            is_directory: self.is_directory,
        }
    }
}

fn entry(name: &str) -> Entry {
    match name {
        "Blob" => Entry::Blob,
        "BlobPrefix" => Entry::Prefix,
        _ => Entry::Other,
    }
}

fn section(name: &str) -> Section {
    match name {
        "Properties" => Section::Properties,
        "Metadata" => Section::Metadata,
        _ => Section::Other,
    }
}

fn property(name: &str) -> Option<Wanted> {
    match name {
        "Content-Length" => Some(Wanted::Size),
        "Etag" => Some(Wanted::Etag),
        "Last-Modified" => Some(Wanted::LastModified),
        "Content-MD5" => Some(Wanted::Md5),
        "ResourceType" => Some(Wanted::ResourceType),
        _ => None,
    }
}

/// Keys of metadata come back in the case in which somebody wrote them.
fn metadata(name: &str) -> Option<Wanted> {
    if name.eq_ignore_ascii_case(BLAKE3_KEY) {
        Some(Wanted::Blake3)
    } else if name.eq_ignore_ascii_case(SHA256_KEY) {
        Some(Wanted::Sha256)
    } else if name.eq_ignore_ascii_case(FOLDER_KEY) {
        Some(Wanted::Folder)
    } else {
        None
    }
}

/// Names with characters that XML cannot hold come percent-encoded, and marked.
fn is_encoded(element: &BytesStart<'_>) -> Result<bool, PageError> {
    let encoded = element
        .try_get_attribute("Encoded")
        .map_err(quick_xml::Error::from)?;
    Ok(encoded.is_some_and(|attribute| attribute.value.eq_ignore_ascii_case("true")))
}

fn decoded(name: &str, is_encoded: bool) -> String {
    if is_encoded {
        percent_decode_str(name).decode_utf8_lossy().into_owned()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests;
