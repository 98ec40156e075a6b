//! `longshore stage` and `longshore mirror`.

use std::path::Path;

use longshore_manifest::{Provenance, sbom};
use longshore_mirror::{Library, MirrorError, Shelf, Stage, StageOptions, StageReport};

use super::bench::Bench;
use super::lock::{drift, failed, read, totals_of};
use super::subject::destination_of;
use crate::args::{BringArgs, MirrorArgs, StageArgs};
use crate::commands::run::{Context, Stop};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{LibraryClosing, LibraryOpening, LibraryTotals, short};
use crate::place::Place;
use crate::settings::{lock_options, provenance, scanner};
use crate::units::count;

/// Brings a library's files in and publishes a release of them.
pub(in crate::commands) async fn stage(
    args: &StageArgs,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let wanted = Wanted {
        bring: &args.bring,
        command: "stage",
        publish: !args.no_publish,
        sbom: args.sbom.as_deref(),
    };
    wanted.run(context).await
}

/// Brings a library's files in.
pub(in crate::commands) async fn mirror(
    args: &MirrorArgs,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let wanted = Wanted {
        bring: &args.bring,
        command: "mirror",
        publish: false,
        sbom: None,
    };
    wanted.run(context).await
}

/// What one of the two commands is to do.
struct Wanted<'a> {
    bring: &'a BringArgs,
    command: &'static str,
    publish: bool,
    sbom: Option<&'a Path>,
}

/// How staging ended; none when not even aborting was waited for.
type Ended = Option<Result<StageReport, MirrorError>>;

impl Wanted<'_> {
    async fn run(&self, context: &Context) -> Result<ExitStatus, Stop> {
        let mut library = read(&self.bring.manifest, &self.bring.pins.lock)?;
        let given = self.bring.destination.destination.as_deref();
        let place = destination_of(&library.manifest, given, context)?;
        let options = self.options(&library, &place, context)?;
        let cache = &options.transfer.cache;
        let bench = Bench::new(&self.bring.upstream, cache, &library.directory, context)?;
        bench.watch.warn_of(&[&place]);
        bench.watch.view.open_library(&LibraryOpening {
            command: self.command,
            library: library.manifest.library.name.to_string(),
            destination: Some(place.to_string()),
            dry_run: context.settings.dry_run,
        });
        let outcome = self.go(&mut library, &bench, (&place, options)).await;
        let requests = bench.doors.requests();
        bench.close().await;
        let closing = LibraryClosing {
            requests,
            ..self.conclude(&library, &bench, outcome?, context)
        };
        bench.watch.view.close_library(&closing);
        Ok(closing.status)
    }

    fn options(
        &self,
        library: &Library,
        place: &Place,
        context: &Context,
    ) -> Result<StageOptions, Failure> {
        let (settings, bring) = (&context.settings, self.bring);
        let mut transfer = settings.stage_transfer(bring);
        transfer.create_container |= place.creates_itself();
        let now = jiff::Timestamp::now();
        Ok(StageOptions {
            lock: lock_options(&bring.pins, &library.manifest)?,
            publish: self.publish,
            scanner: scanner(bring)?,
            server_side: bring.server_side,
            keep_downloads: bring.upstream.keep_downloads,
            transfer,
            provenance: Provenance {
                manifest: Some(library.manifest_digest),
                ..provenance(&context.environment, now)
            },
        })
    }

    async fn go(
        &self,
        library: &mut Library,
        bench: &Bench,
        (place, options): (&Place, StageOptions),
    ) -> Result<Ended, Failure> {
        let container = bench.doors.open(place).await?;
        let shelf = Shelf::new(container.store, container.prefix);
        let stage = Stage::new(library, shelf, &bench.tools, options);
        Ok(bench.over(Box::pin(stage.run())).await)
    }

    fn conclude(
        &self,
        library: &Library,
        bench: &Bench,
        ended: Ended,
        context: &Context,
    ) -> LibraryClosing {
        let dry_run = context.settings.dry_run;
        let mut closing = match ended {
            Some(Ok(report)) => self.close(library, bench, &report, dry_run),
            Some(Err(error)) => ended_by(Failure::from(&error)),
            None => LibraryClosing {
                status: bench.watch.interruption(),
                headline: INTERRUPTED.to_owned(),
                ..ended_by(Failure::from(&MirrorError::Stopped))
            },
        };
        if bench.tools.cancel.is_draining() && !closing.totals.flipped {
            closing.status = bench.watch.interruption();
            closing.error = None;
            INTERRUPTED.clone_into(&mut closing.headline);
        }
        closing.totals.fetched = bench.fetched();
        closing.totals.ingested = bench.ingested();
        closing.totals.would_stage = bench.planned();
        closing.failures = bench.watch.take_failures();
        closing.elapsed = bench.watch.elapsed();
        closing.dry_run = dry_run;
        closing
    }

    fn close(
        &self,
        library: &Library,
        bench: &Bench,
        report: &StageReport,
        dry_run: bool,
    ) -> LibraryClosing {
        let totals = totals(report);
        let mut status = bench.status(totals.failed, totals.uploaded.files + totals.present == 0);
        // Bytes that a source republished alone do not matter to what is staged from the pins.
        let has_drifted = self.bring.pins.locked && !report.lock.drift.is_empty();
        let drift = has_drifted.then(|| drift(library, &report.lock));
        let mut error = drift.flatten();
        if error.is_none() && !dry_run {
            error = self.write_sbom(library, report).err();
        }
        if let Some(error) = &error {
            status = error.status;
        }
        let headline = self.headline(&totals, status, dry_run);
        LibraryClosing {
            next: self.next(&totals, status, dry_run),
            headline,
            totals,
            failures: Vec::new(),
            error,
            status,
            elapsed: bench.watch.elapsed(),
            requests: None,
            dry_run,
        }
    }

    fn write_sbom(&self, library: &Library, report: &StageReport) -> Result<(), Failure> {
        let (Some(file), Some(release)) = (self.sbom, &report.release) else {
            return Ok(());
        };
        let unwritten = |error: &(dyn std::error::Error + 'static)| {
            let message = format!("cannot write the bill of materials `{}`", file.display());
            Failure::because(ExitStatus::Failed, message, error)
        };
        let text = sbom(release, Some(&library.manifest)).map_err(|error| unwritten(&error))?;
        fs_err::write(file, text).map_err(|error| unwritten(&error))
    }

    fn headline(&self, totals: &LibraryTotals, status: ExitStatus, dry_run: bool) -> String {
        let unpublished = if self.publish {
            "; no release was published"
        } else {
            ""
        };
        if totals.failed > 0 {
            let files = count(totals.failed, "file");
            return format!("{files} failed{unpublished}");
        }
        if status != ExitStatus::Done {
            return format!("ended before its end{unpublished}");
        }
        if dry_run {
            return "nothing was written: this was a dry run".to_owned();
        }
        match (&totals.release, &totals.before) {
            (Some(release), Some(before)) if totals.flipped => format!(
                "done: release {} counts now, rather than {}",
                short(release),
                short(before)
            ),
            (Some(release), None) if totals.flipped => {
                format!("done: release {} counts now, the first", short(release))
            }
            (Some(release), _) => {
                format!("nothing to do: release {} counts already", short(release))
            }
            (None, _)
                if totals.uploaded.files + totals.ingested.files + totals.copied.files > 0 =>
            {
                "done; nothing was published".to_owned()
            }
            (None, _) => "nothing to do: all is there; nothing was published".to_owned(),
        }
    }

    fn next(&self, totals: &LibraryTotals, status: ExitStatus, dry_run: bool) -> Option<String> {
        let manifest = self.bring.manifest.display();
        if totals.flipped && totals.before.is_some() {
            return Some(format!(
                "`longshore releases diff {manifest}` tells what changed"
            ));
        }
        if status == ExitStatus::Done && !self.publish && !dry_run {
            return Some(format!("`longshore stage {manifest}` publishes it"));
        }
        None
    }
}

const INTERRUPTED: &str = "interrupted; run again to go on from here";

fn ended_by(error: Failure) -> LibraryClosing {
    LibraryClosing {
        headline: "ended before its end; the release that counts is as it was".to_owned(),
        next: None,
        totals: LibraryTotals::default(),
        failures: Vec::new(),
        status: error.status,
        error: Some(error),
        elapsed: std::time::Duration::ZERO,
        requests: None,
        dry_run: false,
    }
}

fn totals(report: &StageReport) -> LibraryTotals {
    let transfer = report.transfer.as_ref();
    let published = report.published.as_ref();
    let failed_there = transfer.map_or(0, |summary| summary.failed);
    LibraryTotals {
        present: report.present + transfer.map_or(0, |summary| summary.unchanged.files),
        uploaded: transfer.map(|summary| summary.uploaded).unwrap_or_default(),
        copied: transfer.map(|summary| summary.copied).unwrap_or_default(),
        bytes_sent: transfer.map_or(0, |summary| summary.bytes_sent),
        failed: failed(report.failures()) + failed_there,
        lock_written: report.lock_written,
        release: published.map(|published| published.release),
        before: published.and_then(|published| published.before),
        flipped: published.is_some_and(longshore_mirror::Published::is_flipped),
        ..totals_of(&report.lock)
    }
}
