//! `longshore verify`: whether blobs are what they say of themselves, and what somebody expects.

mod report;
mod show;
mod watch;

use std::ffi::OsStr;
use std::path::Path;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use longshore_azure::MeterSnapshot;
use longshore_store::BlobStore;
use longshore_sync::{
    Against, Cancel, CancelLevel, Contents, Deep, ExpectedDirectory, PlanReader, Progress,
    SyncError, Verify, VerifyOptions, VerifySummary,
};
use tokio::time::{MissedTickBehavior, interval_at};

use super::run::{Context, Stop};
use crate::args::VerifyArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::output::{Mark, Tick, show_failure};
use crate::place::{Container, Links, Place};
use crate::redact::redact;
use crate::settings::expected_directory;
use report::{Opening, Report};
use watch::Watch;

/// Looks at every blob, and tells what it found.
pub(super) async fn run(args: &VerifyArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let today = Timestamp::now().strftime("%Y-%m-%d").to_string();
    let mut options = context.settings.verify_options(args, &today)?;
    let place = Place::parse(&args.destination, &context.environment)?;
    place.must_exist()?;
    let baseline = match &args.against {
        Some(text) => Baseline::check(text, args, context)?,
        None => Baseline::Nothing,
    };
    warn(context, [Some(&place), baseline.place()]);
    let report = Arc::new(Report::new(
        Arc::clone(&context.console),
        args.report.as_deref(),
    )?);
    let mut links = Links::default();
    let outcome = match baseline.open(&place, &mut links, context).await {
        Ok((destination, against)) => {
            options.prefix.clone_from(&destination.prefix);
            options.against = against;
            let audit = Audit {
                context,
                report,
                shown: place.to_string(),
                store: destination.store,
                links: &links,
                started: Instant::now(),
                is_alone: args.against.is_none(),
            };
            let against = args
                .against
                .as_ref()
                .map(|text| redact(&text.to_string_lossy()).into_owned());
            audit
                .report
                .open(&Opening::new(&audit.shown, against.as_deref(), &options));
            audit.go(options).await
        }
        Err(failure) => Err(failure.into()),
    };
    links.close().await;
    outcome
}

fn warn(context: &Context, places: [Option<&Place>; 2]) {
    for (message, hint) in places.into_iter().flatten().flat_map(Place::warnings) {
        context.console.mark(Mark::Warning, message);
        context.console.mark(Mark::Hint, hint);
    }
}

/// What `--against` names.
enum Baseline {
    Nothing,
    Directory(ExpectedDirectory),
    Blobs(Place),
    Plan(Box<PlanReader>),
}

impl Baseline {
    /// Reads it: a place, or the file of a plan.
    fn check(text: &OsStr, args: &VerifyArgs, context: &Context) -> Result<Self, Failure> {
        if Path::new(text).is_file() {
            let reader = PlanReader::open(Path::new(text));
            let reader = reader.map_err(|error| Failure::from(&SyncError::Plan(error)))?;
            return Ok(Self::Plan(Box::new(reader)));
        }
        let place = Place::parse(text, &context.environment)?;
        place.must_exist()?;
        Ok(match place {
            Place::Directory(path) => Self::Directory(expected_directory(&path, args)),
            place => Self::Blobs(place),
        })
    }

    const fn place(&self) -> Option<&Place> {
        match self {
            Self::Blobs(place) => Some(place),
            Self::Nothing | Self::Directory(_) | Self::Plan(_) => None,
        }
    }

    /// Opens what is audited, and what it is compared with.
    async fn open(
        self,
        place: &Place,
        links: &mut Links,
        context: &Context,
    ) -> Result<(Container, Against), Failure> {
        let (settings, environment) = (&context.settings, &context.environment);
        let destination = links.open(place, settings, environment).await?;
        let against = match self {
            Self::Nothing => Against::Nothing,
            Self::Directory(directory) => Against::Directory(directory),
            Self::Blobs(place) => {
                let other = links.open(&place, settings, environment).await?;
                Against::Destination {
                    store: other.store,
                    prefix: other.prefix,
                }
            }
            Self::Plan(reader) => {
                let contents = Contents::of_plan("the plan", &reader);
                Against::Contents(contents.map_err(|error| Failure::from(&error))?)
            }
        };
        Ok((destination, against))
    }
}

/// What one audit needs to be shown.
struct Audit<'a> {
    context: &'a Context,
    report: Arc<Report>,
    /// The destination, for people.
    shown: String,
    store: Arc<dyn BlobStore>,
    links: &'a Links,
    started: Instant,
    is_alone: bool,
}

/// How an audit ended.
enum End {
    /// It went to its end, or was stopped in order.
    Summary(Box<VerifySummary>),
    /// It could not go on.
    Error(SyncError),
    /// Not even aborting was waited for.
    Forced,
}

/// The end of an audit, with its last numbers.
struct Closing {
    summary: Option<Box<VerifySummary>>,
    status: ExitStatus,
    deep: Deep,
    elapsed: Duration,
    requests: Option<MeterSnapshot>,
}

impl Audit<'_> {
    async fn go(&self, options: VerifyOptions) -> Result<ExitStatus, Stop> {
        let cancel = Cancel::new();
        let interrupts = self.listen(&cancel)?;
        let deep = options.deep.clone();
        let verify = Verify::new(Arc::clone(&self.store), options);
        let progress = verify.progress();
        let watch = Watch::new(Arc::clone(&self.context.console));
        let reporter = Arc::clone(&self.report);
        let mut run = pin!(verify.run(reporter, cancel));
        let period = watch.interval();
        let mut ticks = interval_at(tokio::time::Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = loop {
            tokio::select! {
                result = &mut run => break match result {
                    Ok(summary) => End::Summary(Box::new(summary)),
                    Err(error) => End::Error(error),
                },
                () = interrupts.forced() => break End::Forced,
                _ = ticks.tick() => watch.tick(&self.tick(&progress)),
            }
        };
        watch.clear();
        self.close(end, deep, &interrupts)
    }

    fn listen(&self, cancel: &Cancel) -> Result<Interrupts, Failure> {
        let console = Arc::clone(&self.context.console);
        Interrupts::listen(cancel.clone(), move |level| {
            let text = match level {
                CancelLevel::Drain => {
                    "interrupted: finishing what is under way, starting nothing new"
                }
                _ => "interrupted again: giving up",
            };
            console.mark(Mark::Warning, text);
        })
        .map_err(|error| Failure::because(ExitStatus::Failed, "cannot listen for signals", &error))
    }

    fn tick(&self, progress: &Progress) -> Tick {
        Tick {
            snapshot: progress.snapshot(),
            requests: self.links.requests(),
            elapsed: self.started.elapsed(),
        }
    }

    fn close(&self, end: End, deep: Deep, interrupts: &Interrupts) -> Result<ExitStatus, Stop> {
        let interruption = interrupts.status();
        let (summary, status) = match end {
            End::Summary(summary) => {
                let common = self.report.failures().common_status();
                let status = ExitStatus::of_verify(&summary, common, interruption);
                match self.empty(&summary, status) {
                    Some(failure) => {
                        show_failure(&self.context.console, &failure);
                        (Some(summary), failure.status)
                    }
                    None => (Some(summary), status),
                }
            }
            End::Error(error) => {
                let failure = Failure::from(&error);
                show_failure(&self.context.console, &failure);
                (None, failure.status)
            }
            End::Forced => (None, interruption.unwrap_or(ExitStatus::Interrupted)),
        };
        self.report.close(&Closing {
            summary,
            status,
            deep,
            elapsed: self.started.elapsed(),
            requests: self.links.requests(),
        })?;
        Ok(status)
    }

    /// An audit of nothing proves nothing: the name is mistyped, more often than not.
    fn empty(&self, summary: &VerifySummary, status: ExitStatus) -> Option<Failure> {
        let is_empty = status == ExitStatus::Done && summary.counts.checked.files == 0;
        (self.is_alone && is_empty).then(|| {
            Failure::new(
                ExitStatus::Failed,
                format!("there is no blob in `{}`", self.shown),
            )
            .hint("check the container and the folder".to_owned())
        })
    }
}
