//! Staging: a library is locked, its files are brought in and uploaded, and a release of them is published.
//!
//! All blobs come first, then the documents of the release, then the pointer. Whatever fails before that leaves the
//! release that counts as it was.

mod file;

use std::collections::HashSet;
use std::sync::Arc;

use futures::StreamExt as _;
use longshore_manifest::{BlobPath, Content, Provenance, Release, ReleaseDigest, Released};
use longshore_store::StoreError;
use longshore_sync::{CancelLevel, Place, SourceFile, Summary, Sync, SyncOptions};

use crate::bring;
use crate::check::Scanner;
use crate::pin::{Ask, Failure, LockOptions, LockReport, Pinned, pin};
use crate::placement::{Held, Placement};
use crate::releases::{Current, Published, Publishing, Releases};
use crate::{Event, Library, MirrorError, Reporter, Shelf, Tools};

/// How many files are brought in at once.
const AT_ONCE: usize = 4;

/// How a library is staged.
#[derive(Debug, Clone)]
pub struct StageOptions {
    /// How its lock is brought up to date.
    pub lock: LockOptions,
    /// Whether a release is published in the end.
    pub publish: bool,
    /// What each new file has to pass.
    pub scanner: Option<Scanner>,
    /// Let the service fetch from vendors itself, where it can. Files that are checked come through here: what has a
    /// signer, and everything where there is a scanner.
    pub server_side: bool,
    /// Keep downloads on this machine also when the destination has them.
    pub keep_downloads: bool,
    /// How files are uploaded; deleting and filters have no place here.
    pub transfer: SyncOptions,
    /// How the release came to be.
    pub provenance: Provenance,
}

/// What staging came to.
#[derive(Debug)]
pub struct StageReport {
    /// What looking at the library came to.
    pub lock: LockReport,
    /// Whether the lock on disk is another one now.
    pub lock_written: bool,
    /// Files that the destination had already.
    pub present: u64,
    /// What the engine did.
    pub transfer: Option<Summary>,
    /// What failed after locking.
    pub failed: Vec<Failure>,
    /// What was published; none when something failed, or nothing was to be published.
    pub published: Option<Published>,
    /// The release that the library now amounts to.
    pub release: Option<Release>,
}

impl StageReport {
    const fn of(lock: LockReport) -> Self {
        Self {
            lock,
            lock_written: false,
            present: 0,
            transfer: None,
            failed: Vec::new(),
            published: None,
            release: None,
        }
    }

    /// Whether every file is where it should be.
    pub fn is_complete(&self) -> bool {
        let transferred = self
            .transfer
            .as_ref()
            .is_none_or(|summary| summary.failed == 0 && summary.cancelled == CancelLevel::None);
        transferred && self.failures().next().is_none()
    }

    /// Everything that failed.
    pub fn failures(&self) -> impl Iterator<Item = &Failure> {
        self.lock.failed.iter().chain(&self.failed)
    }
}

/// A file on its way, and where it goes.
struct Placed<'m> {
    pinned: Pinned<'m>,
    placement: Placement,
}

/// A library on its way to a shelf.
#[derive(Debug)]
pub struct Stage<'a> {
    library: &'a mut Library,
    shelf: Shelf,
    releases: Releases,
    tools: &'a Tools,
    options: StageOptions,
}

/// What stood there before anything was done.
#[derive(Debug, Default)]
struct Before {
    /// Whether the container is there.
    is_there: bool,
    current: Option<Current>,
    release: Option<Release>,
}

impl Before {
    fn digest(&self) -> Option<ReleaseDigest> {
        self.current.as_ref().map(|current| current.pointer.release)
    }
}

impl<'a> Stage<'a> {
    /// Prepares it; nothing happens yet.
    pub fn new(
        library: &'a mut Library,
        shelf: Shelf,
        tools: &'a Tools,
        options: StageOptions,
    ) -> Self {
        Self {
            releases: Releases::new(shelf.clone(), library.manifest.library.name.clone()),
            library,
            shelf,
            tools,
            options,
        }
    }

    /// Stages the library. Single files that fail are in the report, and no release is published then.
    ///
    /// # Errors
    ///
    /// [`MirrorError::Empty`], [`MirrorError::Destination`], [`MirrorError::Moved`] when somebody published meanwhile,
    /// and those of a lock that cannot be written or a release that cannot be made.
    pub async fn run(self) -> Result<StageReport, MirrorError> {
        let library = self.library.clone();
        if library.manifest.artifacts.is_empty() {
            return Err(MirrorError::Empty {
                library: library.manifest.library.name.to_string(),
            });
        }
        let before = self.first_contact().await?;
        let (pinned, lock) = pin(&library, self.tools, &self.options.lock, Ask::Hints).await;
        let mut report = StageReport::of(lock);
        if self.options.lock.locked && !report.lock.drift.is_empty() {
            return Ok(report);
        }
        if !self.options.lock.locked && !self.options.transfer.dry_run {
            report.lock_written = self.library.save_lock(report.lock.lock.clone())?;
        }
        let placed = self.place(pinned, &before).await?;
        if self.options.transfer.dry_run {
            self.rehearse(&placed, &before, &mut report)?;
            return Ok(report);
        }
        self.transfer(&placed, &mut report).await?;
        if report.is_complete() && !self.tools.cancel.is_draining() {
            self.finish(&placed, &before, &mut report).await?;
        }
        Ok(report)
    }

    /// What stands there before anything is done.
    async fn first_contact(&self) -> Result<Before, MirrorError> {
        let transfer = &self.options.transfer;
        if transfer.create_container && !transfer.dry_run {
            let made = self.shelf.store().create_container().await;
            made.map_err(|cause| self.shelf.error(cause))?;
        }
        let current = match self.releases.current().await {
            Err(MirrorError::Destination {
                cause: StoreError::ContainerNotFound { .. },
                ..
            }) if transfer.create_container => return Ok(Before::default()),
            current => current?,
        };
        let release = match &current {
            None => None,
            Some(current) => match self.releases.read(current.pointer.release).await {
                Err(MirrorError::UnknownRelease { .. }) => None,
                release => Some(release?),
            },
        };
        Ok(Before {
            is_there: true,
            current,
            release,
        })
    }

    /// Decides where each file goes.
    async fn place<'m>(
        &self,
        pinned: Vec<Pinned<'m>>,
        before: &Before,
    ) -> Result<Vec<Placed<'m>>, MirrorError> {
        let held = if before.is_there {
            Held::new(self.shelf.list("").await?, before.release.as_ref())
        } else {
            Held::default()
        };
        let placed = pinned.into_iter().map(|pinned| {
            let wanted = &pinned.wanted;
            let placement = held.place(&wanted.blob, &pinned.pin);
            let blob = placement.blob.as_str();
            if placement.is_present {
                self.tools.report(&Event::Present {
                    key: &wanted.key,
                    blob,
                    size: pinned.pin.size,
                });
            } else if placement.blob != wanted.blob {
                self.tools.report(&Event::Renamed {
                    key: &wanted.key,
                    taken: wanted.blob.as_str(),
                    blob,
                });
            }
            Placed { pinned, placement }
        });
        Ok(placed.collect())
    }

    /// Says what would be done.
    fn rehearse(
        &self,
        placed: &[Placed<'_>],
        before: &Before,
        report: &mut StageReport,
    ) -> Result<(), MirrorError> {
        for placed in placed {
            if placed.placement.is_present {
                report.present += 1;
                continue;
            }
            self.tools.report(&Event::WouldStage {
                key: &placed.pinned.wanted.key,
                blob: placed.placement.blob.as_str(),
                size: placed.pinned.pin.size,
            });
        }
        if report.is_complete() && self.options.publish {
            let content = self.content(placed)?;
            let to = content.digest();
            let from = before.digest();
            if from != Some(to) {
                self.tools.report(&Event::WouldFlip { from, to });
            }
            report.release = Some(Release::new(content, self.options.provenance.clone()));
        }
        Ok(())
    }

    /// Brings in what is missing, and uploads it.
    async fn transfer(
        &self,
        placed: &[Placed<'_>],
        report: &mut StageReport,
    ) -> Result<(), MirrorError> {
        let (present, missing): (Vec<_>, Vec<_>) = placed
            .iter()
            .partition(|placed| placed.placement.is_present);
        report.present = present.len() as u64;
        let brought: Vec<_> = futures::stream::iter(missing)
            .map(|placed| async move { (placed, self.bring(placed).await) })
            .buffered(AT_ONCE)
            .collect()
            .await;
        let mut files = Vec::new();
        for (placed, outcome) in brought {
            match outcome {
                Ok(Some(path)) => files.push(SourceFile {
                    name: placed.placement.blob.to_string(),
                    path,
                }),
                Ok(None) => {}
                Err(error) => {
                    let name = placed.pinned.wanted.key.to_string();
                    report.failed.push(Failure::told(self.tools, name, error));
                }
            }
        }
        if !files.is_empty() && !self.tools.cancel.is_draining() {
            // The engine may want the cache of the same directory.
            self.tools.digests.close().await;
            report.transfer = Some(self.upload(files).await?);
        }
        Ok(())
    }

    async fn upload(&self, files: Vec<SourceFile>) -> Result<Summary, MirrorError> {
        let options = SyncOptions {
            immutable: true,
            ..self.options.transfer.clone()
        };
        let source = Place::files(files);
        let destination = Place::container(Arc::clone(self.shelf.store()), self.shelf.prefix());
        let sync = Sync::new(&source, &destination, options)?;
        self.tools.report(&Event::Uploading {
            progress: &sync.progress(),
        });
        let reporter = Arc::new(Passing(Arc::clone(&self.tools.reporter)));
        Ok(sync.run(reporter, self.tools.cancel.clone()).await?)
    }

    /// Publishes what is staged, and lets go of what is no longer needed here.
    async fn finish(
        &self,
        placed: &[Placed<'_>],
        before: &Before,
        report: &mut StageReport,
    ) -> Result<(), MirrorError> {
        if self.options.publish {
            let content = self.content(placed)?;
            let reused = reused(placed, before.release.as_ref());
            let publishing = Publishing {
                content,
                seen: before.current.as_ref(),
                reused: &reused,
                provenance: self.options.provenance.clone(),
            };
            let (published, release) = self
                .releases
                .publish(publishing, &*self.tools.reporter)
                .await?;
            report.published = Some(published);
            report.release = Some(release);
        }
        if !self.options.keep_downloads {
            for placed in placed {
                bring::let_go(self.tools, &placed.pinned);
            }
        }
        Ok(())
    }

    /// What a release of these files holds.
    fn content(&self, placed: &[Placed<'_>]) -> Result<Content, MirrorError> {
        let library = &self.library.manifest.library;
        let artifacts = placed.iter().map(released).collect();
        Content::new(library.name.clone(), library.os, artifacts).map_err(MirrorError::Content)
    }
}

/// Blobs that are there and that the release that counts does not name: only their versions protect them.
fn reused(placed: &[Placed<'_>], current: Option<&Release>) -> Vec<BlobPath> {
    let named = current.into_iter().flat_map(|it| &it.content.artifacts);
    let named: HashSet<&BlobPath> = named.map(|released| &released.blob).collect();
    let present = placed.iter().filter(|placed| placed.placement.is_present);
    present
        .map(|placed| &placed.placement.blob)
        .filter(|blob| !named.contains(blob))
        .cloned()
        .collect()
}

fn released(placed: &Placed<'_>) -> Released {
    let Pinned { wanted, pin } = &placed.pinned;
    Released {
        id: pin.id.clone(),
        architecture: pin.architecture,
        version: pin.version.clone(),
        file: pin.file.clone(),
        blob: placed.placement.blob.clone(),
        size: pin.size,
        sha256: pin.sha256,
        blake3: pin.blake3,
        url: pin.url.clone(),
        install: wanted.artifact.install.clone(),
    }
}

/// Hands the engine's facts on.
struct Passing(Arc<dyn Reporter>);

impl longshore_sync::Reporter for Passing {
    fn report(&self, event: &longshore_sync::Event<'_>) {
        self.0.report(&Event::Transfer(event));
    }
}

#[cfg(test)]
mod tests;
