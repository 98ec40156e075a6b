//! The walk: every file of the source, in the order in which the destination lists.
//!
//! A directory's children are sorted as if directories ended with `/`; walking depth first then yields whole names in
//! order, with no more in memory than the directories on the way down.

use std::ffi::OsString;
use std::fs::FileType;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use fs_err as fs;
use longshore_content::Digests;
use longshore_store::{BlobName, ListingOrder, MAX_NAME_SEGMENTS, NameError};

use super::filter::{Filter, Rules, rules_in};
use super::read_error;
use crate::cache::Reader;
use crate::platform::{self, Identity, Stamp, directory_identity};
use crate::{ItemError, Note};

/// A file of the source.
#[derive(Debug)]
pub(crate) struct LocalFile {
    /// The blob that is to hold it.
    pub(crate) name: BlobName,
    pub(crate) path: PathBuf,
    pub(crate) stamp: Stamp,
    /// Its digests, when they are remembered.
    pub(crate) digests: Option<Digests>,
}

/// What the walk finds.
#[derive(Debug)]
pub(crate) enum LocalItem {
    File(LocalFile),
    /// Something that is not staged, with the name it would have: a blob of that name, or below it, is not surplus.
    Skipped(String, Note),
    /// Something that could not be read: from here on nobody knows what the source has.
    Failed(ItemError),
}

/// What the walk needs to know.
#[derive(Debug)]
pub(crate) struct WalkContext {
    pub(crate) root: PathBuf,
    pub(crate) prefix: String,
    pub(crate) filter: Arc<Filter>,
    pub(crate) order: ListingOrder,
    pub(crate) follow_symlinks: bool,
    pub(crate) cache: Option<Reader>,
}

/// Walks the source; `emit` takes each item and tells whether to go on.
pub(crate) fn walk(context: WalkContext, emit: impl FnMut(LocalItem) -> bool) {
    let root = context.root.clone();
    let mut walk = Walk {
        context,
        emit,
        open: true,
    };
    walk.directory(&root, "", &Rules::new(), &mut Vec::new());
}

struct Walk<E> {
    context: WalkContext,
    emit: E,
    open: bool,
}

/// A child of a directory, before it is looked at.
struct Child {
    /// Its name; with a slash at its end for a directory.
    key: String,
    kind: Kind,
}

enum Kind {
    Directory,
    File,
    Symlink,
    Special,
}

impl<E: FnMut(LocalItem) -> bool> Walk<E> {
    fn emit(&mut self, item: LocalItem) {
        self.open = self.open && (self.emit)(item);
    }

    fn fail(&mut self, error: ItemError) {
        self.emit(LocalItem::Failed(error));
    }

    /// Walks one directory. `relative` is its name with a trailing slash, `above` the directories that lead to it.
    fn directory(&mut self, path: &Path, relative: &str, rules: &Rules, above: &mut Vec<Identity>) {
        let children = match self.children(path) {
            Ok(children) => children,
            Err(cause) => return self.fail(read_error(path, cause)),
        };
        let rules = match rules_in(path, rules) {
            Ok(rules) => rules,
            Err(error) => return self.fail(error),
        };
        let entered = self
            .context
            .follow_symlinks
            .then(|| directory_identity(path))
            .flatten();
        above.extend(entered);
        for child in &children {
            if !self.open {
                break;
            }
            self.child(path, relative, child, &rules, above);
        }
        if entered.is_some() {
            above.pop();
        }
    }

    /// The children of a directory in the order of the listing.
    fn children(&mut self, path: &Path) -> io::Result<Vec<Child>> {
        let mut children = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            let kind = self.kind_of(&entry.path(), entry.file_type()?);
            match entry.file_name().into_string() {
                Ok(mut key) => {
                    key.extend(matches!(kind, Kind::Directory).then_some('/'));
                    children.push(Child { key, kind });
                }
                Err(name) => self.fail(not_unicode(path, name)),
            }
        }
        let order = self.context.order;
        children.sort_unstable_by(|a, b| order.compare(&a.key, &b.key));
        Ok(children)
    }

    fn kind_of(&self, path: &Path, file_type: FileType) -> Kind {
        let followed = || fs::metadata(path).ok().map(|metadata| metadata.file_type());
        let file_type = match file_type {
            link if link.is_symlink() && self.context.follow_symlinks => followed().unwrap_or(link),
            other => other,
        };
        match file_type {
            kind if kind.is_dir() => Kind::Directory,
            kind if kind.is_file() => Kind::File,
            kind if kind.is_symlink() => Kind::Symlink,
            _ => Kind::Special,
        }
    }

    fn child(
        &mut self,
        parent: &Path,
        relative: &str,
        child: &Child,
        rules: &Rules,
        above: &mut Vec<Identity>,
    ) {
        let path = parent.join(child.key.trim_end_matches('/'));
        let relative = format!("{relative}{}", child.key);
        match child.kind {
            Kind::Directory if self.context.filter.skips_directory(&path, rules) => {}
            Kind::Directory if is_loop(&path, above) => self.fail(ItemError::LinkLoop { path }),
            Kind::Directory if relative.matches('/').count() >= MAX_NAME_SEGMENTS => {
                let segments = MAX_NAME_SEGMENTS + 1;
                self.fail(ItemError::Name {
                    path,
                    cause: Some(NameError::TooDeep { segments }),
                });
            }
            Kind::Directory => self.directory(&path, &relative, rules, above),
            _ if self.context.filter.skips_file(&path, rules) => {}
            Kind::File => self.file(path, &relative),
            Kind::Symlink if self.context.follow_symlinks => {
                let cause = fs::metadata(&path)
                    .err()
                    .unwrap_or_else(|| io::ErrorKind::NotFound.into());
                self.fail(read_error(&path, cause));
            }
            Kind::Symlink => self.skip(&relative, Note::Symlink { path }),
            Kind::Special => self.skip(&relative, Note::Special { path }),
        }
    }

    fn skip(&mut self, relative: &str, note: Note) {
        let name = format!("{}{relative}", self.context.prefix);
        self.emit(LocalItem::Skipped(name, note));
    }

    fn file(&mut self, path: PathBuf, relative: &str) {
        let metadata = match fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(cause) => return self.fail(read_error(&path, cause)),
        };
        match BlobName::new(format!("{}{relative}", self.context.prefix)) {
            Ok(name) => {
                let stamp = platform::stamp(&path, &metadata);
                let digests = self
                    .context
                    .cache
                    .as_ref()
                    .and_then(|cache| cache.get(&stamp));
                self.emit(LocalItem::File(LocalFile {
                    name,
                    path,
                    stamp,
                    digests,
                }));
            }
            Err(cause) => self.fail(ItemError::Name {
                path,
                cause: Some(cause),
            }),
        }
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
