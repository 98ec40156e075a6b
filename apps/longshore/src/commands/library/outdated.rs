//! `longshore outdated`.

use longshore_mirror::{Outlook, look_out};
use serde::Serialize;

use super::bench::Bench;
use super::lock::read;
use crate::args::OutdatedArgs;
use crate::commands::run::{Context, Stop};
use crate::exit::ExitStatus;
use crate::failure::Story;
use crate::output::{OutputLost, Record, show_failed_items, table};
use crate::settings::{Format, Verbosity, digest_cache};
use crate::units::count;

/// Tells what vendors republished, and which versions are newer.
pub(in crate::commands) async fn run(
    args: &OutdatedArgs,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let library = read(&args.manifest, &args.lock)?;
    let digests = digest_cache(&args.cache);
    let bench = Bench::quiet(&args.upstream, &digests, &library.directory, context)?;
    let outlooks = bench.over(look_out(&library, &bench.tools)).await;
    bench.close().await;
    let interrupted = bench.tools.cancel.is_draining();
    let Some(outlooks) = outlooks.filter(|_| !interrupted) else {
        return Ok(bench.watch.interruption());
    };
    let rows: Vec<Row<'_>> = outlooks.iter().map(Row::new).collect();
    show(&rows, context)?;
    let failed = bench.watch.take_failures();
    show_failed_items(&context.console, &failed);
    Ok(status(&rows, !failed.is_empty(), args.detailed_exitcode))
}

fn status(rows: &[Row<'_>], failed: bool, detailed: bool) -> ExitStatus {
    if failed || rows.iter().any(|row| row.kind == Kind::Error) {
        return ExitStatus::ItemsFailed;
    }
    let outdated = rows.iter().any(|row| row.kind.is_outdated());
    if detailed && outdated {
        ExitStatus::ChangesPending
    } else {
        ExitStatus::Done
    }
}

/// What is to be said of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    Newer,
    Republished,
    UpToDate,
    Unwatched,
    Error,
}

impl Kind {
    const fn is_outdated(self) -> bool {
        matches!(self, Self::Newer | Self::Republished)
    }

    const fn word(self) -> &'static str {
        match self {
            Self::Newer => "newer",
            Self::Republished => "republished",
            Self::UpToDate => "up to date",
            Self::Unwatched => "not watched",
            Self::Error => "error",
        }
    }
}

/// One artifact, for people and programs.
#[derive(Debug, Serialize)]
struct Row<'a> {
    id: &'a str,
    pinned: &'a str,
    newest: Option<&'a str>,
    kind: Kind,
    source: Option<&'a str>,
    published: Option<jiff::Timestamp>,
    url: Option<&'a str>,
    details: Vec<String>,
}

impl<'a> Row<'a> {
    fn new(outlook: &'a Outlook<'a>) -> Self {
        let newer = outlook.newer.as_ref();
        let mut details: Vec<String> = outlook
            .republished
            .iter()
            .map(|drifted| drifted.drift.to_string())
            .collect();
        if let Some(error) = &outlook.error {
            details.push(Story::of(error, None).line());
        }
        let artifact = outlook.artifact;
        let url = artifact.url.as_ref().map(url::Url::as_str);
        Self {
            id: artifact.id.as_str(),
            pinned: artifact.version.as_str(),
            newest: newer.map(|newer| newer.version.as_str()),
            kind: kind(outlook),
            source: url
                .or(artifact.from.as_deref())
                .or(artifact.path.as_deref()),
            published: newer.and_then(|newer| newer.published),
            url: newer
                .and_then(|newer| newer.url.as_ref())
                .map(url::Url::as_str),
            details,
        }
    }
}

const fn kind(outlook: &Outlook<'_>) -> Kind {
    if !outlook.republished.is_empty() {
        return Kind::Republished;
    }
    match (&outlook.error, &outlook.newer) {
        (Some(_), _) => Kind::Error,
        (None, Some(_)) => Kind::Newer,
        (None, None) if outlook.artifact.update.is_some() => Kind::UpToDate,
        (None, None) => Kind::Unwatched,
    }
}

fn show(rows: &[Row<'_>], context: &Context) -> Result<(), OutputLost> {
    let console = &context.console;
    if console.format() == Format::Json {
        return rows
            .iter()
            .try_for_each(|row| Record::new("outlook", row).write(console));
    }
    let head = ["ID", "PINNED", "NEWEST", "STATE", "SOURCE"].map(str::to_owned);
    let body = rows.iter().map(|row| {
        [
            row.id,
            row.pinned,
            row.newest.unwrap_or("-"),
            row.kind.word(),
            row.source.unwrap_or("-"),
        ]
        .map(str::to_owned)
    });
    let cells: Vec<[String; 5]> = std::iter::once(head).chain(body).collect();
    for line in table(&cells) {
        console.data(&line)?;
    }
    if console.tells(Verbosity::Normal) {
        for row in rows.iter().filter(|row| row.kind == Kind::Error) {
            for detail in &row.details {
                console.tell(&crate::output::visible(&format!("{}: {detail}", row.id)));
            }
        }
        console.tell(&conclusion(rows));
    }
    Ok(())
}

fn conclusion(rows: &[Row<'_>]) -> String {
    let of = |kind: Kind| rows.iter().filter(|row| row.kind == kind).count() as u64;
    let (newer, republished) = (of(Kind::Newer), of(Kind::Republished));
    let artifacts = count(rows.len() as u64, "artifact");
    if newer + republished == 0 {
        return format!("{artifacts}, none outdated");
    }
    let mut hints = Vec::new();
    if newer > 0 {
        hints.push("write the new version into the manifest, then `longshore lock`");
    }
    if republished > 0 {
        hints.push("`longshore lock --update` pins republished bytes once you trust them");
    }
    format!(
        "{artifacts}, {newer} with newer versions, {republished} republished\nnext: {}",
        hints.join("; ")
    )
}
