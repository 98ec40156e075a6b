//! `longshore plan`.

use std::io::{self, BufWriter};
use std::path::Path;
use std::sync::Arc;

use longshore_sync::{CancelLevel, PlanFile, Summary, Sync, SyncOptions};

use super::ends::{Ends, shown};
use super::run::{Context, Stop};
use super::sync::Wanted;
use super::watch::Watch;
use crate::args::PlanArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{OutputLost, Sheet, Wording, quiet_view, show_failed_items};
use crate::settings::{Format, Verbosity};

/// Finds out what `sync` would do, and tells it or writes it down.
pub(super) async fn run(args: &PlanArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let mut wanted = Wanted::settle(&args.transfer, context)?;
    // A plan makes no container either.
    wanted.options.dry_run = true;
    let mut watch = Watch::begin(quiet_view(Arc::clone(&context.console)))?;
    watch.warn_of(&wanted.places());
    let made = make(wanted, &mut watch, context).await;
    watch.links.close().await;
    let mut plan = match made? {
        Made::Plan(plan) => plan,
        Made::Stopped(status) => return Ok(status),
    };
    deliver(&mut plan, args, context)?;
    let pending = args.detailed_exitcode && !plan.header().totals.is_empty();
    Ok(if pending {
        ExitStatus::ChangesPending
    } else {
        ExitStatus::Done
    })
}

/// What came of planning.
#[derive(Debug)]
enum Made {
    Plan(Box<PlanFile>),
    Stopped(ExitStatus),
}

async fn make(wanted: Wanted, watch: &mut Watch, context: &Context) -> Result<Made, Failure> {
    let Wanted {
        route,
        reuse_from,
        options,
    } = wanted;
    let shown = shown(&route, &reuse_from)?;
    let ends = Ends::open(&mut watch.links, &route, &reuse_from, context).await?;
    let mut sync = new_sync(&ends, options)?;
    for other in ends.reuse_from {
        sync = sync.reuse_from(other.store, other.prefix);
    }
    let progress = sync.progress();
    let run = sync.plan(shown, watch.reporter(), watch.cancel.clone());
    let ended = watch.over(&progress, run).await;
    let (plan, summary) = match ended {
        Some(Ok(made)) => made,
        Some(Err(error)) => {
            show_failed_items(&context.console, &watch.take_failures());
            return Err(Failure::from(&error));
        }
        None => return Ok(Made::Stopped(watch.interruption())),
    };
    if summary.cancelled > CancelLevel::None {
        return Ok(Made::Stopped(watch.interruption()));
    }
    check(&summary, watch, context)?;
    Ok(Made::Plan(Box::new(plan)))
}

fn new_sync(ends: &Ends, options: SyncOptions) -> Result<Sync, Failure> {
    Sync::new(&ends.source, &ends.destination, options).map_err(|error| Failure::from(&error))
}

/// A plan is whole, or there is none.
fn check(summary: &Summary, watch: &Watch, context: &Context) -> Result<(), Failure> {
    if summary.failed == 0 {
        return Ok(());
    }
    show_failed_items(&context.console, &watch.take_failures());
    let message = format!(
        "no plan was made, because {} failed",
        crate::units::count(summary.failed, "item")
    );
    Err(Failure::new(ExitStatus::ItemsFailed, message)
        .hint("make them readable, or leave them out with `--exclude`".to_owned()))
}

/// Writes the plan where it is wanted, and shows it to people.
fn deliver(plan: &mut PlanFile, args: &PlanArgs, context: &Context) -> Result<(), Stop> {
    let console = &context.console;
    let to_output = args.out.as_deref() == Some(Path::new("-"));
    let as_json = console.format() == Format::Json;
    if let Some(file) = args.out.as_deref().filter(|_| !to_output) {
        plan.save(file).map_err(|error| Failure::of_plan(&error))?;
    }
    if to_output || as_json {
        write(plan)?;
    }
    if as_json || args.out.is_some() && !console.tells(Verbosity::Normal) {
        return Ok(());
    }
    let wording = match &args.out {
        None => Wording::Looked,
        Some(_) if to_output => Wording::Piped,
        Some(file) => Wording::Kept(file),
    };
    Ok(Sheet::new(console, wording).show(plan)?)
}

fn write(plan: &mut PlanFile) -> Result<(), OutputLost> {
    let mut out = BufWriter::new(io::stdout().lock());
    plan.write(&mut out).map_err(OutputLost::from)
}
