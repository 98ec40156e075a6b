//! `longshore prune`.

mod show;

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use longshore_manifest::{Doomed, Lock, NamedLock, Retention};
use longshore_mirror::{Library, Pruning, Shelf, decide_pruning};
use longshore_sync::{Place as End, PlanFile, Progress, Prune, PruneBlob, Summary, SyncOptions};

use serde_json::json;

use super::doors::Doors;
use super::subject::Subject;
use crate::args::PruneArgs;
use crate::commands::run::{Context, Stop};
use crate::commands::watch::Watch;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{OutputLost, Record, show_failed_items, view_for};
use crate::settings::{Format, Verbosity};
use crate::units::count;

/// Tells what may go, and deletes it when that is asked for.
pub(in crate::commands) async fn run(
    args: &PruneArgs,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let destination = args.destination.destination.as_deref();
    let subject = Subject::parse(&args.subject, destination, context)?;
    let doors = Doors::new(context);
    let outcome = prune(args, &subject, &doors, context).await;
    doors.close().await;
    outcome
}

async fn prune(
    args: &PruneArgs,
    subject: &Subject,
    doors: &Doors,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let shelf = subject.shelf(doors).await?;
    let pruning = decide(args, subject, &shelf).await?;
    let deletes = deletes(&pruning, &shelf, args, context)?;
    let shown = subject.place.to_text()?;
    let plan = deletes.plan(&shown).await;
    let mut plan = plan.map_err(|error| Failure::from(&error))?;
    deliver(&mut plan, &pruning, (args, subject), context)?;
    let pending = plan.header().totals.delete.files > 0;
    if args.delete && pending && !context.settings.dry_run {
        return Ok(delete(deletes, context).await?);
    }
    Ok(if args.detailed_exitcode && pending {
        ExitStatus::ChangesPending
    } else {
        ExitStatus::Done
    })
}

/// Documents first: no release is to name a blob that is gone.
fn deletes(
    pruning: &Pruning,
    shelf: &Shelf,
    args: &PruneArgs,
    context: &Context,
) -> Result<Prune, Failure> {
    let decision = &pruning.decision;
    let phase = |doomed: &[Doomed]| -> Vec<PruneBlob> {
        let blobs = doomed.iter().filter_map(|doomed| {
            Some(PruneBlob {
                name: doomed.path.to_string(),
                size: doomed.size,
                etag: pruning.version(doomed.path.as_str())?.clone(),
            })
        });
        blobs.collect()
    };
    let phases = vec![phase(&decision.documents), phase(&decision.blobs)];
    let options = SyncOptions {
        concurrency: context.settings.connection.concurrency,
        max_delete: args.limit.max_delete,
        ..SyncOptions::default()
    };
    let container = End::container(Arc::clone(shelf.store()), shelf.prefix());
    Prune::new(&container, phases, pruning.total, options).map_err(|error| Failure::from(&error))
}

async fn decide(args: &PruneArgs, subject: &Subject, shelf: &Shelf) -> Result<Pruning, Failure> {
    let locks = locks(args, subject)?;
    let named: Vec<NamedLock<'_>> = locks
        .iter()
        .map(|(name, lock)| NamedLock { name, lock })
        .collect();
    let retention = Retention {
        keep_versions: args.keep_versions,
        keep_releases: args.keep_releases,
        older_than: Some(args.older_than),
    };
    let decided = decide_pruning(shelf, &named, &retention, Timestamp::now()).await;
    decided.map_err(|error| Failure::from(&error))
}

/// The lock of the manifest, and those that are named. A lock that cannot be read keeps nothing, so it is an error.
fn locks(args: &PruneArgs, subject: &Subject) -> Result<Vec<(String, Lock)>, Failure> {
    let mut locks = Vec::new();
    if let Some(path) = &subject.path {
        let library = Library::read(path, None).map_err(|error| Failure::from(&error))?;
        locks.push((library.lock_path.display().to_string(), library.lock));
    }
    for path in &args.keep_named_by {
        if !path.as_os_str().is_empty() {
            locks.push((path.display().to_string(), lock(path)?));
        }
    }
    Ok(locks)
}

fn lock(path: &Path) -> Result<Lock, Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        let message = format!("cannot use the lock `{}`", path.display());
        Failure::because(ExitStatus::Configuration, message, error)
            .hint("nothing is deleted as long as it is not known what a lock names".to_owned())
    };
    let text = fs_err::read_to_string(path).map_err(|error| failed(&error))?;
    Lock::parse(&text).map_err(|error| failed(&error))
}

fn deliver(
    plan: &mut PlanFile,
    pruning: &Pruning,
    (args, subject): (&PruneArgs, &Subject),
    context: &Context,
) -> Result<(), Stop> {
    let to_output = args.out.as_deref() == Some(Path::new("-"));
    if let Some(file) = args.out.as_deref().filter(|_| !to_output) {
        plan.save(file).map_err(|error| Failure::of_plan(&error))?;
    }
    if to_output {
        let mut out = std::io::BufWriter::new(std::io::stdout().lock());
        return Ok(plan.write(&mut out).map_err(OutputLost::from)?);
    }
    Ok(show::decision(pruning, args, subject, context)?)
}

/// Deletes it, documents first, each only in the version that was seen.
async fn delete(deletes: Prune, context: &Context) -> Result<ExitStatus, Failure> {
    let watch = Watch::begin(view_for(&context.settings, Arc::clone(&context.console)))?;
    let run = Box::pin(deletes.run(watch.reporter(), watch.cancel.clone()));
    let ended = watch.over(&Progress::default(), run).await;
    let Some(summary) = ended else {
        return Ok(watch.interruption());
    };
    let failures = watch.take_failures();
    show_failed_items(&context.console, &failures);
    let summary = summary.map_err(|error| Failure::from(&error))?;
    let common = watch.failures().common_status();
    let status = ExitStatus::of_summary(&summary, common, Some(watch.interruption()));
    tell(&summary, status, context);
    Ok(status)
}

fn tell(summary: &Summary, status: ExitStatus, context: &Context) {
    let console = &context.console;
    if console.format() == Format::Json {
        let body = json!({
            "deleted": summary.deleted,
            "failed": summary.failed,
            "exit_code": status.code(),
        });
        console.report(&Record::new("summary", body).line());
    } else if console.tells(Verbosity::Normal) {
        let failed = match summary.failed {
            0 => String::new(),
            failed => format!("; {} failed", count(failed, "blob")),
        };
        let deleted = count(summary.deleted, "blob");
        console.tell(&format!("deleted {deleted}{failed}"));
    }
}
