//! Looking at the source: what a directory has, and what its children are. Knows nothing of who looks, and when.

use std::ffi::OsString;
use std::fs::FileType;
use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err as fs;
use longshore_store::{BlobName, MAX_NAME_SEGMENTS, NameError};

use super::super::filter::{Rules, rules_in};
use super::super::read_error;
use super::{LocalFile, LocalItem, WalkContext, remember};
use crate::platform::{self, Identity, directory_identity};
use crate::{ItemError, Note};

/// How many files are looked at in one step.
const STEP_FILES: usize = 128;

/// A directory with its children, sorted, before they are looked at.
#[derive(Debug)]
pub(super) struct Listing {
    path: PathBuf,
    /// Its name with a slash at its end; nothing for the root.
    relative: String,
    /// The rules in force in it.
    rules: Rules,
    /// The directories that lead to it, itself included; only known when links are followed.
    above: Vec<Identity>,
    children: Vec<Child>,
}

/// A child of a directory, before it is looked at.
#[derive(Debug)]
struct Child {
    /// Its name; with a slash at its end for a directory.
    key: String,
    kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Directory,
    File,
    Symlink,
    Special,
}

/// Some of the children of a directory: one directory, or a few others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step(Range<usize>);

impl Step {
    pub(super) const fn end(&self) -> usize {
        self.0.end
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}

/// What a step came to.
#[derive(Debug, Default)]
pub(super) struct Found {
    pub(super) items: Vec<LocalItem>,
    /// The directory that it led into, to be walked after the items.
    pub(super) directory: Option<Arc<Listing>>,
    /// Whether nothing was found because the directory is too large to be listed ahead.
    pub(super) is_too_large: bool,
}

impl Found {
    fn failed(error: ItemError) -> Self {
        Self {
            items: vec![LocalItem::Failed(error)],
            ..Self::default()
        }
    }

    fn nothing() -> Self {
        Self::default()
    }
}

impl Listing {
    /// The step that begins with a child; none behind the last one.
    pub(super) fn step(&self, start: usize) -> Option<Step> {
        let rest = self.children.get(start..)?;
        let files = rest
            .iter()
            .take(STEP_FILES)
            .take_while(|child| child.kind != Kind::Directory)
            .count();
        (!rest.is_empty()).then(|| Step(start..start + files.max(1)))
    }

    pub(super) fn len(&self) -> usize {
        self.children.len()
    }
}

impl WalkContext {
    /// The source itself.
    pub(super) fn root(&self) -> Found {
        let above = Place {
            path: self.root.clone(),
            relative: String::new(),
            rules: &Rules::new(),
            above: &[],
        };
        self.enter(above, usize::MAX)
    }

    /// Looks at some children of a directory; lists a directory among them when it has at most so many.
    pub(super) fn look(&self, listing: &Listing, step: &Step, most: usize) -> Found {
        let children = &listing.children[step.0.clone()];
        match children {
            [child] if child.kind == Kind::Directory => self.directory(listing, child, most),
            others => self.files(listing, others),
        }
    }

    fn files(&self, listing: &Listing, children: &[Child]) -> Found {
        let mut items: Vec<_> = children
            .iter()
            .filter_map(|child| self.file(listing, child))
            .collect();
        remember(self.cache.as_ref(), &mut items);
        Found {
            items,
            ..Found::default()
        }
    }

    /// Looks at something that is no directory; nothing when it is left out.
    fn file(&self, listing: &Listing, child: &Child) -> Option<LocalItem> {
        let path = listing.path.join(&child.key);
        if self.filter.skips_file(&path, &listing.rules) {
            return None;
        }
        let name = || format!("{}{}{}", self.prefix, listing.relative, child.key);
        Some(match child.kind {
            Kind::Special => LocalItem::Skipped(name(), Note::Special { path }),
            Kind::Symlink if !self.follow_symlinks => {
                LocalItem::Skipped(name(), Note::Symlink { path })
            }
            Kind::Symlink => {
                let cause = fs::metadata(&path)
                    .err()
                    .unwrap_or_else(|| io::ErrorKind::NotFound.into());
                LocalItem::Failed(read_error(&path, cause))
            }
            Kind::File | Kind::Directory => match file(path, name()) {
                Ok(file) => LocalItem::File(file),
                Err(error) => LocalItem::Failed(error),
            },
        })
    }

    fn directory(&self, listing: &Listing, child: &Child, most: usize) -> Found {
        let path = listing.path.join(child.key.trim_end_matches('/'));
        if self.filter.skips_directory(&path, &listing.rules) {
            return Found::nothing();
        }
        let relative = format!("{}{}", listing.relative, child.key);
        if is_loop(&path, &listing.above) {
            return Found::failed(ItemError::LinkLoop { path });
        }
        if relative.matches('/').count() >= MAX_NAME_SEGMENTS {
            let segments = MAX_NAME_SEGMENTS + 1;
            return Found::failed(ItemError::Name {
                path,
                cause: Some(NameError::TooDeep { segments }),
            });
        }
        let place = Place {
            path,
            relative,
            rules: &listing.rules,
            above: &listing.above,
        };
        self.enter(place, most)
    }

    /// Lists a directory, when it has at most so many children.
    fn enter(&self, place: Place<'_>, most: usize) -> Found {
        let mut found = Found::nothing();
        match self.list(place, most, &mut found.items) {
            Ok(Some(listing)) => found.directory = Some(Arc::new(listing)),
            Ok(None) => {
                return Found {
                    is_too_large: true,
                    ..Found::default()
                };
            }
            Err(error) => found.items.push(LocalItem::Failed(error)),
        }
        found
    }

    fn list(
        &self,
        place: Place<'_>,
        most: usize,
        failed: &mut Vec<LocalItem>,
    ) -> Result<Option<Listing>, ItemError> {
        let path = place.path;
        let Some(children) = self
            .children(&path, most, failed)
            .map_err(|cause| read_error(&path, cause))?
        else {
            return Ok(None);
        };
        let rules = rules_in(&path, place.rules)?;
        let entered = self
            .follow_symlinks
            .then(|| directory_identity(&path))
            .flatten();
        Ok(Some(Listing {
            path,
            relative: place.relative,
            rules,
            above: place.above.iter().copied().chain(entered).collect(),
            children,
        }))
    }

    /// The children of a directory in the order of the listing; none when there are more than `most`.
    fn children(
        &self,
        path: &Path,
        most: usize,
        failed: &mut Vec<LocalItem>,
    ) -> io::Result<Option<Vec<Child>>> {
        let mut children = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let kind = self.kind_of(entry.file_type()?, || entry.path());
            match entry.file_name().into_string() {
                Ok(mut key) => {
                    key.extend((kind == Kind::Directory).then_some('/'));
                    children.push(Child { key, kind });
                }
                Err(name) => failed.push(LocalItem::Failed(not_unicode(path, name))),
            }
            if children.len() + failed.len() > most {
                return Ok(None);
            }
        }
        let order = self.order;
        children.sort_unstable_by(|a, b| order.compare(&a.key, &b.key));
        Ok(Some(children))
    }

    fn kind_of(&self, file_type: FileType, path: impl Fn() -> PathBuf) -> Kind {
        let followed = || {
            fs::metadata(path())
                .ok()
                .map(|metadata| metadata.file_type())
        };
        let file_type = match file_type {
            link if link.is_symlink() && self.follow_symlinks => followed().unwrap_or(link),
            other => other,
        };
        match file_type {
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_file() => Kind::File,
            kind if kind.is_symlink() => Kind::Symlink,
            _ => Kind::Special,
        }
    }
}

/// Where a directory is, and what holds above it.
struct Place<'a> {
    path: PathBuf,
    relative: String,
    rules: &'a Rules,
    above: &'a [Identity],
}

/// A file of the source, as far as it is known without its digests.
fn file(path: PathBuf, name: String) -> Result<LocalFile, ItemError> {
    let metadata = match fs::metadata(&path) {
        Ok(metadata) => metadata,
        Err(cause) => return Err(read_error(&path, cause)),
    };
    match BlobName::new(name) {
        Ok(name) => Ok(LocalFile {
            name,
            stamp: platform::stamp(&path, &metadata),
            path,
            digests: None,
        }),
        Err(cause) => Err(ItemError::Name {
            path,
            cause: Some(cause),
        }),
    }
}

/// Whether a directory is one of those that lead to it; only links can do that, so only then are they known.
fn is_loop(path: &Path, above: &[Identity]) -> bool {
    !above.is_empty() && directory_identity(path).is_some_and(|found| above.contains(&found))
}

fn not_unicode(directory: &Path, name: OsString) -> ItemError {
    ItemError::Name {
        path: directory.join(name),
        cause: None,
    }
}
