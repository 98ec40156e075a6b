//! `longshore sync`.

use std::ffi::OsString;
use std::sync::Arc;

use longshore_sync::{CancelLevel, Direction, Summary, Sync, SyncOptions};

use super::ends::{Ends, announce};
use super::run::{Context, Stop};
use super::watch::Watch;
use crate::args::{SyncArgs, TransferArgs};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::view_for;
use crate::place::{Place, Route};

/// What the flags of `sync` and `plan` come to.
#[derive(Debug)]
pub(super) struct Wanted {
    /// From where to where.
    pub(super) route: Route,
    /// What may be copied from.
    pub(super) reuse_from: Vec<Place>,
    /// How.
    pub(super) options: SyncOptions,
}

impl Wanted {
    /// Settles them; nothing is opened.
    ///
    /// # Errors
    ///
    /// Those of [`Route::parse`], and a usage failure for flags that contradict each other.
    pub(super) fn settle(args: &TransferArgs, context: &Context) -> Result<Self, Failure> {
        let environment = &context.environment;
        let route = Route::parse(&args.source, &args.destination, environment)?;
        let mut options = context.settings.transfer_options(args, route.direction)?;
        options.create_container |= route.destination.creates_itself();
        route.check_backups(options.backup_to.as_deref())?;
        Ok(Self {
            reuse_from: match route.direction {
                Direction::Up => reuse_from(&args.reuse_from, context)?,
                _ => Vec::new(),
            },
            route,
            options,
        })
    }

    /// Every place that is used.
    pub(super) fn places(&self) -> Vec<&Place> {
        let ends = [&self.route.source, &self.route.destination];
        ends.into_iter().chain(&self.reuse_from).collect()
    }
}

/// Containers whose blobs may be copied.
pub(super) fn reuse_from(given: &[OsString], context: &Context) -> Result<Vec<Place>, Failure> {
    let given = given.iter().filter(|text| !text.is_empty());
    given
        .map(|text| match Place::parse(text, &context.environment)? {
            place @ Place::Directory(_) => Err(Failure::usage(
                format!("`--reuse-from {place}` is a directory"),
                "name a container: only a service copies from one to another",
            )),
            place => place.must_exist().map(|()| place),
        })
        .collect()
}

/// Makes the destination hold what the source holds.
pub(super) async fn run(args: &SyncArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let wanted = Wanted::settle(&args.transfer, context)?;
    let watch = Watch::begin(view_for(&context.settings, Arc::clone(&context.console)))?;
    watch.warn_of(&wanted.places());
    carry_out(wanted, watch, context).await
}

/// Runs what is wanted to its end.
pub(super) async fn carry_out(
    wanted: Wanted,
    mut watch: Watch,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let Wanted {
        route,
        reuse_from,
        options,
    } = wanted;
    let opened = Ends::open(&mut watch.links, &route, &reuse_from, context).await;
    let outcome = match opened {
        Ok(ends) => go(&watch, &route, ends, options).await,
        Err(failure) => Err(failure),
    };
    watch.links.close().await;
    Ok(outcome?)
}

/// An empty directory is one; a folder of a container without a blob is most likely mistyped.
fn is_suspicious(summary: &Summary, direction: Direction, found: u64) -> bool {
    direction != Direction::Up
        && found == 0
        && summary.failed == 0
        && summary.cancelled == CancelLevel::None
}

async fn go(
    watch: &Watch,
    route: &Route,
    ends: Ends,
    options: SyncOptions,
) -> Result<ExitStatus, Failure> {
    announce(watch, route, &options);
    let dry_run = options.dry_run;
    let mut sync = Sync::new(&ends.source, &ends.destination, options)
        .map_err(|error| Failure::from(&error))?;
    for other in ends.reuse_from {
        sync = sync.reuse_from(other.store, other.prefix);
    }
    let progress = sync.progress();
    let run = sync.run(watch.reporter(), watch.cancel.clone());
    let ended = watch.over::<Summary>(&progress, run).await;
    if let Some(Ok(summary)) = &ended
        && is_suspicious(summary, route.direction, progress.snapshot().files_found)
    {
        let message = format!("there is no blob in the source `{}`", route.source);
        let hint = "check the container and the folder, as with `longshore ls`";
        watch.view.warn(&message, Some(hint));
    }
    Ok(watch.close(ended.as_ref(), &progress, dry_run))
}
