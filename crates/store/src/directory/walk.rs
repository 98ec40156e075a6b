//! Listing a directory in the order of the names' bytes.
//!
//! A folder sorts among its siblings as if its name ended with `/`, because all that is in it starts so: then `a-b`
//! comes before all of `a/`, as it does in a container. At any time only the folders on the way down are in memory.

use std::cmp::Ordering;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use super::blocks;
use super::disk::Disk;
use super::error::disk;
use super::layout::{is_absence, is_side_folder};
use crate::{BlobName, ListOptions, ListPage, ListedBlob, StoreError, rules};

/// As many entries as the service puts on a page.
const PAGE_SIZE: u32 = 5_000;

/// A listing that is under way.
#[derive(Debug)]
pub(super) struct Walk {
    disk: Arc<Disk>,
    options: ListOptions,
    /// The entries to come of each folder on the way down, the innermost last.
    levels: Vec<std::vec::IntoIter<Entry>>,
    /// The next entry of the walk, when it was looked at already.
    next: Option<Entry>,
    /// Names with nothing but staged blocks, folded where the listing folds.
    staged: BTreeSet<String>,
}

/// A file or folder, by the name that blobs have there; that of a folder ends with `/`.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Entry {
    name: String,
}

impl Entry {
    fn is_folder(&self) -> bool {
        self.name.ends_with('/')
    }
}

impl Walk {
    /// Starts a listing.
    pub(super) fn start(disk: Arc<Disk>, options: ListOptions) -> Result<Self, StoreError> {
        disk.check_root()?;
        let mut walk = Self {
            disk,
            options,
            levels: Vec::new(),
            next: None,
            staged: BTreeSet::new(),
        };
        let folder = match walk.options.prefix.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/"),
            None => String::new(),
        };
        if walk.is_listed_folder(&folder)? {
            let entries = walk.entries(&folder)?;
            walk.levels.push(entries);
        }
        if walk.options.uncommitted {
            walk.staged = walk.staged_names()?;
        }
        Ok(walk)
    }

    /// The next page; none at the end. The first may be empty.
    pub(super) fn page(&mut self) -> Result<ListPage, StoreError> {
        let limit = self.options.page_size.unwrap_or(PAGE_SIZE).max(1) as usize;
        let mut page = ListPage::default();
        while page.blobs.len() + page.prefixes.len() < limit {
            if !self.step(&mut page)? {
                break;
            }
        }
        Ok(page)
    }

    /// Whether nothing is left.
    pub(super) fn is_done(&mut self) -> Result<bool, StoreError> {
        self.look_ahead()?;
        Ok(self.next.is_none() && self.staged.is_empty())
    }

    /// Adds at most one entry to a page; false at the end.
    fn step(&mut self, page: &mut ListPage) -> Result<bool, StoreError> {
        self.look_ahead()?;
        let order = match (&self.next, self.staged.first()) {
            (None, None) => return Ok(false),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(entry), Some(staged)) => entry.name.cmp(staged),
        };
        if order.is_ge()
            && let Some(name) = self.staged.pop_first()
            && order.is_gt()
        {
            if name.ends_with('/') {
                page.prefixes.push(name);
            } else {
                page.blobs.push(without_blob(name));
            }
            return Ok(true);
        }
        if let Some(entry) = self.next.take() {
            if entry.is_folder() {
                page.prefixes.push(entry.name);
            } else {
                page.blobs.extend(self.listed(&entry.name)?);
            }
        }
        Ok(true)
    }

    /// Walks on to the next file, or to the next folder that is folded.
    fn look_ahead(&mut self) -> Result<(), StoreError> {
        while self.next.is_none() {
            let Some(level) = self.levels.last_mut() else {
                return Ok(());
            };
            match level.next() {
                None => {
                    self.levels.pop();
                }
                Some(entry) if !entry.is_folder() => self.next = Some(entry),
                Some(entry) if self.options.delimited => {
                    if self.holds_a_file(&entry.name)? {
                        self.next = Some(entry);
                    }
                }
                Some(entry) => {
                    let entries = self.entries(&entry.name)?;
                    self.levels.push(entries);
                }
            }
        }
        Ok(())
    }

    /// Whether names of blobs can start with `folder`, and nothing on the way is a link.
    fn is_listed_folder(&self, folder: &str) -> Result<bool, StoreError> {
        let Some(bare) = folder.strip_suffix('/') else {
            return Ok(true);
        };
        let is_foreign =
            |segment: &str| matches!(segment, "" | "." | "..") || segment.contains('\\');
        let first = bare.split('/').next().unwrap_or_default();
        if bare.split('/').any(is_foreign) || is_side_folder(first) {
            return Ok(false);
        }
        let within = self.disk.layout().below(&format!("{bare}/file"));
        Ok(self.disk.layout().link_above(&within)?.is_none())
    }

    /// What is in a folder and starts with the prefix, in order. `folder` is empty or ends with `/`.
    fn entries(&self, folder: &str) -> Result<std::vec::IntoIter<Entry>, StoreError> {
        let prefix = self.options.prefix.as_str();
        let mut entries = self.read_folder(folder)?;
        entries.retain(|entry| entry.name.starts_with(prefix));
        entries.sort_unstable();
        Ok(entries.into_iter())
    }

    fn read_folder(&self, folder: &str) -> Result<Vec<Entry>, StoreError> {
        let path: PathBuf = self.disk.layout().below(folder);
        let found = match fs_err::read_dir(&path) {
            Ok(found) => found,
            // Removed since it was seen, for it was empty.
            Err(error) if is_absence(&error) => return Ok(Vec::new()),
            Err(error) => return Err(disk(error)),
        };
        let mut entries = Vec::new();
        for entry in found {
            let entry = entry.map_err(disk)?;
            let file_name = entry.file_name();
            let Some(name) = file_name.to_str() else {
                tracing::warn!(path = %entry.path().display(), "not listed, since its name is not Unicode");
                continue;
            };
            if folder.is_empty() && is_side_folder(name) {
                continue;
            }
            let kind = entry.file_type().map_err(disk)?;
            if kind.is_dir() {
                entries.push(Entry {
                    name: format!("{folder}{name}/"),
                });
            } else if kind.is_file() {
                entries.push(Entry {
                    name: format!("{folder}{name}"),
                });
            }
        }
        Ok(entries)
    }

    /// Whether a listing of `folder` would have an entry: empty folders are not seen in a container.
    fn holds_a_file(&self, folder: &str) -> Result<bool, StoreError> {
        let entries = self.read_folder(folder)?;
        if entries.iter().any(|entry| !entry.is_folder()) {
            return Ok(true);
        }
        for entry in entries {
            if self.holds_a_file(&entry.name)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn staged_names(&self) -> Result<BTreeSet<String>, StoreError> {
        let prefix = self.options.prefix.as_str();
        let mut names = BTreeSet::new();
        for name in blocks::names(self.disk.layout())? {
            if name.starts_with(prefix) {
                let folded = rules::folded(&name, prefix).filter(|_| self.options.delimited);
                names.insert(folded.map_or_else(|| name.clone(), str::to_owned));
            }
        }
        Ok(names)
    }

    /// The blob at a file; none when it went away.
    fn listed(&self, name: &str) -> Result<Option<ListedBlob>, StoreError> {
        let found = match BlobName::new(name) {
            Ok(checked) => self
                .disk
                .find(&checked)?
                .map(super::disk::Found::properties),
            Err(_) => self.disk.look_at(name)?,
        };
        Ok(found.map(|properties| ListedBlob {
            name: name.to_owned(),
            size: properties.size,
            etag: Some(properties.etag),
            last_modified: properties.last_modified,
            digests: properties.metadata.digests(),
            content_md5: properties.content_md5,
            is_directory: false,
        }))
    }
}

fn without_blob(name: String) -> ListedBlob {
    ListedBlob {
        name,
        size: 0,
        etag: None,
        last_modified: None,
        digests: None,
        content_md5: None,
        is_directory: false,
    }
}
