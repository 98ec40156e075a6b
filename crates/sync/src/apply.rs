//! Doing what a plan says, if the world is still as the plan assumed it.

use std::sync::Arc;

use longshore_store::BlobStore;

use crate::delete::Surplus;
use crate::feed::Lines;
use crate::journey::{Begun, Doing, Drive, Journey};
use crate::place::{Container, Route};
use crate::plan::PlanReader;
use crate::{
    Cancel, DeletePolicy, DeletesWithheld, Direction, ListError, Place, Progress, Reporter,
    SafetyError, Summary, SyncError, SyncOptions, preflight,
};

/// A plan on its way into the world.
///
/// Everything is looked at before anything is written, and each thing is looked at again when its turn comes. What
/// moved since the plan was made ends the run with [`SyncError::Stale`]. Operations that are done already are
/// recognised, so a plan that was interrupted is applied again.
#[derive(Debug)]
pub struct Apply {
    journey: Journey,
    reader: PlanReader,
}

impl Apply {
    /// Prepares a run; nothing happens yet. `options` bring limits; what is to be done stands in the plan. One of
    /// [`Prune`](crate::Prune) uses the destination alone.
    ///
    /// # Errors
    ///
    /// [`SyncError::Route`] when the two places are not of the kinds that the plan was made for, [`SyncError::List`]
    /// when the source is a list of files.
    pub fn new(
        reader: PlanReader,
        source: &Place,
        destination: &Place,
        options: SyncOptions,
    ) -> Result<Self, SyncError> {
        let header = reader.header();
        let route = match header.direction {
            Direction::Prune => Route::prune(destination)?,
            _ => Route::between(source, destination)?,
        };
        if matches!(route, Route::Files(..)) {
            return Err(ListError::Plan.into());
        }
        if route.direction() != header.direction {
            return Err(SyncError::Route);
        }
        let deletes = header.totals.delete.files > 0;
        let options = SyncOptions {
            delete: if deletes {
                DeletePolicy::Unmanaged
            } else {
                DeletePolicy::Keep
            },
            backup_to: header.rules.backup_to.clone(),
            dry_run: false,
            create_container: options.create_container,
            include: Vec::new(),
            exclude: Vec::new(),
            ..options
        };
        Ok(Self {
            journey: Journey {
                route,
                reuse_from: Vec::new(),
                options,
                progress: Arc::default(),
            },
            reader,
        })
    }

    /// A container that the plan copies from, beside the destination.
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
    /// [`SyncError::Stale`] when something moved; other [`SyncError`]s when the run cannot go on.
    pub async fn run(
        self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<Summary, SyncError> {
        self.check_deletes()?;
        let mut begun = tokio::select! {
            begun = self.journey.begin(reporter, cancel.clone(), true) => begun?,
            () = cancel.drained() => return Ok(Summary::stopped(&cancel, false)),
        };
        let outcome = self.transfer(&mut begun).await;
        self.journey.end(begun, outcome).await
    }

    /// Deletes obey the limit of whoever applies the plan, and that of whoever made it.
    fn check_deletes(&self) -> Result<(), SyncError> {
        let header = self.reader.header();
        let (count, total) = (header.totals.delete.files, header.totals.there);
        let planned = header.rules.max_delete.as_ref();
        let planned = planned.and_then(|limit| limit.parse().ok());
        for limit in [Some(self.journey.options.max_delete), planned]
            .into_iter()
            .flatten()
        {
            if !limit.allows(count, total) {
                return Err(SafetyError::MaxDelete {
                    count,
                    total,
                    limit,
                }
                .into());
            }
        }
        Ok(())
    }

    async fn transfer(&self, begun: &mut Begun) -> Result<Option<DeletesWithheld>, SyncError> {
        let journey = &self.journey;
        let (filter, context) = (Arc::clone(&begun.filter), Arc::clone(&begun.context));
        let listed = match &journey.route {
            Route::Down(..) => &begun.here,
            _ => &begun.there,
        };
        let shelf = listed.as_ref().ok_or(SyncError::Route)?.shelf();
        let done = tokio::select! {
            done = preflight::check(&context, &journey.route, self.reader.again()?, shelf) => done?,
            () = context.cancel.aborted() => return Ok(None),
        };
        if context.is_stopping() || context.has_failures() {
            return Ok(None);
        }
        let mut surplus = Surplus::new(&journey.options, &filter, journey.prefix())?;
        let doing = Doing {
            surplus: &mut surplus,
            source: Arc::clone(&journey.route.origin().store),
        };
        let lines = Lines::new(journey.route.clone(), self.reader.again()?, done);
        doing.drive(begun, lines).await?;
        if context.is_fatal() {
            return Ok(None);
        }
        if let Some(withheld) = surplus.judge(&context) {
            return Ok(Some(withheld));
        }
        if context.cancel.is_draining() || context.has_failures() {
            return Ok(None);
        }
        surplus.delete(&context, journey.ground()).await
    }
}
