//! `longshore apply`.

use std::ffi::{OsStr, OsString};
use std::sync::Arc;

use longshore_sync::{Apply, Direction, PlanReader, Summary, SyncOptions};

use super::ends::{Ends, announce};
use super::run::{Context, Stop};
use super::show;
use super::sync::reuse_from;
use super::watch::Watch;
use crate::args::ApplyArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{Sheet, Wording, view_for};
use crate::place::{Place, Route};

/// Does what a plan says.
pub(super) async fn run(args: &ApplyArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let mut reader = show::open(&args.file)?;
    if context.settings.dry_run {
        Sheet::new(&context.console, Wording::Kept(&args.file)).show(&mut reader)?;
        return Ok(ExitStatus::Done);
    }
    let route = route(&reader, args, context)?;
    let others: Vec<OsString> = reader
        .header()
        .rules
        .reuse_from
        .iter()
        .map(Into::into)
        .collect();
    let others = reuse_from(&others, context)?;
    let mut options = context.settings.apply_options(args);
    options.create_container |= route.destination.creates_itself();
    let mut watch = Watch::begin(view_for(&context.settings, Arc::clone(&context.console)))?;
    let opened = Ends::open(&mut watch.links, &route, &others, context).await;
    let outcome = match opened {
        Ok(ends) => go(&watch, &route, ends, (reader, options)).await,
        Err(failure) => Err(failure),
    };
    watch.links.close().await;
    Ok(outcome?)
}

/// The places that the plan names, unless the command line names another directory.
fn route(reader: &PlanReader, args: &ApplyArgs, context: &Context) -> Result<Route, Failure> {
    let header = reader.header();
    let environment = &context.environment;
    let source = match &args.source {
        Some(_) if header.direction != Direction::Up => {
            return Err(Failure::usage(
                format!(
                    "`--source` is for plans that read a directory, and this one reads `{}`",
                    header.source
                ),
                "leave it out",
            ));
        }
        Some(directory) => Place::parse_directory(directory.as_os_str())?,
        None if header.direction == Direction::Up => {
            Place::parse_directory(OsStr::new(&header.source))?
        }
        None => Place::parse(OsStr::new(&header.source), environment)?,
    };
    let destination = match header.direction {
        Direction::Down => Place::parse_directory(OsStr::new(&header.destination))?,
        _ => Place::parse(OsStr::new(&header.destination), environment)?,
    };
    Route::checked(source, destination, header.direction)
}

async fn go(
    watch: &Watch,
    route: &Route,
    ends: Ends,
    (reader, options): (PlanReader, SyncOptions),
) -> Result<ExitStatus, Failure> {
    announce(watch, route, &options);
    let mut apply = Apply::new(reader, &ends.source, &ends.destination, options)
        .map_err(|error| Failure::from(&error))?;
    for other in ends.reuse_from {
        apply = apply.reuse_from(other.store, other.prefix);
    }
    let progress = apply.progress();
    let run = Box::pin(apply.run(watch.reporter(), watch.cancel.clone()));
    let ended = watch.over::<Summary>(&progress, run).await;
    Ok(watch.close(ended.as_ref(), &progress, false))
}
