//! The first contact: both places are there, and are the right ones.

use std::io;
use std::path::Path;
use std::sync::Arc;

use longshore_store::{BlobName, BlobStore, ListingOrder, StoreError};

use super::Journey;
use crate::listing::Listed;
use crate::place::{Container, Route};
use crate::{SafetyError, SyncError};

/// Which end of a run a container is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    Source,
    Destination,
}

impl Journey {
    /// The order of both listings, and those of the source and of the destination where they are containers.
    pub(super) async fn contact(
        &self,
    ) -> Result<(ListingOrder, Option<Listed>, Option<Listed>), SyncError> {
        Ok(match &self.route {
            Route::Up(_, container) | Route::Files(_, container) => {
                let (order, there) = self.contact_destination(container).await?;
                (order, None, Some(there))
            }
            Route::Prune(container) => {
                let (order, there) = first_contact(container, End::Destination).await?;
                (order, None, Some(there))
            }
            // Each blob is asked for on its own.
            Route::Chosen(..) => (ListingOrder::default(), None, None),
            Route::Down(container, _) => {
                let (order, here) = first_contact(container, End::Source).await?;
                (order, Some(here), None)
            }
            Route::Across(source, destination) => {
                let (order, here) = first_contact(source, End::Source).await?;
                let (other, there) = self.contact_destination(destination).await?;
                if order != other {
                    return Err(SyncError::Orders {
                        origin: source.store.to_string(),
                        destination: destination.store.to_string(),
                    });
                }
                (order, Some(here), Some(there))
            }
        })
    }

    async fn contact_destination(
        &self,
        container: &Container,
    ) -> Result<(ListingOrder, Listed), SyncError> {
        match first_contact(container, End::Destination).await {
            Err(SyncError::Destination {
                cause: StoreError::ContainerNotFound { .. },
                ..
            }) if self.options.create_container => {
                let failed = |cause| destination(&container.store, cause);
                if !self.options.dry_run {
                    container.store.create_container().await.map_err(failed)?;
                }
                let order = container.store.listing_order().await.map_err(failed)?;
                Ok((order, Listed::empty(&container.store, &container.prefix)?))
            }
            outcome => outcome,
        }
    }

    /// Makes sure that both places have the file that marks them as the right ones.
    pub(super) async fn check_sentinel(&self, there: Option<&Listed>) -> Result<(), SyncError> {
        let Some(name) = &self.options.sentinel else {
            return Ok(());
        };
        let missing = |place: String| {
            let name = name.clone();
            Err(SafetyError::Sentinel { name, place }.into())
        };
        let in_directory = |path: &Path| fs_err::metadata(path.join(name)).is_ok();
        match &self.route {
            Route::Up(source, _) if !in_directory(source) => {
                return missing(source.display().to_string());
            }
            Route::Files(files, _) if files.iter().all(|file| file.name != *name) => {
                return missing(self.route.source());
            }
            Route::Down(_, path) if is_used(path) && !in_directory(path) => {
                return missing(path.display().to_string());
            }
            _ => {}
        }
        let mut containers = Vec::new();
        if let Route::Down(source, _) | Route::Across(source, _) = &self.route {
            containers.push(source);
        }
        if let Route::Up(_, destination)
        | Route::Files(_, destination)
        | Route::Across(_, destination) = &self.route
            && there.is_some_and(|there| there.shelf().blobs() > 0)
        {
            containers.push(destination);
        }
        for container in containers {
            if !has(container, name).await? {
                return missing(container.store.to_string());
            }
        }
        Ok(())
    }
}

/// The order of a container, and its listing once the first answer is there.
pub(super) async fn first_contact(
    container: &Container,
    end: End,
) -> Result<(ListingOrder, Listed), SyncError> {
    let store = &container.store;
    let failed = |cause| match end {
        End::Destination => destination(store, cause),
        End::Source => SyncError::Origin {
            origin: store.to_string(),
            cause,
        },
    };
    let order = store.listing_order().await.map_err(failed)?;
    let listed = Listed::start(store, &container.prefix, order)?;
    listed.shelf().first_contact().await.map_err(failed)?;
    Ok((order, listed))
}

pub(super) fn destination(store: &Arc<dyn BlobStore>, cause: StoreError) -> SyncError {
    SyncError::Destination {
        destination: store.to_string(),
        cause,
    }
}

/// Whether a container has a blob of this name below its prefix.
async fn has(container: &Container, name: &str) -> Result<bool, SyncError> {
    let Ok(name) = BlobName::new(format!("{}{name}", container.prefix)) else {
        return Ok(false);
    };
    match container.store.properties(&name).await {
        Ok(_) => Ok(true),
        Err(StoreError::NotFound { .. }) => Ok(false),
        Err(cause) => Err(destination(&container.store, cause)),
    }
}

/// Whether a directory is there and has something in it.
pub(super) fn is_used(path: &Path) -> bool {
    fs_err::read_dir(path).is_ok_and(|mut entries| entries.next().is_some())
}

/// A source that is not there must never look like an empty one.
pub(super) fn check_source(path: &Path) -> Result<(), SyncError> {
    let error = |cause| SyncError::Source {
        path: path.to_owned(),
        cause,
    };
    let metadata = fs_err::metadata(path).map_err(error)?;
    if !metadata.is_dir() {
        return Err(error(io::ErrorKind::NotADirectory.into()));
    }
    fs_err::read_dir(path).map(drop).map_err(error)
}
