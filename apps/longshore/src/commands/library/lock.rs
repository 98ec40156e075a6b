//! `longshore lock`.

use std::path::Path;

use longshore_mirror::{ItemError, Library, LockOptions, LockReport, PinChange, lock};

use super::bench::Bench;
use crate::args::{LockArgs, LockFileArgs};
use crate::commands::run::{Context, Stop};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{LibraryClosing, LibraryOpening, LibraryTotals};
use crate::settings::{digest_cache, lock_options};
use crate::units::count;

/// Pins what a library's manifest names, or tells what is no longer as it is pinned.
pub(in crate::commands) async fn run(
    args: &LockArgs,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let mut library = read(&args.manifest, &args.pins.lock)?;
    let options = lock_options(&args.pins, &library.manifest)?;
    let digests = digest_cache(&args.cache);
    let bench = Bench::new(&args.upstream, &digests, &library.directory, context)?;
    bench.watch.view.open_library(&LibraryOpening {
        command: "lock",
        library: library.manifest.library.name.to_string(),
        destination: None,
        dry_run: context.settings.dry_run,
    });
    let report = bench.over(lock(&library, &bench.tools, &options)).await;
    bench.close().await;
    let Some(report) = report else {
        return Ok(bench.watch.interruption());
    };
    let closing = close(&bench, &mut library, (report, &options), context);
    let status = closing.status;
    bench.watch.view.close_library(&closing);
    Ok(status)
}

/// Reads a library as the command line names it.
///
/// # Errors
///
/// A failure with status 78 for a manifest or a lock that cannot be used.
pub(super) fn read(manifest: &Path, lock: &LockFileArgs) -> Result<Library, Failure> {
    Library::read(manifest, lock.lock.as_deref()).map_err(|error| Failure::from(&error))
}

fn close(
    bench: &Bench,
    library: &mut Library,
    (report, options): (LockReport, &LockOptions),
    context: &Context,
) -> LibraryClosing {
    let mut totals = totals_of(&report);
    totals.fetched = bench.fetched();
    let mut status = bench.status(totals.failed, totals.kept == 0);
    let mut error = None;
    let interrupted = bench.tools.cancel.is_draining();
    if options.locked {
        error = drift(library, &report);
    } else if !interrupted && !context.settings.dry_run {
        match library.save_lock(report.lock) {
            Ok(written) => totals.lock_written = written,
            Err(cause) => error = Some(Failure::from(&cause)),
        }
    }
    if let Some(error) = &error
        && !interrupted
    {
        status = error.status;
    }
    LibraryClosing {
        headline: headline(library, &totals, (status, options.locked), context),
        next: None,
        failures: bench.watch.take_failures(),
        error,
        totals,
        status,
        elapsed: bench.watch.elapsed(),
        requests: bench.doors.requests(),
        dry_run: context.settings.dry_run,
    }
}

/// What became of each pin.
pub(super) fn totals_of(report: &LockReport) -> LibraryTotals {
    let of = |wanted: PinChange| {
        let pins = report.pins.iter();
        pins.filter(|(_, change)| *change == wanted).count() as u64
    };
    LibraryTotals {
        pinned: of(PinChange::New),
        changed: of(PinChange::Changed),
        updated: of(PinChange::Updated),
        kept: of(PinChange::Kept),
        dropped: report.dropped.len() as u64,
        republished: report.republished.len() as u64,
        failed: failed(report.failed.iter()),
        ..LibraryTotals::default()
    }
}

/// How many files failed; those that are not locked are drift, which is told as a whole.
pub(super) fn failed<'a>(failures: impl Iterator<Item = &'a longshore_mirror::Failure>) -> u64 {
    let failed = failures.filter(|failure| !matches!(failure.error, ItemError::NotLocked));
    failed.count() as u64
}

/// All that is not as the lock says, when something is not.
pub(super) fn drift(library: &Library, report: &LockReport) -> Option<Failure> {
    let drifted = || report.drift.iter().chain(&report.republished);
    let number = drifted().count() as u64;
    if number == 0 {
        return None;
    }
    let (things, lock) = (count(number, "thing"), library.lock_path.display());
    let failure = Failure::new(
        ExitStatus::Corrupt,
        format!("the lock `{lock}` is wrong about {things}"),
    )
    .details(drifted().map(ToString::to_string))
    .hint(
        "look at what changed, and pin it with `longshore lock`; what sources have by now only with `--update`"
            .to_owned(),
    );
    Some(failure)
}

fn headline(
    library: &Library,
    totals: &LibraryTotals,
    (status, locked): (ExitStatus, bool),
    context: &Context,
) -> String {
    let lock = library.lock_path.display();
    match status {
        ExitStatus::Interrupted | ExitStatus::Terminated => {
            "interrupted: the lock is as it was".to_owned()
        }
        ExitStatus::Done if locked => format!("all is as `{lock}` says"),
        _ if locked => format!("`{lock}` was not changed"),
        _ if totals.failed > 0 && totals.lock_written => {
            format!(
                "wrote `{lock}`, but {} failed",
                count(totals.failed, "file")
            )
        }
        _ if totals.failed > 0 => format!("{} failed", count(totals.failed, "file")),
        _ if context.settings.dry_run => "nothing was written: this was a dry run".to_owned(),
        _ if totals.lock_written => format!("wrote `{lock}`"),
        _ => format!("nothing to do: `{lock}` is up to date"),
    }
}
