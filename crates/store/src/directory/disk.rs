//! What each call does to the disk. All of it blocks, so it runs on threads that may.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use tempfile::NamedTempFile;

use super::blocks;
use super::error::{DirectoryError, disk};
use super::layout::{Key, Layout, SIDE_FOLDER, is_absence};
use super::record::{self, Record, Stamp};
use crate::rules::{self, BlockLimits};
use crate::{
    BlobName, BlobProperties, BlockList, BlockListKind, BlockName, Condition, ETag, GetOptions,
    ListedBlock, Metadata, StoreError, WriteOptions, Written,
};

/// How often a write is tried again because a folder that it made was empty and therefore removed by somebody else,
/// or a read because the file was replaced while it was opened.
const RACES: u32 = 16;

/// A directory as a container.
#[derive(Debug)]
pub(super) struct Disk {
    layout: Layout,
    limits: BlockLimits,
}

/// A blob's file as it was found.
#[derive(Debug)]
pub(super) struct Found {
    path: PathBuf,
    stamp: Stamp,
    /// What stands beside it, when that belongs to this version of the file.
    record: Option<Record>,
}

impl Found {
    pub(super) fn properties(self) -> BlobProperties {
        match self.record {
            Some(record) => record.properties(),
            None => self.stamp.properties(),
        }
    }

    fn etag(&self) -> ETag {
        match &self.record {
            Some(record) => record.etag(),
            None => self.stamp.properties().etag,
        }
    }
}

/// Where the bytes of a block of the next version come from.
enum Piece {
    Staged(PathBuf),
    Committed { offset: u64, size: u64 },
}

impl Disk {
    pub(super) const fn new(root: PathBuf, limits: BlockLimits) -> Self {
        Self {
            layout: Layout::new(root),
            limits,
        }
    }

    pub(super) const fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(super) fn create(&self) -> Result<bool, StoreError> {
        let root = self.layout.root();
        let is_new = !root.is_dir();
        fs_err::create_dir_all(root).map_err(disk)?;
        Ok(is_new)
    }

    pub(super) fn check_root(&self) -> Result<(), StoreError> {
        match fs_err::metadata(self.layout.root()) {
            Ok(metadata) if metadata.is_dir() => Ok(()),
            Ok(_) => Err(DirectoryError::in_the_way(self.layout.root())),
            Err(error) if is_absence(&error) => Err(StoreError::ContainerNotFound {
                container: self.layout.root().display().to_string(),
                cause: Some(error.into()),
            }),
            Err(error) => Err(disk(error)),
        }
    }

    /// The blob, for a caller that holds no lock.
    pub(super) fn find(&self, name: &BlobName) -> Result<Option<Found>, StoreError> {
        let found = self.find_now(name)?;
        if found.as_ref().is_none_or(|it| it.record.is_some()) {
            return Ok(found);
        }
        // Between the rename of a file and that of its record there is a moment in which they disagree.
        let _lock = self.lock_to_read(&Key::of(name))?;
        self.find_now(name)
    }

    fn find_now(&self, name: &BlobName) -> Result<Option<Found>, StoreError> {
        self.check_root()?;
        let path = self.layout.file(name)?;
        if self.layout.link_above(&path)?.is_some() {
            return Ok(None);
        }
        let stamp = match fs_err::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_file() => Stamp::of(&metadata),
            Ok(_) => return Ok(None),
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(disk(error)),
        };
        if self.other_spelling(name, &path).is_some() {
            return Ok(None);
        }
        let record = record::read(&self.layout.record(&Key::of(name)))?;
        Ok(Some(Found {
            path,
            stamp,
            record: record.filter(|record| record.is_of(stamp)),
        }))
    }

    /// The file at a name that no blob of ours can have.
    pub(super) fn look_at(&self, name: &str) -> Result<Option<BlobProperties>, StoreError> {
        match fs_err::symlink_metadata(self.layout.below(name)) {
            Ok(metadata) => Ok(Some(Stamp::of(&metadata).properties())),
            Err(error) if is_absence(&error) => Ok(None),
            Err(error) => Err(disk(error)),
        }
    }

    fn expect(&self, name: &BlobName, condition: &Condition) -> Result<Found, StoreError> {
        let found = self
            .find_now(name)?
            .ok_or_else(|| StoreError::NotFound { name: name.clone() })?;
        rules::check_existing(name, condition, &found.etag())?;
        Ok(found)
    }

    /// The file in its own spelling, where the file system folds case and it has another than `name`.
    fn other_spelling(&self, name: &BlobName, path: &Path) -> Option<PathBuf> {
        let side = self.layout.root().join(SIDE_FOLDER.to_ascii_uppercase());
        if !side.exists() {
            return None;
        }
        let own = fs_err::canonicalize(path).ok()?;
        (!own.ends_with(name.as_str())).then_some(own)
    }

    /// Opens a blob for reading.
    pub(super) fn open(
        &self,
        name: &BlobName,
        options: &GetOptions,
    ) -> Result<(BlobProperties, File, u64), StoreError> {
        for _ in 0..RACES {
            let Some(found) = self.find(name)? else {
                break;
            };
            rules::check_existing(name, &options.condition, &found.etag())?;
            let mut file = match fs_err::File::open(&found.path) {
                Ok(file) => file.into_parts().0,
                Err(error) if is_absence(&error) => continue,
                Err(error) => return Err(disk(error)),
            };
            if Stamp::of(&file.metadata().map_err(disk)?) != found.stamp {
                continue;
            }
            let (start, length) = rules::bytes_wanted(name, options, found.stamp.size)?;
            file.seek(SeekFrom::Start(start)).map_err(disk)?;
            return Ok((found.properties(), file, length));
        }
        Err(StoreError::NotFound { name: name.clone() })
    }

    /// Writes a body to a file that is yet without a name.
    pub(super) fn spool(&self, body: &Bytes) -> Result<NamedTempFile, StoreError> {
        self.check_root()?;
        let mut temporary = self.layout.temporary()?;
        temporary.write_all(body).map_err(disk)?;
        Ok(temporary)
    }

    pub(super) fn put(
        &self,
        name: &BlobName,
        body: &Bytes,
        options: &WriteOptions,
    ) -> Result<Written, StoreError> {
        self.layout.file(name)?;
        self.put_file(name, self.spool(body)?, options)
    }

    /// Makes a file that has no name yet the blob.
    pub(super) fn put_file(
        &self,
        name: &BlobName,
        temporary: NamedTempFile,
        options: &WriteOptions,
    ) -> Result<Written, StoreError> {
        self.layout.file(name)?;
        let _lock = self.lock_to_write(&Key::of(name))?;
        let current = self.find_now(name)?.map(|found| found.etag());
        rules::check_write(name, &options.condition, current.as_ref())?;
        self.publish(name, temporary, options, &[])
    }

    pub(super) fn stage(
        &self,
        name: &BlobName,
        block: &BlockName,
        body: &Bytes,
    ) -> Result<(), StoreError> {
        self.layout.file(name)?;
        self.stage_file(name, block, self.spool(body)?)
    }

    /// Makes a file that has no name yet a staged block.
    pub(super) fn stage_file(
        &self,
        name: &BlobName,
        block: &BlockName,
        temporary: NamedTempFile,
    ) -> Result<(), StoreError> {
        self.layout.file(name)?;
        let _lock = self.lock_to_write(&Key::of(name))?;
        let committed = self.first_committed_block(name)?;
        let length = committed.map(|block| block.name.as_bytes().len());
        rules::check_id_length(name, block, length)?;
        blocks::stage(&self.layout, name, block, temporary, self.limits)
    }

    pub(super) fn commit(
        &self,
        name: &BlobName,
        ids: &[BlockName],
        options: &WriteOptions,
    ) -> Result<Written, StoreError> {
        self.layout.file(name)?;
        self.limits.check_commit(name, ids.len())?;
        let mut temporary = self.spool(&Bytes::new())?;
        let _lock = self.lock_to_write(&Key::of(name))?;
        let found = self.find_now(name)?;
        let current = found.as_ref().map(Found::etag);
        rules::check_write(name, &options.condition, current.as_ref())?;
        let (listed, pieces) = self.pieces(name, ids)?;
        let path = found.map(|it| it.path);
        assemble(temporary.as_file_mut(), path.as_deref(), &pieces).map_err(disk)?;
        self.publish(name, temporary, options, &listed)
    }

    /// Where each block of a list is; all or none.
    fn pieces(
        &self,
        name: &BlobName,
        ids: &[BlockName],
    ) -> Result<(Vec<ListedBlock>, Vec<Piece>), StoreError> {
        let key = Key::of(name);
        let mut committed = HashMap::new();
        let mut offset = 0;
        for block in self.committed_blocks(name)? {
            let size = block.size;
            committed.insert(block.name, (offset, size));
            offset += size;
        }
        let mut listed = Vec::with_capacity(ids.len());
        let mut pieces = Vec::with_capacity(ids.len());
        for id in ids {
            let path = self.layout.block(&key, id);
            let (size, piece) = if let Some(size) = blocks::size(&path)? {
                (size, Piece::Staged(path))
            } else if let Some(&(offset, size)) = committed.get(id) {
                (size, Piece::Committed { offset, size })
            } else {
                return Err(StoreError::MissingBlock { name: name.clone() });
            };
            listed.push(ListedBlock {
                name: id.clone(),
                size,
            });
            pieces.push(piece);
        }
        Ok((listed, pieces))
    }

    fn committed_blocks(&self, name: &BlobName) -> Result<Vec<ListedBlock>, StoreError> {
        let Some(found) = self.find_now(name)? else {
            return Ok(Vec::new());
        };
        let record = record::read_with_blocks(&self.layout.record(&Key::of(name)))?;
        Ok(record
            .filter(|(record, _)| record.is_of(found.stamp))
            .map(|(_, blocks)| blocks)
            .unwrap_or_default())
    }

    fn first_committed_block(&self, name: &BlobName) -> Result<Option<ListedBlock>, StoreError> {
        match self.find_now(name)? {
            Some(Found {
                record: Some(_), ..
            }) => record::read_first_block(&self.layout.record(&Key::of(name))),
            _ => Ok(None),
        }
    }

    /// Gives a file the blob's name, writes down what it is, and drops what was staged.
    fn publish(
        &self,
        name: &BlobName,
        temporary: NamedTempFile,
        options: &WriteOptions,
        blocks: &[ListedBlock],
    ) -> Result<Written, StoreError> {
        let path = self.layout.file(name)?;
        if let Some(path) = self.other_spelling(name, &path) {
            return Err(DirectoryError::Spelling { path }.into());
        }
        let there = fs_err::symlink_metadata(&path);
        if there.is_ok_and(|there| !there.is_file()) {
            // A link or a pipe is somebody's, and no blob: it is not replaced.
            return Err(DirectoryError::in_the_way(&path));
        }
        self.rename(temporary, &path)?;
        let stamp = Stamp::of(&fs_err::symlink_metadata(&path).map_err(disk)?);
        let key = Key::of(name);
        let record = Record::new(name.as_str(), stamp, options);
        record::write(&self.layout, &self.layout.record(&key), &record, blocks)?;
        blocks::drop_all(&self.layout, &key)?;
        Ok(written(&record, stamp))
    }

    fn rename(&self, mut temporary: NamedTempFile, path: &Path) -> Result<(), StoreError> {
        let mut tries = 0;
        loop {
            self.layout.make_folders(path)?;
            match temporary.persist(path) {
                Ok(_) => return Ok(()),
                Err(error) if error.error.kind() == io::ErrorKind::NotFound && tries < RACES => {
                    temporary = error.file;
                    tries += 1;
                }
                Err(_) if path.is_dir() => return Err(DirectoryError::in_the_way(path)),
                Err(error) => return Err(disk(error.error)),
            }
        }
    }

    pub(super) fn block_list(
        &self,
        name: &BlobName,
        kind: BlockListKind,
    ) -> Result<BlockList, StoreError> {
        let key = Key::of(name);
        let _lock = self.lock_to_read(&key)?;
        let found = self.find_now(name)?;
        if found.is_none() && !blocks::any(&self.layout, &key)? {
            return Err(StoreError::NotFound { name: name.clone() });
        }
        let mut list = BlockList {
            etag: found.map(|found| found.etag()),
            ..BlockList::default()
        };
        if kind != BlockListKind::Uncommitted {
            list.committed = self.committed_blocks(name)?;
        }
        if kind != BlockListKind::Committed {
            list.uncommitted = blocks::list(&self.layout, &key)?;
        }
        Ok(list)
    }

    pub(super) fn set_metadata(
        &self,
        name: &BlobName,
        metadata: &Metadata,
        condition: &Condition,
    ) -> Result<Written, StoreError> {
        let key = Key::of(name);
        let _lock = self.lock_to_write(&key)?;
        let found = self.expect(name, condition)?;
        let blocks = self.committed_blocks(name)?;
        let record = found
            .record
            .unwrap_or_else(|| Record::new(name.as_str(), found.stamp, &WriteOptions::default()))
            .with_metadata(metadata);
        record::write(&self.layout, &self.layout.record(&key), &record, &blocks)?;
        Ok(written(&record, found.stamp))
    }

    pub(super) fn delete(&self, name: &BlobName, condition: &Condition) -> Result<(), StoreError> {
        let key = Key::of(name);
        let _lock = self.lock_to_write(&key)?;
        let found = self.expect(name, condition)?;
        fs_err::remove_file(&found.path).map_err(disk)?;
        blocks::drop_all(&self.layout, &key)?;
        match fs_err::remove_file(self.layout.record(&key)) {
            Err(error) if !is_absence(&error) => return Err(disk(error)),
            _ => {}
        }
        self.layout.prune_folders(&found.path);
        Ok(())
    }

    /// Keeps all others, in whichever process, from a blob (and from those that share its lock) until it is dropped.
    fn lock_to_write(&self, key: &Key) -> Result<File, StoreError> {
        self.check_root()?;
        let path = self.layout.lock(key);
        if let Some(folder) = path.parent() {
            fs_err::create_dir_all(folder).map_err(disk)?;
        }
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(disk)?;
        file.lock().map_err(disk)?;
        Ok(file)
    }

    /// Keeps writers from a blob; none when nobody ever wrote.
    fn lock_to_read(&self, key: &Key) -> Result<Option<File>, StoreError> {
        let file = match File::open(self.layout.lock(key)) {
            Ok(file) => file,
            Err(error) if is_absence(&error) => return Ok(None),
            Err(error) => return Err(disk(error)),
        };
        file.lock_shared().map_err(disk)?;
        Ok(Some(file))
    }
}

fn written(record: &Record, stamp: Stamp) -> Written {
    Written {
        etag: record.etag(),
        last_modified: Some(stamp.modified),
    }
}

/// Writes the pieces one after the other.
fn assemble(to: &mut File, current: Option<&Path>, pieces: &[Piece]) -> io::Result<()> {
    let mut current = current.map(fs_err::File::open).transpose()?;
    for piece in pieces {
        match piece {
            Piece::Staged(path) => {
                io::copy(fs_err::File::open(path)?.file_mut(), to)?;
            }
            Piece::Committed { offset, size } => {
                let file = current.as_mut().ok_or(io::ErrorKind::NotFound)?.file_mut();
                file.seek(SeekFrom::Start(*offset))?;
                if io::copy(&mut file.take(*size), to)? != *size {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
            }
        }
    }
    Ok(())
}
