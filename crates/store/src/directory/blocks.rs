//! Staged blocks: a folder for each blob that has some, a file for each block.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use super::error::disk;
use super::layout::{Key, Layout, is_absence};
use crate::rules::{self, BlockLimits};
use crate::{BlobName, BlockName, ListedBlock, StoreError};

/// The file that tells whose blocks these are; no block's file can have this name.
const HEADER: &str = "staged.json";

/// What is known of a blob's staged blocks without looking at each.
#[derive(Debug, Serialize, Deserialize)]
struct Header {
    name: String,
    id_length: usize,
    /// At least as many as there are: it is raised before a block is there.
    count: usize,
}

/// Stages a block; the lock of the blob is held.
pub(super) fn stage(
    layout: &Layout,
    name: &BlobName,
    block: &BlockName,
    body: NamedTempFile,
    limits: BlockLimits,
) -> Result<(), StoreError> {
    let key = Key::of(name);
    let path = layout.block(&key, block);
    let header = read_header(&layout.blocks(&key))?;
    rules::check_id_length(name, block, header.as_ref().map(|it| it.id_length))?;
    if !path.exists() {
        let count = header.map_or(0, |it| it.count) + 1;
        limits.check_stage(name, count)?;
        let header = Header {
            name: name.to_string(),
            id_length: block.as_bytes().len(),
            count,
        };
        write_header(layout, &layout.blocks(&key), &header)?;
    }
    body.persist(path).map_err(|error| disk(error.error))?;
    Ok(())
}

/// Whether there are staged blocks of this blob.
pub(super) fn any(layout: &Layout, key: &Key) -> Result<bool, StoreError> {
    Ok(read_header(&layout.blocks(key))?.is_some())
}

/// The staged blocks of a blob.
pub(super) fn list(layout: &Layout, key: &Key) -> Result<Vec<ListedBlock>, StoreError> {
    let folder = layout.blocks(key);
    let entries = match fs_err::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if is_absence(&error) => return Ok(Vec::new()),
        Err(error) => return Err(disk(error)),
    };
    let mut blocks = Vec::new();
    for entry in entries {
        let entry = entry.map_err(disk)?;
        if let Some(name) = entry.file_name().to_str().and_then(from_digits) {
            let size = entry.metadata().map_err(disk)?.len();
            blocks.push(ListedBlock { name, size });
        }
    }
    Ok(blocks)
}

/// The size of a staged block, when it is there.
pub(super) fn size(path: &Path) -> Result<Option<u64>, StoreError> {
    match fs_err::symlink_metadata(path) {
        Ok(metadata) => Ok(Some(metadata.len())),
        Err(error) if is_absence(&error) => Ok(None),
        Err(error) => Err(disk(error)),
    }
}

/// Drops all staged blocks of a blob.
pub(super) fn drop_all(layout: &Layout, key: &Key) -> Result<(), StoreError> {
    match fs_err::remove_dir_all(layout.blocks(key)) {
        Err(error) if !is_absence(&error) => Err(disk(error)),
        _ => Ok(()),
    }
}

/// The names of all blobs that have staged blocks: few, since only unfinished uploads have.
pub(super) fn names(layout: &Layout) -> Result<Vec<String>, StoreError> {
    let entries = match fs_err::read_dir(layout.all_blocks()) {
        Ok(entries) => entries,
        Err(error) if is_absence(&error) => return Ok(Vec::new()),
        Err(error) => return Err(disk(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(disk)?;
        names.extend(read_header(&entry.path())?.map(|header| header.name));
    }
    Ok(names)
}

fn read_header(folder: &Path) -> Result<Option<Header>, StoreError> {
    let text = match fs_err::read(folder.join(HEADER)) {
        Ok(text) => text,
        Err(error) if is_absence(&error) => return Ok(None),
        Err(error) => return Err(disk(error)),
    };
    serde_json::from_slice(&text)
        .map(Some)
        .map_err(|error| disk(error.into()))
}

fn write_header(layout: &Layout, folder: &Path, header: &Header) -> Result<(), StoreError> {
    fs_err::create_dir_all(folder).map_err(disk)?;
    let temporary = layout.temporary()?;
    let text = serde_json::to_vec(header).map_err(|error| disk(io::Error::from(error)))?;
    fs_err::write(temporary.path(), text).map_err(disk)?;
    temporary
        .persist(folder.join(HEADER))
        .map_err(|error| disk(error.error))?;
    Ok(())
}

fn from_digits(digits: &str) -> Option<BlockName> {
    let bytes = digits
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect::<Option<Vec<u8>>>()?;
    BlockName::new(bytes).ok()
}
