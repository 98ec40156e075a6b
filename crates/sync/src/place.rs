//! The two ends of a run.

use std::collections::HashSet;
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use longshore_store::BlobStore;

use crate::{Direction, ListError, SyncError};

/// A file, and the name under which it is to stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// The name below the destination's prefix, with `/` between its parts.
    pub name: String,
    /// Where the file stands; a link is followed.
    pub path: PathBuf,
}

/// Where things stand: in a directory, in a container, or anywhere.
#[derive(Debug, Clone)]
pub enum Place {
    /// The files below a directory.
    Directory(PathBuf),
    /// These files, wherever they are; only ever a source, and only of a container. Nothing is concluded from a name
    /// that is not among them, so nothing is deleted for it; filters say nothing of them.
    Files(Arc<[SourceFile]>),
    /// The blobs of a container whose names begin with a prefix.
    Container {
        /// The container.
        store: Arc<dyn BlobStore>,
        /// What stands before every name: empty, or ending with `/`.
        prefix: String,
    },
}

impl Place {
    /// The files below a directory.
    pub fn directory(path: impl Into<PathBuf>) -> Self {
        Self::Directory(path.into())
    }

    /// These files, in any order.
    pub fn files(files: impl IntoIterator<Item = SourceFile>) -> Self {
        Self::Files(files.into_iter().collect())
    }

    /// The blobs of a container, all or those below a folder.
    pub fn container(store: Arc<dyn BlobStore>, prefix: impl Into<String>) -> Self {
        Self::Container {
            store,
            prefix: prefix.into(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directory(path) => write!(f, "{}", path.display()),
            Self::Files(files) => describe(files).fmt(f),
            Self::Container { store, prefix } => {
                write!(f, "{store}")?;
                if !prefix.is_empty() {
                    write!(f, "/{}", prefix.trim_end_matches('/'))?;
                }
                Ok(())
            }
        }
    }
}

/// A list of files, for people.
fn describe(files: &[SourceFile]) -> String {
    format!("a list of {} files", files.len())
}

/// A container, or the folder of one, as one end of a run.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) prefix: String,
}

impl Container {
    /// What a place is when it is a container.
    fn of(place: &Place) -> Result<Self, SyncError> {
        match place {
            Place::Container { store, prefix } => Ok(Self {
                store: Arc::clone(store),
                prefix: prefix.clone(),
            }),
            Place::Directory(_) | Place::Files(_) => Err(SyncError::Route),
        }
    }
}

/// Both ends, with what can be done between them.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    Up(PathBuf, Container),
    Files(Arc<[SourceFile]>, Container),
    Down(Container, PathBuf),
    Across(Container, Container),
    Chosen(Container, PathBuf),
    Prune(Container),
}

impl Route {
    /// The way from one place to another.
    ///
    /// There is none between two directories, since one of them is opened as a store, and none into a list.
    pub(crate) fn between(source: &Place, destination: &Place) -> Result<Self, SyncError> {
        Ok(match (source, destination) {
            (Place::Directory(source), there) => Self::Up(source.clone(), Container::of(there)?),
            (Place::Files(files), there) => {
                let there = Container::of(there)?;
                check_names(files)?;
                Self::Files(Arc::clone(files), there)
            }
            (here, Place::Directory(destination)) => {
                Self::Down(Container::of(here)?, destination.clone())
            }
            (here, there) => Self::Across(Container::of(here)?, Container::of(there)?),
        })
    }

    /// No way at all: things are deleted where they are.
    pub(crate) fn prune(place: &Place) -> Result<Self, SyncError> {
        Container::of(place).map(Self::Prune)
    }

    /// The way of blobs that somebody else chose; nothing else is looked at.
    pub(crate) fn chosen(place: &Place, root: &Path) -> Result<Self, SyncError> {
        Container::of(place).map(|container| Self::Chosen(container, root.to_owned()))
    }

    pub(crate) const fn direction(&self) -> Direction {
        match self {
            Self::Up(..) | Self::Files(..) => Direction::Up,
            Self::Down(..) | Self::Chosen(..) => Direction::Down,
            Self::Across(..) => Direction::Across,
            Self::Prune(_) => Direction::Prune,
        }
    }

    /// The container that is written, or read when a directory is written.
    pub(crate) const fn container(&self) -> &Container {
        match self {
            Self::Up(_, container)
            | Self::Files(_, container)
            | Self::Down(container, _)
            | Self::Across(_, container)
            | Self::Chosen(container, _)
            | Self::Prune(container) => container,
        }
    }

    /// The container that blobs are read from; where none are, the one that is written.
    pub(crate) const fn origin(&self) -> &Container {
        match self {
            Self::Across(source, _) => source,
            route => route.container(),
        }
    }

    /// The directory at one end, when there is one.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Up(path, _) | Self::Down(_, path) | Self::Chosen(_, path) => Some(path),
            Self::Files(..) | Self::Across(..) | Self::Prune(_) => None,
        }
    }

    /// The directory below which the files at one end are, when there are any.
    pub(crate) fn files_below(&self) -> Option<PathBuf> {
        match self {
            Self::Files(files, _) => directory_of(files),
            route => route.directory().map(Path::to_owned),
        }
    }

    /// The source, for people.
    pub(crate) fn source(&self) -> String {
        match self {
            Self::Up(source, _) => source.display().to_string(),
            Self::Files(files, _) => describe(files),
            Self::Down(source, _)
            | Self::Across(source, _)
            | Self::Chosen(source, _)
            | Self::Prune(source) => source.store.to_string(),
        }
    }
}

/// The deepest directory that has all of these files below it.
fn directory_of(files: &[SourceFile]) -> Option<PathBuf> {
    let paths: Vec<PathBuf> = files
        .iter()
        .filter_map(|file| std::path::absolute(&file.path).ok())
        .collect();
    let mut above = paths.first()?.ancestors().skip(1);
    above
        .find(|directory| paths.iter().all(|path| path.starts_with(directory)))
        .map(Path::to_owned)
}

/// Two files under one name would be a race between them.
fn check_names(files: &[SourceFile]) -> Result<(), SyncError> {
    let mut names = HashSet::with_capacity(files.len());
    match files.iter().find(|file| !names.insert(&file.name)) {
        Some(file) => Err(ListError::Twice {
            name: file.name.clone(),
        }
        .into()),
        None => Ok(()),
    }
}
