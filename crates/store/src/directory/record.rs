//! What stands beside a file: one line of JSON, then one line a block.
//!
//! The blocks come after, so that a listing reads the first line alone.

use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use rand::RngCore;
use serde::{Deserialize, Serialize};

use super::error::disk;
use super::layout::{Layout, is_absence};
use crate::{
    BlobProperties, BlockName, ContentType, ETag, ListedBlock, Metadata, StoreError, WriteOptions,
};

/// The version of the format.
const VERSION: u32 = 1;

/// What is known of a blob beside its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Record {
    version: u32,
    /// For people who look at the side folder.
    name: String,
    etag: String,
    size: u64,
    modified: Timestamp,
    content_type: String,
    metadata: std::collections::BTreeMap<String, String>,
}

/// What tells whether a file is the one that was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stamp {
    pub(super) size: u64,
    pub(super) modified: Timestamp,
}

impl Stamp {
    pub(super) fn of(metadata: &std::fs::Metadata) -> Self {
        let modified = metadata
            .modified()
            .ok()
            .and_then(|time| Timestamp::try_from(time).ok());
        Self {
            size: metadata.len(),
            modified: modified.unwrap_or(Timestamp::UNIX_EPOCH),
        }
    }

    /// The properties of a file that nothing is known about.
    pub(super) fn properties(self) -> BlobProperties {
        let tag = format!("F{:x}-{:x}", self.size, self.modified.as_nanosecond());
        BlobProperties {
            size: self.size,
            etag: ETag::new(&tag),
            last_modified: Some(self.modified),
            content_type: ContentType::default(),
            content_md5: None,
            metadata: Metadata::new(),
        }
    }
}

impl Record {
    /// The record of a new version of a blob whose file has this stamp.
    pub(super) fn new(name: &str, stamp: Stamp, options: &WriteOptions) -> Self {
        Self {
            version: VERSION,
            name: name.to_owned(),
            etag: new_tag(),
            size: stamp.size,
            modified: stamp.modified,
            content_type: options.content_type.as_str().to_owned(),
            metadata: to_map(&options.metadata),
        }
    }

    /// The record of the next version, with other metadata.
    pub(super) fn with_metadata(mut self, metadata: &Metadata) -> Self {
        self.etag = new_tag();
        self.metadata = to_map(metadata);
        self
    }

    pub(super) fn is_of(&self, stamp: Stamp) -> bool {
        self.size == stamp.size && self.modified == stamp.modified
    }

    pub(super) fn etag(&self) -> ETag {
        ETag::new(&self.etag)
    }

    pub(super) fn properties(self) -> BlobProperties {
        BlobProperties {
            size: self.size,
            etag: self.etag(),
            last_modified: Some(self.modified),
            content_type: ContentType::new(self.content_type),
            content_md5: None,
            metadata: self.metadata.into_iter().collect(),
        }
    }
}

fn to_map(metadata: &Metadata) -> std::collections::BTreeMap<String, String> {
    metadata
        .iter()
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

/// A version that no other write, in whichever process, will have.
fn new_tag() -> String {
    format!("0x{:016X}", rand::rng().next_u64())
}

/// Reads the first line; none when there is no record, or none that can be understood.
pub(super) fn read(path: &Path) -> Result<Option<Record>, StoreError> {
    Ok(open(path)?.map(|(record, _)| record))
}

/// Reads all of it.
pub(super) fn read_with_blocks(
    path: &Path,
) -> Result<Option<(Record, Vec<ListedBlock>)>, StoreError> {
    let Some((record, lines)) = open(path)? else {
        return Ok(None);
    };
    let mut blocks = Vec::new();
    for line in lines.lines() {
        let Some(block) = parse_block(&line.map_err(disk)?) else {
            tracing::warn!(path = %path.display(), "a record is damaged, and its blocks are ignored");
            return Ok(Some((record, Vec::new())));
        };
        blocks.push(block);
    }
    Ok(Some((record, blocks)))
}

/// Reads the id of the first block.
pub(super) fn read_first_block(path: &Path) -> Result<Option<ListedBlock>, StoreError> {
    let Some((_, mut lines)) = open(path)? else {
        return Ok(None);
    };
    let mut line = String::new();
    lines.read_line(&mut line).map_err(disk)?;
    Ok(parse_block(line.trim_end()))
}

fn open(path: &Path) -> Result<Option<(Record, BufReader<fs_err::File>)>, StoreError> {
    let file = match fs_err::File::open(path) {
        Ok(file) => file,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(disk(error)),
    };
    let mut lines = BufReader::new(file);
    let mut line = String::new();
    lines.read_line(&mut line).map_err(disk)?;
    match serde_json::from_str::<Record>(&line) {
        Ok(record) if record.version == VERSION => Ok(Some((record, lines))),
        _ => {
            tracing::warn!(path = %path.display(), "a record is damaged or of another version, and is ignored");
            Ok(None)
        }
    }
}

fn parse_block(line: &str) -> Option<ListedBlock> {
    let (id, size) = line.split_once(' ')?;
    Some(ListedBlock {
        name: BlockName::new(STANDARD.decode(id).ok()?).ok()?,
        size: size.parse().ok()?,
    })
}

/// Writes it in place of the one that was there.
pub(super) fn write(
    layout: &Layout,
    path: &Path,
    record: &Record,
    blocks: &[ListedBlock],
) -> Result<(), StoreError> {
    let temporary = layout.temporary()?;
    let mut out = BufWriter::new(temporary.as_file());
    let line = serde_json::to_string(record).map_err(|error| StoreError::Io {
        cause: error.into(),
    })?;
    writeln!(out, "{line}").map_err(disk)?;
    for block in blocks {
        writeln!(out, "{} {}", block.name, block.size).map_err(disk)?;
    }
    out.flush().map_err(disk)?;
    drop(out);
    if let Some(folder) = path.parent() {
        fs_err::create_dir_all(folder).map_err(disk)?;
    }
    temporary.persist(path).map_err(|error| disk(error.error))?;
    Ok(())
}
