//! Making one place hold what another holds, at once or as a plan.

use std::sync::Arc;

use longshore_store::BlobStore;

use crate::context::Context;
use crate::delete::Surplus;
use crate::feed::Feed;
use crate::journey::{Begun, Doing, Drive, Journey};
use crate::place::{Container, Route};
use crate::plan::{Header, Kind, Operation, PLAN_VERSION, PlanFile, PlanWriter, Rules, Totals};
use crate::planner::{self, Names};
use crate::upload::Halt;
use crate::{
    Cancel, DeletePolicy, DeletesWithheld, Event, ListError, Place, Progress, Reporter, Summary,
    SyncError, SyncOptions, Tally,
};

/// A source on its way into a destination.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use longshore_store::{BlobStoreExt, MemoryStore};
/// use longshore_sync::{CachePlace, Cancel, NoReporter, Place, Sync, SyncOptions};
///
/// let source = tempfile::tempdir()?;
/// fs_err::write(source.path().join("setup.exe"), b"MZ")?;
/// let store = Arc::new(MemoryStore::new());
/// let destination = Place::container(store.clone(), "apps/");
/// let options = SyncOptions { cache: CachePlace::Off, ..SyncOptions::default() };
///
/// let sync = Sync::new(&Place::directory(source.path()), &destination, options)?;
/// let summary = sync.run(Arc::new(NoReporter), Cancel::new()).await?;
///
/// assert_eq!(summary.uploaded.files, 1);
/// assert_eq!(store.read(&"apps/setup.exe".try_into()?).await?, "MZ");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Sync {
    journey: Journey,
}

/// How the two ends and other containers are written down in a plan, so that another machine finds them: paths, and
/// URLs without a signature.
#[derive(Debug, Clone, Default)]
pub struct Shown {
    /// The source.
    pub source: String,
    /// The destination.
    pub destination: String,
    /// Containers given to [`Sync::reuse_from`].
    pub reuse_from: Vec<String>,
}

impl Sync {
    /// Prepares a run; nothing happens yet.
    ///
    /// # Errors
    ///
    /// [`SyncError::Route`] when both places are directories; [`SyncError::List`] when the source is a list of files and
    /// has a name twice, or when deleting is asked for.
    pub fn new(
        source: &Place,
        destination: &Place,
        options: SyncOptions,
    ) -> Result<Self, SyncError> {
        let route = Route::between(source, destination)?;
        if matches!(route, Route::Files(..)) && options.delete != DeletePolicy::Keep {
            return Err(ListError::Deletes.into());
        }
        Ok(Self {
            journey: Journey {
                route,
                reuse_from: Vec::new(),
                options,
                progress: Arc::default(),
            },
        })
    }

    /// Another container whose blobs may be copied instead of sending the same bytes.
    #[must_use]
    pub fn reuse_from(mut self, store: Arc<dyn BlobStore>, prefix: impl Into<String>) -> Self {
        let prefix = prefix.into();
        self.journey.reuse_from.push(Container { store, prefix });
        self
    }

    /// The running numbers.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.journey.progress)
    }

    /// Runs to the end, on a tokio runtime with time and threads for blocking work.
    ///
    /// # Errors
    ///
    /// [`SyncError`] when the run as a whole cannot go on; failures of single items are reported and counted in the
    /// summary.
    pub async fn run(
        self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<Summary, SyncError> {
        let journey = &self.journey;
        let mut begun = tokio::select! {
            begun = journey.begin(reporter, cancel.clone(), false) => begun?,
            () = cancel.drained() => return Ok(Summary::stopped(&cancel, journey.options.dry_run)),
        };
        let outcome = if journey.options.dry_run {
            self.rehearse(&mut begun).await
        } else {
            self.transfer(&mut begun).await
        };
        journey.end(begun, outcome).await
    }

    /// Moves, then deletes; tells why nothing was deleted, if it was asked for.
    async fn transfer(&self, begun: &mut Begun) -> Result<Option<DeletesWithheld>, SyncError> {
        let journey = &self.journey;
        let (filter, context) = (Arc::clone(&begun.filter), Arc::clone(&begun.context));
        let mut surplus = Surplus::new(&journey.options, &filter, journey.prefix())?;
        let doing = Doing {
            surplus: &mut surplus,
            source: Arc::clone(&journey.route.origin().store),
        };
        journey.compare(begun, doing).await?;
        if context.is_fatal() {
            return Ok(None);
        }
        if let Some(withheld) = surplus.judge(&context) {
            return Ok(Some(withheld));
        }
        if context.cancel.is_draining() || context.has_failures() {
            return Ok(None);
        }
        self.check_limits(&surplus)?;
        surplus.delete(&context, journey.ground()).await
    }

    fn check_limits(&self, surplus: &Surplus<'_>) -> Result<(), SyncError> {
        let numbers = self.journey.progress.snapshot();
        let counts = (numbers.files_found, numbers.blobs_listed);
        surplus.check_limits(&self.journey.route.source(), counts)
    }

    /// Finds out what is to be done and reports it.
    async fn rehearse(&self, begun: &mut Begun) -> Result<Option<DeletesWithheld>, SyncError> {
        let context = Arc::clone(&begun.context);
        self.operations(begun, &mut |operation| {
            would(&context, &operation);
            Ok(())
        })
        .await
    }

    /// Finds out what is to be done, and writes it down.
    ///
    /// # Errors
    ///
    /// [`SyncError`], also for a source that is a list of files, which another machine does not have, and for files that cannot be read: a plan is whole, or there is none. The errors of single items
    /// are reported, and [`Summary::failed`] counts them.
    pub async fn plan(
        mut self,
        shown: Shown,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<(PlanFile, Summary), SyncError> {
        if matches!(self.journey.route, Route::Files(..)) {
            return Err(ListError::Plan.into());
        }
        // Not even a container is made.
        self.journey.options.dry_run = true;
        let journey = &self.journey;
        let mut begun = journey.begin(reporter, cancel, false).await?;
        let mut writer = PlanWriter::new().map_err(spool)?;
        let context = Arc::clone(&begun.context);
        let outcome = self
            .operations(&mut begun, &mut |operation| {
                count(&context, &operation);
                writer.push(&operation).map_err(spool)
            })
            .await;
        let order = begun.order;
        drop(context);
        let summary = journey.end(begun, outcome).await?;
        let options = &journey.options;
        let header = Header {
            plan: PLAN_VERSION,
            tool: concat!("longshore ", env!("CARGO_PKG_VERSION")).to_owned(),
            created: jiff::Timestamp::now().to_string(),
            source: shown.source,
            destination: shown.destination,
            direction: journey.route.direction(),
            order: order.into(),
            rules: Rules {
                max_delete: Some(options.max_delete.to_string()),
                backup_to: options.backup_to.clone(),
                reuse_from: shown.reuse_from,
            },
            totals: Totals {
                unchanged: summary.unchanged,
                there: journey.progress.snapshot().blobs_listed,
                ..Totals::default()
            },
        };
        let plan = writer.finish(header).map_err(spool)?;
        Ok((plan, summary))
    }

    /// What is to be done, in order: what moves, then what goes.
    async fn operations(
        &self,
        begun: &mut Begun,
        take: &mut (dyn FnMut(Operation) -> Result<(), SyncError> + Send),
    ) -> Result<Option<DeletesWithheld>, SyncError> {
        let journey = &self.journey;
        let (filter, context) = (Arc::clone(&begun.filter), Arc::clone(&begun.context));
        let mut surplus = Surplus::new(&journey.options, &filter, journey.prefix())?;
        let names = Names {
            prefix: journey.prefix().to_owned(),
        };
        let planning = Planning {
            surplus: &mut surplus,
            names: &names,
            take: &mut *take,
        };
        journey.compare(begun, planning).await?;
        if let Some(withheld) = surplus.judge(&context) {
            return Ok(Some(withheld));
        }
        if context.has_failures() || context.is_stopping() {
            return Ok(None);
        }
        self.check_limits(&surplus)?;
        let Some(doomed) = surplus.into_doomed()? else {
            return Ok(None);
        };
        for doomed in doomed {
            let doomed = doomed.map_err(spool)?;
            match planner::delete(&context, &names, journey.route.directory(), doomed).await {
                Ok(operation) => take(operation)?,
                Err(Halt::Item(error)) => context.failed(error, 0),
                Err(Halt::Stopped | Halt::Store(_)) => break,
            }
        }
        Ok(None)
    }
}

/// Turns steps into operations.
struct Planning<'run, 'options> {
    surplus: &'run mut Surplus<'options>,
    names: &'run Names,
    take: &'run mut (dyn FnMut(Operation) -> Result<(), SyncError> + Send),
}

impl Drive for Planning<'_, '_> {
    async fn drive<F: Feed>(self, begun: &Begun, feed: F) -> Result<(), SyncError> {
        planner::plan(&begun.context, feed, self.surplus, self.names, self.take).await
    }

    fn is_planning(&self) -> bool {
        true
    }
}

/// Counts an operation as if it were done.
fn count(context: &Context, operation: &Operation) {
    let (progress, size) = (&context.progress, operation.size);
    let (files, bytes) = match operation.op {
        Kind::Upload => (&progress.files_uploaded, &progress.bytes_uploaded),
        Kind::Copy => (&progress.blobs_copied, &progress.bytes_copied),
        Kind::SetMetadata => (&progress.blobs_adopted, &progress.bytes_adopted),
        Kind::Download => (&progress.files_downloaded, &progress.bytes_downloaded),
        Kind::Delete => return progress.blobs_deleted.add(1),
    };
    files.add(1);
    bytes.add(size);
}

/// Counts and reports an operation that is not done.
fn would(context: &Context, operation: &Operation) {
    count(context, operation);
    let (name, size, reason) = (operation.name.as_str(), operation.size, operation.reason);
    context.report(&match operation.op {
        Kind::Upload => Event::WouldUpload { name, size, reason },
        Kind::Copy => Event::WouldCopy {
            name,
            size,
            from: operation.from.as_ref().map_or("", |from| &from.blob),
            reason,
        },
        Kind::SetMetadata => Event::WouldAdopt { name, size },
        Kind::Download => Event::WouldDownload { name, size, reason },
        Kind::Delete => Event::WouldDelete { name },
    });
}

impl Summary {
    /// Nothing was done, because the run was stopped before it began.
    pub(crate) fn stopped(cancel: &Cancel, dry_run: bool) -> Self {
        Self {
            unchanged: Tally::default(),
            uploaded: Tally::default(),
            copied: Tally::default(),
            adopted: Tally::default(),
            downloaded: Tally::default(),
            resumed: 0,
            deleted: 0,
            failed: 0,
            conflicts: 0,
            skipped: 0,
            bytes_read: 0,
            bytes_sent: 0,
            bytes_received: 0,
            bytes_reused: 0,
            deletes_withheld: None,
            cancelled: cancel.level(),
            dry_run,
        }
    }
}

fn spool(cause: std::io::Error) -> SyncError {
    SyncError::Spool { cause }
}
