//! `longshore sync`.

use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use longshore_sync::{
    Cancel, CancelLevel, Event, Progress, Reporter, Summary, SyncError, SyncOptions, Upload,
};
use tokio::time::{MissedTickBehavior, interval_at};

use super::run::{Context, Stop};
use crate::args::SyncArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::output::{Closing, FailureLog, Opening, Tick, Totals, View, view_for};
use crate::place::{Opened, Place, Source};

/// Makes the destination hold what the source holds.
pub(super) async fn run(args: &SyncArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let mut options = context.settings.sync_options(args)?;
    let source = Source::check(&args.source, &args.destination)?;
    let place = Place::parse(&args.destination, &context.environment)?;
    source.stands_apart_from(&place)?;
    let view = view_for(&context.settings, Arc::clone(&context.console));
    let cancel = Cancel::new();
    let interrupts = listen(&cancel, &view)?;
    place
        .warnings()
        .for_each(|(message, hint)| view.warn(message, Some(hint)));
    let destination = place.open(&context.settings, &context.environment).await?;
    options.prefix.clone_from(&destination.prefix);
    options.create_container |= destination.creates_itself;
    let staging = Staging {
        view,
        failures: Arc::default(),
        destination: &destination,
        started: Instant::now(),
        dry_run: options.dry_run,
    };
    let outcome = staging.go(&source, options, &cancel, &interrupts).await;
    let status = staging.close(&outcome, &interrupts);
    destination.close().await;
    Ok(status)
}

fn listen(cancel: &Cancel, view: &Arc<dyn View>) -> Result<Interrupts, Failure> {
    let view = Arc::clone(view);
    Interrupts::listen(cancel.clone(), move |level| match level {
        CancelLevel::Drain => view.warn(
            "interrupted: finishing what is under way, starting nothing new",
            Some("interrupt again to give up at once; what was sent is kept either way"),
        ),
        _ => view.warn("interrupted again: giving up", None),
    })
    .map_err(|error| Failure::because(ExitStatus::Failed, "cannot listen for signals", &error))
}

/// What one run needs to be shown.
struct Staging<'d> {
    view: Arc<dyn View>,
    failures: Arc<FailureLog>,
    destination: &'d Opened,
    started: Instant,
    dry_run: bool,
}

/// How a run ended, with its last numbers.
struct Outcome {
    result: Option<Result<Summary, SyncError>>,
    progress: Arc<Progress>,
}

impl Staging<'_> {
    async fn go(
        &self,
        source: &Source,
        options: SyncOptions,
        cancel: &Cancel,
        interrupts: &Interrupts,
    ) -> Outcome {
        self.view.open(&Opening {
            source: source.path().display().to_string(),
            destination: self.destination.shown.clone(),
            dry_run: self.dry_run,
        });
        let store = Arc::clone(&self.destination.store);
        let upload = Upload::new(source.path(), store, options);
        let progress = upload.progress();
        let reporter = Arc::new(ViewReporter {
            view: Arc::clone(&self.view),
            failures: Arc::clone(&self.failures),
        });
        let mut run = pin!(upload.run(reporter, cancel.clone()));
        let period = self.view.interval();
        let mut ticks = interval_at(tokio::time::Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let result = loop {
            tokio::select! {
                result = &mut run => break Some(result),
                () = interrupts.forced() => break None,
                _ = ticks.tick() => self.tick(&progress),
            }
        };
        Outcome { result, progress }
    }

    fn tick(&self, progress: &Progress) {
        self.view.tick(&Tick {
            snapshot: progress.snapshot(),
            requests: self.destination.requests(),
            elapsed: self.started.elapsed(),
        });
    }

    fn close(&self, outcome: &Outcome, interrupts: &Interrupts) -> ExitStatus {
        let (totals, error, status) = match &outcome.result {
            Some(Ok(summary)) => {
                let common = self.failures.common_status();
                let status = ExitStatus::of_summary(summary, common, interrupts.status());
                (Totals::from(summary), None, status)
            }
            Some(Err(error)) => {
                let failure = Failure::from(error);
                let status = failure.status;
                (
                    Totals::from(&outcome.progress.snapshot()),
                    Some(failure),
                    status,
                )
            }
            None => {
                let status = interrupts.status().unwrap_or(ExitStatus::Interrupted);
                (Totals::from(&outcome.progress.snapshot()), None, status)
            }
        };
        self.view.close(&Closing {
            totals,
            failures: self.failures.take(),
            error,
            status,
            elapsed: self.started.elapsed(),
            requests: self.destination.requests(),
            dry_run: self.dry_run,
        });
        status
    }
}

/// Hands the engine's facts to the view, and keeps what failed for the end.
#[derive(Debug)]
struct ViewReporter {
    view: Arc<dyn View>,
    failures: Arc<FailureLog>,
}

impl Reporter for ViewReporter {
    fn report(&self, event: &Event<'_>) {
        if let Event::Failed(error) = event {
            self.failures.add(error);
        }
        self.view.event(event);
    }
}
