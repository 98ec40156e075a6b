//! What every run has in common: the first contact, the listings, the cache, and the summary at the end.

mod contact;

use std::path::Path;
use std::sync::Arc;

use longshore_store::{BlobStore, ListingOrder, StoreError};

use crate::cache::{DigestCache, Reader, Writer};
use crate::context::{Context, Ways};
use crate::delete::{Ground, Surplus};
use crate::engine::Engine;
use crate::feed::{Across, Down, Feed, Up};
use crate::holdings::Holdings;
use crate::listing::Listed;
use crate::merge::Merge;
use crate::place::{Container, Route};
use crate::source::{Filter, ListContext, Walk, WalkContext};
use crate::{
    Cancel, CancelLevel, DeletesWithheld, Event, Note, Progress, Reporter, Summary, SyncError,
    SyncOptions, Tally,
};
use contact::{End, check_source, destination, first_contact, is_used};

/// A run's ends and wishes.
#[derive(Debug)]
pub(crate) struct Journey {
    pub(crate) route: Route,
    pub(crate) reuse_from: Vec<Container>,
    pub(crate) options: SyncOptions,
    pub(crate) progress: Arc<Progress>,
}

/// A run that has made its first contact.
#[derive(Debug)]
pub(crate) struct Begun {
    pub(crate) context: Arc<Context>,
    pub(crate) filter: Arc<Filter>,
    pub(crate) order: ListingOrder,
    /// What the destination holds; nothing when it is a directory.
    pub(crate) there: Option<Listed>,
    /// What the source holds, when it is a container.
    pub(crate) here: Option<Listed>,
    /// Listings of other containers whose blobs may be used.
    _others: Vec<Listed>,
    /// Digests of files that are remembered.
    pub(crate) cache: Option<Reader>,
    writer: Option<Writer>,
}

impl Journey {
    /// Makes the first contact; nothing is written but a container that was asked for.
    pub(crate) async fn begin(
        &self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
        strict: bool,
    ) -> Result<Begun, SyncError> {
        let filter = Arc::new(self.filter()?);
        let (order, here, there) = self.contact().await?;
        let mut others = Vec::new();
        for other in &self.reuse_from {
            others.push(first_contact(other, End::Source).await?.1);
        }
        self.check_sentinel(there.as_ref()).await?;
        let shelves = there.iter().chain(&others);
        let holdings = match self.route {
            Route::Up(..) | Route::Files(..) => {
                Holdings::new(shelves.map(|listed| Arc::clone(listed.shelf())).collect())
            }
            Route::Down(..) | Route::Across(..) | Route::Chosen(..) | Route::Prune(_) => {
                Holdings::default()
            }
        };
        let cache = self.open_cache(&*reporter);
        let (cache, writer) = match cache {
            Some(cache) => (cache.reader(), Some(cache.into_writer())),
            None => (None, None),
        };
        let context = Context::new(
            Arc::clone(&self.route.container().store),
            &self.options,
            Arc::clone(&self.progress),
            (reporter, cancel),
            writer.as_ref().map(Writer::notes),
        );
        let ways = Ways {
            holdings,
            backup_to: self
                .options
                .backup_to
                .as_ref()
                .map(|prefix| backup_prefix(prefix)),
            strict,
        };
        Ok(Begun {
            context: Arc::new(context.with(ways)),
            filter,
            order,
            there,
            here,
            _others: others,
            cache,
            writer,
        })
    }

    fn filter(&self) -> Result<Filter, SyncError> {
        match &self.route {
            Route::Up(source, _) => {
                check_source(source)?;
                Filter::new(source, &self.options)
            }
            Route::Down(_, destination) => Filter::new(destination, &self.options),
            Route::Files(..) | Route::Across(..) | Route::Chosen(..) | Route::Prune(_) => {
                Filter::of_patterns(&self.options)
            }
        }
    }

    fn open_cache(&self, reporter: &dyn Reporter) -> Option<DigestCache> {
        let directory = self.route.files_below()?;
        match DigestCache::open(&self.options.cache, &directory) {
            Ok(cache) => cache,
            Err(error) => {
                let note = Note::NoCache {
                    why: error.to_string(),
                };
                reporter.report(&Event::Noted(&note));
                None
            }
        }
    }

    /// Steps from the comparison of both sides, handed to whoever drives them.
    pub(crate) async fn compare(
        &self,
        begun: &mut Begun,
        drive: impl Drive,
    ) -> Result<(), SyncError> {
        match &self.route {
            Route::Up(source, container) => {
                let walk = self.walk(begun, source, &container.prefix);
                self.up(begun, walk, drive).await
            }
            Route::Files(files, container) => {
                let walk = Walk::through(ListContext {
                    files: Arc::clone(files),
                    prefix: container.prefix.clone(),
                    order: begun.order,
                    cache: begun.cache.take(),
                });
                self.up(begun, walk, drive).await
            }
            Route::Down(container, root) => {
                if !self.options.dry_run && !drive.is_planning() {
                    fs_err::create_dir_all(root).map_err(|cause| SyncError::Target {
                        path: root.clone(),
                        cause,
                    })?;
                }
                let walk = self.walk(begun, root, &container.prefix);
                let listing = listed(begun.here.as_ref())?.shelf().read()?;
                let merge = Merge::new(begun.order, listing, walk);
                let feed = Down::new(merge, root.clone(), container.prefix.clone());
                drive.drive(begun, feed).await
            }
            Route::Across(source, destination) => {
                let here = listed(begun.here.as_ref())?.shelf().read()?;
                let there = listed(begun.there.as_ref())?.shelf().read()?;
                let merge = Merge::new(begun.order, here, there);
                let prefix = destination.prefix.clone();
                drive
                    .drive(begun, Across::new(merge, source.clone(), prefix))
                    .await
            }
            // There are no two sides.
            Route::Chosen(..) | Route::Prune(_) => Err(SyncError::Route),
        }
    }

    async fn up(&self, begun: &Begun, walk: Walk, drive: impl Drive) -> Result<(), SyncError> {
        let listing = listed(begun.there.as_ref())?.shelf().read()?;
        let merge = Merge::new(begun.order, walk, listing);
        drive
            .drive(begun, Up::new(merge, self.options.trust_md5))
            .await
    }

    fn walk(&self, begun: &mut Begun, root: &Path, prefix: &str) -> Walk {
        if matches!(self.route, Route::Down(..)) && !is_used(root) {
            return Walk::empty(prefix);
        }
        Walk::start(WalkContext {
            root: root.to_owned(),
            prefix: prefix.to_owned(),
            filter: Arc::clone(&begun.filter),
            order: begun.order,
            follow_symlinks: self.options.follow_symlinks,
            cache: begun.cache.take(),
        })
    }

    /// What stands before the names of blobs, or of files as if they were blobs.
    pub(crate) fn prefix(&self) -> &str {
        &self.route.container().prefix
    }

    /// Where deleting happens.
    pub(crate) fn ground(&self) -> Ground<'_> {
        match &self.route {
            Route::Up(source, _) => Ground::Blobs { source },
            Route::Down(_, root) => Ground::Files { root },
            Route::Files(..) | Route::Across(..) | Route::Chosen(..) | Route::Prune(_) => {
                Ground::Mirrored
            }
        }
    }

    pub(crate) fn destination_error(&self, cause: StoreError) -> SyncError {
        match &self.route {
            Route::Down(source, _) | Route::Chosen(source, _) => SyncError::Origin {
                origin: source.store.to_string(),
                cause,
            },
            route => destination(&route.container().store, cause),
        }
    }

    /// The outcome of a run: the error that ended it, or its summary. The cache is brought to an end either way.
    pub(crate) async fn end(
        &self,
        begun: Begun,
        outcome: Result<Option<DeletesWithheld>, SyncError>,
    ) -> Result<Summary, SyncError> {
        let Begun {
            context, writer, ..
        } = begun;
        let moved = context.take_moved();
        let outcome = match (outcome, context.take_fatal()) {
            (Ok(_), _) if !moved.is_empty() => Err(SyncError::Stale {
                count: moved.len() as u64,
                moved,
            }),
            (Ok(_), Some(cause)) => Err(self.destination_error(cause)),
            (Err(error), _) => Err(error),
            (Ok(withheld), None) => Ok(self.summarise(&context, withheld)),
        };
        drop(context);
        self.close_cache(writer, outcome.as_ref().ok()).await;
        outcome
    }

    async fn close_cache(&self, writer: Option<Writer>, summary: Option<&Summary>) {
        // Entries can be told stale only by a run that has seen the whole source.
        let filtered = !self.options.include.is_empty() || !self.options.exclude.is_empty();
        let whole = summary.filter(|summary| {
            summary.cancelled == CancelLevel::None
                && !filtered
                && matches!(self.route, Route::Up(..))
        });
        let files = whole.map(|_| self.progress.snapshot().files_found);
        if let Some(writer) = writer {
            // Losing the thread's panic is right: the cache is a shortcut.
            drop(tokio::task::spawn_blocking(move || writer.finish(files)).await);
        }
    }

    fn summarise(&self, context: &Context, withheld: Option<DeletesWithheld>) -> Summary {
        let numbers = self.progress.snapshot();
        let tally = |files, bytes| Tally { files, bytes };
        Summary {
            unchanged: tally(numbers.files_unchanged, numbers.bytes_unchanged),
            uploaded: tally(numbers.files_uploaded, numbers.bytes_uploaded),
            copied: tally(numbers.blobs_copied, numbers.bytes_copied),
            adopted: tally(numbers.blobs_adopted, numbers.bytes_adopted),
            downloaded: tally(numbers.files_downloaded, numbers.bytes_downloaded),
            resumed: numbers.files_resumed + numbers.downloads_resumed,
            deleted: numbers.blobs_deleted,
            failed: numbers.files_failed,
            conflicts: context.conflicts(),
            skipped: context.skipped(),
            bytes_read: numbers.bytes_read,
            bytes_sent: numbers.bytes_sent,
            bytes_received: numbers.bytes_received,
            bytes_reused: numbers.bytes_reused,
            deletes_withheld: withheld,
            cancelled: context.cancel.level(),
            dry_run: self.options.dry_run,
        }
    }
}

/// Does something with the steps of a run.
pub(crate) trait Drive: Send {
    /// Takes all steps of a feed.
    fn drive<F: Feed>(
        self,
        begun: &Begun,
        feed: F,
    ) -> impl Future<Output = Result<(), SyncError>> + Send;

    /// Whether nothing is to be changed.
    fn is_planning(&self) -> bool;
}

/// Does every step.
#[derive(Debug)]
pub(crate) struct Doing<'run, 'options> {
    pub(crate) surplus: &'run mut Surplus<'options>,
    /// Where downloads read.
    pub(crate) source: Arc<dyn BlobStore>,
}

impl Drive for Doing<'_, '_> {
    async fn drive<F: Feed>(self, begun: &Begun, feed: F) -> Result<(), SyncError> {
        Engine::new(&begun.context, feed, self.surplus, self.source)
            .run()
            .await
    }

    fn is_planning(&self) -> bool {
        false
    }
}

/// What a route of this kind always has.
fn listed(listed: Option<&Listed>) -> Result<&Listed, SyncError> {
    listed.ok_or(SyncError::Route)
}

/// Where the backups of this run stand: each run has a folder of its own, so that none writes over another's.
fn backup_prefix(prefix: &str) -> String {
    let now = jiff::Timestamp::now();
    format!("{prefix}{}/", now.strftime("%Y-%m-%dT%H-%M-%S%.3fZ"))
}
