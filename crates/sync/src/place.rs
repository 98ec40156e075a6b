//! The two ends of a run.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use longshore_store::BlobStore;

use crate::Direction;

/// Where things stand: in a directory, or in a container.
#[derive(Debug, Clone)]
pub enum Place {
    /// The files below a directory.
    Directory(PathBuf),
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

/// A container, or the folder of one, as one end of a run.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    pub(crate) store: Arc<dyn BlobStore>,
    pub(crate) prefix: String,
}

/// Both ends, with what can be done between them.
#[derive(Debug, Clone)]
pub(crate) enum Route {
    Up(PathBuf, Container),
    Down(Container, PathBuf),
    Across(Container, Container),
}

impl Route {
    /// The way from one place to another; none between two directories, since one of them is opened as a store.
    pub(crate) fn between(source: &Place, destination: &Place) -> Option<Self> {
        let container = |store: &Arc<dyn BlobStore>, prefix: &str| Container {
            store: Arc::clone(store),
            prefix: prefix.to_owned(),
        };
        match (source, destination) {
            (Place::Directory(source), Place::Container { store, prefix }) => {
                Some(Self::Up(source.clone(), container(store, prefix)))
            }
            (Place::Container { store, prefix }, Place::Directory(destination)) => {
                Some(Self::Down(container(store, prefix), destination.clone()))
            }
            (
                Place::Container { store, prefix },
                Place::Container {
                    store: other,
                    prefix: there,
                },
            ) => Some(Self::Across(
                container(store, prefix),
                container(other, there),
            )),
            (Place::Directory(_), Place::Directory(_)) => None,
        }
    }

    pub(crate) const fn direction(&self) -> Direction {
        match self {
            Self::Up(..) => Direction::Up,
            Self::Down(..) => Direction::Down,
            Self::Across(..) => Direction::Across,
        }
    }

    /// The container that is written, or read when a directory is written.
    pub(crate) const fn container(&self) -> &Container {
        match self {
            Self::Up(_, container) | Self::Down(container, _) | Self::Across(_, container) => {
                container
            }
        }
    }

    /// The directory at one end, when there is one.
    pub(crate) fn directory(&self) -> Option<&Path> {
        match self {
            Self::Up(path, _) | Self::Down(_, path) => Some(path),
            Self::Across(..) => None,
        }
    }
}
