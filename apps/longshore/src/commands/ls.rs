//! `longshore ls`.

use futures::TryStreamExt as _;
use jiff::Timestamp;
use longshore_store::{BlobStoreExt as _, ListOptions, ListedBlob, StoreError};
use serde::Serialize;

use super::run::{Context, Stop};
use crate::args::LsArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{Mark, Record, visible};
use crate::place::{Opened, Place};
use crate::settings::{Format, Verbosity};
use crate::units::{count, show_size};

/// Shows blobs one by one, as the service names them.
pub(super) async fn run(args: &LsArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let place = Place::parse(&args.destination, &context.environment)?;
    place.must_exist()?;
    if context.console.format() == Format::Human {
        for (message, hint) in place.warnings() {
            context.console.mark(Mark::Warning, message);
            context.console.mark(Mark::Hint, hint);
        }
    }
    let opened = place.open(&context.settings, &context.environment).await?;
    let outcome = list(args, context, &opened).await;
    opened.close().await;
    outcome?;
    Ok(ExitStatus::Done)
}

async fn list(args: &LsArgs, context: &Context, opened: &Opened) -> Result<(), Stop> {
    let folder = opened.prefix.trim_end_matches('/');
    let mut blobs = opened.store.list(ListOptions {
        prefix: folder.to_owned(),
        uncommitted: args.uncommitted,
        ..ListOptions::default()
    });
    let mut totals = Totals::default();
    let failed =
        |error: StoreError| Failure::of_store(format!("cannot list `{}`", opened.shown), &error);
    while let Some(blob) = blobs.try_next().await.map_err(failed)? {
        // The prefix `apps` names the folder and the blob of that name, and not `apps2`.
        if blob.name == folder || blob.name.starts_with(&opened.prefix) {
            totals.add(&blob);
            show(args, context, &blob)?;
        }
    }
    conclude(context, &totals)
}

fn show(args: &LsArgs, context: &Context, blob: &ListedBlob) -> Result<(), Stop> {
    if context.console.format() == Format::Json {
        return Ok(Record::new("blob", Row::from(blob)).write(&context.console)?);
    }
    let size = if args.long {
        blob.size.to_string()
    } else {
        show_size(blob.size)
    };
    let modified = blob.last_modified.map_or_else(
        || "-".to_owned(),
        |time| time.strftime("%Y-%m-%d %H:%M").to_string(),
    );
    let name = visible(&blob.name);
    let slash = if blob.is_directory { "/" } else { "" };
    let digest = digest_column(blob, args.long);
    Ok(context.console.data(&format!(
        "{size:>12}  {modified:<16}  {digest}  {name}{slash}"
    ))?)
}

/// The beginning of the SHA-256, or what is there instead of one.
fn digest_column(blob: &ListedBlob, long: bool) -> String {
    let width = if long { 64 } else { 12 };
    let text = match &blob.digests {
        Some(digests) => digests.sha256.to_string(),
        None if blob.is_directory => "directory".to_owned(),
        None if blob.is_uncommitted() => "uncommitted".to_owned(),
        None => "unmanaged".to_owned(),
    };
    format!("{text:<width$.width$}")
}

fn conclude(context: &Context, totals: &Totals) -> Result<(), Stop> {
    if context.console.format() == Format::Json {
        return Ok(Record::new("total", totals).write(&context.console)?);
    }
    if context.console.tells(Verbosity::Normal) {
        let others = match totals.unmanaged {
            0 => String::new(),
            unmanaged => format!("; {unmanaged} not written by Longshore"),
        };
        let blobs = count(totals.blobs, "blob");
        let line = format!("{blobs}, {}{others}", show_size(totals.bytes));
        context.console.tell(&line);
    }
    Ok(())
}

#[derive(Debug, Default, Serialize)]
struct Totals {
    blobs: u64,
    bytes: u64,
    unmanaged: u64,
}

impl Totals {
    fn add(&mut self, blob: &ListedBlob) {
        if !blob.is_directory {
            self.blobs += 1;
            self.bytes += blob.size;
            self.unmanaged += u64::from(blob.digests.is_none() && !blob.is_uncommitted());
        }
    }
}

/// A blob for programs.
#[derive(Debug, Serialize)]
struct Row<'b> {
    name: &'b str,
    size: u64,
    modified: Option<Timestamp>,
    etag: Option<String>,
    sha256: Option<String>,
    blake3: Option<String>,
    managed: bool,
    uncommitted: bool,
    directory: bool,
}

impl<'b> From<&'b ListedBlob> for Row<'b> {
    fn from(blob: &'b ListedBlob) -> Self {
        Self {
            name: &blob.name,
            size: blob.size,
            modified: blob.last_modified,
            etag: blob.etag.as_ref().map(ToString::to_string),
            sha256: blob
                .digests
                .as_ref()
                .map(|digests| digests.sha256.to_string()),
            blake3: blob
                .digests
                .as_ref()
                .map(|digests| digests.blake3.to_string()),
            managed: blob.digests.is_some(),
            uncommitted: blob.is_uncommitted(),
            directory: blob.is_directory,
        }
    }
}
