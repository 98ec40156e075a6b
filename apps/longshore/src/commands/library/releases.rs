//! `longshore releases`.

mod show;

use std::sync::Arc;

use jiff::Timestamp;
use longshore_manifest::{Release, diff};
use longshore_mirror::{MirrorError, Published, Releases, Which};
use serde_json::json;

use super::doors::Doors;
use super::subject::Subject;
use crate::args::{
    ReleaseArg, ReleasesCommand, ReleasesDiffArgs, ReleasesListArgs, ReleasesShowArgs,
    RollbackArgs, SubjectArgs,
};
use crate::commands::run::{Context, Stop};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{Record, short};
use crate::settings::{Format, Verbosity, provenance};

/// Looks at what was published, or makes another release count.
pub(in crate::commands) async fn run(
    command: &ReleasesCommand,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let doors = Doors::new(context);
    let outcome = match command {
        ReleasesCommand::List(args) => list(args, &doors, context).await,
        ReleasesCommand::Show(args) => show(args, &doors, context).await,
        ReleasesCommand::Diff(args) => compare(args, &doors, context).await,
        ReleasesCommand::Rollback(args) => rollback(args, &doors, context).await,
    };
    doors.close().await;
    outcome
}

async fn open(
    args: &SubjectArgs,
    doors: &Doors,
    context: &Context,
) -> Result<(Subject, Releases), Failure> {
    Subject::releases(args, doors, context).await
}

fn failed(error: &MirrorError) -> Failure {
    Failure::from(error)
}

/// Which release is meant.
pub(super) fn which(arg: &ReleaseArg) -> Which {
    match arg {
        ReleaseArg::Current => Which::Current,
        ReleaseArg::Previous => Which::Previous,
        ReleaseArg::Digest(digest) => Which::Digest(digest.clone()),
    }
}

/// Reads the release that is meant.
pub(super) async fn read(releases: &Releases, arg: &ReleaseArg) -> Result<Release, Failure> {
    let digest = releases.resolve(&which(arg)).await;
    let digest = digest.map_err(|error| failed(&error))?;
    releases.read(digest).await.map_err(|error| failed(&error))
}

async fn list(
    args: &ReleasesListArgs,
    doors: &Doors,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let (subject, releases) = open(&args.subject, doors, context).await?;
    let entries = releases.list().await.map_err(|error| failed(&error))?;
    if entries.is_empty() {
        let error = MirrorError::NoRelease {
            library: releases.library().to_string(),
            destination: subject.place.to_string(),
        };
        return Err(failed(&error).into());
    }
    show::list(&entries, &subject, context)?;
    Ok(ExitStatus::Done)
}

async fn show(
    args: &ReleasesShowArgs,
    doors: &Doors,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let (_, releases) = open(&args.subject, doors, context).await?;
    let release = read(&releases, &args.release).await?;
    if context.console.format() == Format::Json {
        context.console.data(release.render().trim_end())?;
    } else {
        show::release(&release, context)?;
    }
    Ok(ExitStatus::Done)
}

async fn compare(
    args: &ReleasesDiffArgs,
    doors: &Doors,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let (_, releases) = open(&args.subject, doors, context).await?;
    let old = read(&releases, &args.old).await?;
    let new = read(&releases, &args.new).await?;
    let changes = diff(&old.content, &new.content);
    show::changes((&old, &new), &changes, context)?;
    let pending = args.detailed_exitcode && !changes.is_empty();
    Ok(if pending {
        ExitStatus::ChangesPending
    } else {
        ExitStatus::Done
    })
}

async fn rollback(
    args: &RollbackArgs,
    doors: &Doors,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let (subject, releases) = open(&args.subject, doors, context).await?;
    if context.settings.dry_run {
        let old = read(&releases, &ReleaseArg::Current).await?;
        let new = read(&releases, &args.to).await?;
        show::changes((&old, &new), &diff(&old.content, &new.content), context)?;
        return Ok(ExitStatus::Done);
    }
    let provenance = provenance(&context.environment, Timestamp::now());
    let reporter = longshore_mirror::NoReporter;
    let published = releases
        .rollback(&which(&args.to), provenance, &reporter)
        .await
        .map_err(|error| failed(&error))?;
    tell(&published, &subject, context);
    Ok(ExitStatus::Done)
}

fn tell(published: &Published, subject: &Subject, context: &Context) {
    let console = Arc::clone(&context.console);
    if console.format() == Format::Json {
        let body = json!({
            "release": published.release,
            "before": published.before,
            "flipped": published.is_flipped(),
        });
        return console.report(&Record::new("rolled-back", body).line());
    }
    if !console.tells(Verbosity::Normal) {
        return;
    }
    let now = short(&published.release);
    match published.before.filter(|_| published.is_flipped()) {
        Some(before) => {
            let before = short(&before);
            console.tell(&format!("release {now} counts now, rather than {before}"));
            console.tell(&format!(
                "next: `longshore releases rollback {} --to {before}` undoes it",
                crate::output::visible(&subject.shown())
            ));
        }
        None => console.tell(&format!("nothing to do: release {now} counts already")),
    }
}
