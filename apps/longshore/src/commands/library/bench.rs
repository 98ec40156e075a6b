//! What a run over a library works with, and how it is watched: its facts, its numbers, its end.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;
use longshore_mirror::{Event, ItemError, Reporter, Tools, Upstream};
use longshore_sync::{CachePlace, FileDigests, Tally};

use super::doors::Doors;
use crate::args::UpstreamArgs;
use crate::commands::run::Context;
use crate::commands::watch::Watch;
use crate::exit::ExitStatus;
use crate::failure::{Failure, Story};
use crate::output::{Arriving, FailedItem, FailureLog, Tick, View, quiet_view, view_for};
use crate::settings::{cellar, rewrites};

/// A run over a library.
pub(super) struct Bench {
    /// What shows it, and what stops it.
    pub(super) watch: Watch,
    /// What places are reached by.
    pub(super) doors: Doors,
    /// What it works with.
    pub(super) tools: Tools,
    facts: Arc<Facts>,
}

/// What is known of a run while it goes on.
pub(super) struct Facts {
    view: Arc<dyn View>,
    failures: Arc<FailureLog>,
    files_pinned: AtomicU64,
    files_fetched: AtomicU64,
    bytes_fetched: AtomicU64,
    files_ingested: AtomicU64,
    bytes_ingested: AtomicU64,
    files_planned: AtomicU64,
    bytes_planned: AtomicU64,
    uploading: Mutex<Option<Arc<longshore_sync::Progress>>>,
}

impl Bench {
    /// Makes everything ready; nothing was asked for yet.
    ///
    /// # Errors
    ///
    /// A failure when the cellar cannot be used, or an address is none.
    pub(super) fn new(
        args: &UpstreamArgs,
        digests: &CachePlace,
        directory: &Path,
        context: &Context,
    ) -> Result<Self, Failure> {
        let view = view_for(&context.settings, Arc::clone(&context.console));
        Self::with(view, (args, digests, directory), context)
    }

    /// The same for a command whose standard output is data.
    ///
    /// # Errors
    ///
    /// Those of [`Bench::new`].
    pub(super) fn quiet(
        args: &UpstreamArgs,
        digests: &CachePlace,
        directory: &Path,
        context: &Context,
    ) -> Result<Self, Failure> {
        let view = quiet_view(Arc::clone(&context.console));
        Self::with(view, (args, digests, directory), context)
    }

    fn with(
        view: Arc<dyn View>,
        (args, digests, directory): (&UpstreamArgs, &CachePlace, &Path),
        context: &Context,
    ) -> Result<Self, Failure> {
        let watch = Watch::begin(Arc::clone(&view))?;
        let facts = Arc::new(Facts::new(view, watch.failures()));
        let doors = Doors::new(context);
        let options = context
            .settings
            .upstream_options(args, &context.environment);
        let upstream = Upstream::new(options).map_err(|error| {
            Failure::because(ExitStatus::Failed, "cannot set up the connection", &error)
        })?;
        let tools = Tools {
            upstream,
            cellar: cellar(args.cellar.clone())?,
            places: Arc::new(doors.clone()),
            rewrites: rewrites(&args.rewrite)?,
            digests: FileDigests::open(digests, directory),
            reporter: Arc::clone(&facts) as Arc<dyn Reporter>,
            cancel: watch.cancel.clone(),
            progress: Arc::default(),
            now: Timestamp::now(),
        };
        Ok(Self {
            watch,
            doors,
            tools,
            facts,
        })
    }

    /// Waits for the end, and shows the numbers meanwhile; none when not even aborting was waited for.
    pub(super) async fn over<T>(&self, run: impl Future<Output = T>) -> Option<T> {
        self.watch.until(|| self.tick(), run).await
    }

    fn tick(&self) {
        let elapsed = self.watch.elapsed();
        let uploading = self.facts.uploading();
        match uploading {
            Some(progress) => self.watch.view.tick(&Tick {
                snapshot: progress.snapshot(),
                requests: self.doors.requests(),
                elapsed,
            }),
            None => self.watch.view.arriving(&Arriving {
                files_pinned: self.facts.files_pinned.load(Ordering::Relaxed),
                files_fetched: self.facts.files_fetched.load(Ordering::Relaxed),
                bytes_fetched: self.facts.bytes_fetched.load(Ordering::Relaxed),
                elapsed_seconds: elapsed.as_secs_f64(),
            }),
        }
    }

    /// Files that came to this machine.
    pub(super) fn fetched(&self) -> Tally {
        tally(&self.facts.files_fetched, &self.facts.bytes_fetched)
    }

    /// Files that the service fetched itself.
    pub(super) fn ingested(&self) -> Tally {
        tally(&self.facts.files_ingested, &self.facts.bytes_ingested)
    }

    /// Files that would be brought in.
    pub(super) fn planned(&self) -> Tally {
        tally(&self.facts.files_planned, &self.facts.bytes_planned)
    }

    /// What the run ends with when files failed, or it was stopped.
    pub(super) fn status(&self, failed: u64, nothing_worked: bool) -> ExitStatus {
        if self.tools.cancel.is_draining() {
            return self.watch.interruption();
        }
        if failed == 0 {
            return ExitStatus::Done;
        }
        match self.watch.failures().common_status() {
            Some(status @ (ExitStatus::Corrupt | ExitStatus::Precondition)) => status,
            Some(status @ (ExitStatus::NotAllowed | ExitStatus::Throttled)) if nothing_worked => {
                status
            }
            _ => ExitStatus::ItemsFailed,
        }
    }

    /// Lets go of everything.
    pub(super) async fn close(&self) {
        self.tools.digests.close().await;
        self.doors.close().await;
    }
}

fn tally(files: &AtomicU64, bytes: &AtomicU64) -> Tally {
    Tally {
        files: files.load(Ordering::Relaxed),
        bytes: bytes.load(Ordering::Relaxed),
    }
}

impl Facts {
    fn new(view: Arc<dyn View>, failures: Arc<FailureLog>) -> Self {
        Self {
            view,
            failures,
            files_pinned: AtomicU64::default(),
            files_fetched: AtomicU64::default(),
            bytes_fetched: AtomicU64::default(),
            files_ingested: AtomicU64::default(),
            bytes_ingested: AtomicU64::default(),
            files_planned: AtomicU64::default(),
            bytes_planned: AtomicU64::default(),
            uploading: Mutex::default(),
        }
    }

    fn uploading(&self) -> Option<Arc<longshore_sync::Progress>> {
        let uploading = self.uploading.lock();
        uploading.unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn count(&self, event: &Event<'_>) {
        let add = |files: &AtomicU64, bytes: &AtomicU64, more: u64| {
            files.fetch_add(1, Ordering::Relaxed);
            bytes.fetch_add(more, Ordering::Relaxed);
        };
        match event {
            Event::Pinned { .. } => drop(self.files_pinned.fetch_add(1, Ordering::Relaxed)),
            Event::Fetched { received, .. } => {
                add(&self.files_fetched, &self.bytes_fetched, *received);
            }
            Event::Ingested { size, .. } => add(&self.files_ingested, &self.bytes_ingested, *size),
            Event::WouldStage { size, .. } => add(&self.files_planned, &self.bytes_planned, *size),
            Event::Uploading { progress } => {
                let mut uploading = self
                    .uploading
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                *uploading = Some(Arc::clone(progress));
            }
            _ => {}
        }
    }

    fn note_failure(&self, event: &Event<'_>) {
        match event {
            Event::Failed { name, error } => self.failures.add_item(
                ExitStatus::of_library_item(error),
                FailedItem {
                    item: (*name).to_owned(),
                    story: Story::of_library_item(name, error),
                },
            ),
            Event::Transfer(longshore_sync::Event::Failed(error)) => self.failures.add(error),
            _ => {}
        }
    }
}

impl Reporter for Facts {
    fn report(&self, event: &Event<'_>) {
        if let Event::Failed {
            error: ItemError::NotLocked,
            ..
        } = event
        {
            // It is drift, which is told as a whole.
            return;
        }
        self.count(event);
        self.note_failure(event);
        match event {
            Event::Transfer(event) => self.view.event(event),
            event => self.view.library_event(event),
        }
    }
}
