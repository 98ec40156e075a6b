//! A run that somebody watches: its events, its numbers, being interrupted, and its end.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use longshore_sync::{Cancel, CancelLevel, Event, Progress, Reporter, Summary, SyncError};
use tokio::time::{MissedTickBehavior, interval_at};

use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::output::{Closing, FailedItem, FailureLog, Tick, Totals, View};
use crate::place::{Links, Place};

/// Watches one run.
#[derive(Debug)]
pub(super) struct Watch {
    /// Who is shown the run.
    pub(super) view: Arc<dyn View>,
    /// How the run is asked to stop.
    pub(super) cancel: Cancel,
    /// By what the places are reached.
    pub(super) links: Links,
    interrupts: Interrupts,
    failures: Arc<FailureLog>,
    started: Instant,
}

/// How a run ended: none when not even aborting was waited for.
pub(super) type Ended<T> = Option<Result<T, SyncError>>;

impl Watch {
    /// Begins to listen for signals.
    ///
    /// # Errors
    ///
    /// A failure when the system takes no listener.
    pub(super) fn begin(view: Arc<dyn View>) -> Result<Self, Failure> {
        let cancel = Cancel::new();
        Ok(Self {
            interrupts: listen(&cancel, &view)?,
            view,
            cancel,
            links: Links::default(),
            failures: Arc::default(),
            started: Instant::now(),
        })
    }

    /// Says what is to be said of places before they are used.
    pub(super) fn warn_of(&self, places: &[&Place]) {
        let mut said = Vec::new();
        for (message, hint) in places.iter().flat_map(|place| place.warnings()) {
            if !said.contains(&message) {
                self.view.warn(message, Some(hint));
                said.push(message);
            }
        }
    }

    /// Who takes the engine's facts.
    pub(super) fn reporter(&self) -> Arc<dyn Reporter> {
        Arc::new(ViewReporter {
            view: Arc::clone(&self.view),
            failures: Arc::clone(&self.failures),
        })
    }

    /// Waits for the end, and shows the numbers meanwhile.
    pub(super) async fn over<T>(
        &self,
        progress: &Progress,
        run: impl Future<Output = Result<T, SyncError>>,
    ) -> Ended<T> {
        self.until(|| self.tick(progress), run).await
    }

    /// Waits for the end, and has `tick` show the numbers meanwhile; none when not even aborting was waited for.
    pub(super) async fn until<T>(
        &self,
        tick: impl Fn(),
        run: impl Future<Output = T>,
    ) -> Option<T> {
        let mut run = pin!(run);
        let period = self.view.interval();
        let mut ticks = interval_at(tokio::time::Instant::now() + period, period);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let ended = loop {
            tokio::select! {
                result = &mut run => break Some(result),
                () = self.interrupts.forced() => break None,
                _ = ticks.tick() => tick(),
            }
        };
        self.view.clear();
        ended
    }

    /// How long it takes so far.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Where failures are kept for the end.
    pub(super) fn failures(&self) -> Arc<FailureLog> {
        Arc::clone(&self.failures)
    }

    fn tick(&self, progress: &Progress) {
        self.view.tick(&Tick {
            snapshot: progress.snapshot(),
            requests: self.links.requests(),
            elapsed: self.started.elapsed(),
        });
    }

    /// What stopped the run, if anything did.
    pub(super) fn interruption(&self) -> ExitStatus {
        self.interrupts.status().unwrap_or(ExitStatus::Interrupted)
    }

    /// What failed so far.
    pub(super) fn take_failures(&self) -> Vec<FailedItem> {
        self.failures.take()
    }

    /// Shows the end.
    pub(super) fn close(
        &self,
        ended: Option<&Result<Summary, SyncError>>,
        progress: &Progress,
        dry_run: bool,
    ) -> ExitStatus {
        let (totals, error, status) = match ended {
            Some(Ok(summary)) => {
                let common = self.failures.common_status();
                let status = ExitStatus::of_summary(summary, common, self.interrupts.status());
                (Totals::from(summary), None, status)
            }
            Some(Err(error)) => {
                let failure = Failure::from(error);
                let status = failure.status;
                (Totals::from(&progress.snapshot()), Some(failure), status)
            }
            None => (
                Totals::from(&progress.snapshot()),
                None,
                self.interruption(),
            ),
        };
        self.view.close(&Closing {
            totals,
            failures: self.failures.take(),
            error,
            status,
            elapsed: self.started.elapsed(),
            requests: self.links.requests(),
            dry_run,
        });
        status
    }
}

fn listen(cancel: &Cancel, view: &Arc<dyn View>) -> Result<Interrupts, Failure> {
    let view = Arc::clone(view);
    Interrupts::listen(cancel.clone(), move |level| match level {
        CancelLevel::Drain => view.warn(
            "interrupted: finishing what is under way, starting nothing new",
            Some("interrupt again to give up at once; what was moved is kept either way"),
        ),
        _ => view.warn("interrupted again: giving up", None),
    })
    .map_err(|error| Failure::because(ExitStatus::Failed, "cannot listen for signals", &error))
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
