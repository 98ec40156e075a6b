//! Releases as people and programs see them.

use anstyle::AnsiColor;
use longshore_manifest::{Change, ChangeKind, Provenance, Release, Released};
use longshore_mirror::Entry;
use serde::Serialize;
use serde_json::json;

use super::super::subject::Subject;
use crate::commands::run::Context;
use crate::output::{OutputLost, Record, short, table, visible};
use crate::settings::{Format, Verbosity};
use crate::units::{count, show_size};

/// A release among others, for programs.
#[derive(Serialize)]
struct Row<'a> {
    release: String,
    current: bool,
    files: u64,
    bytes: u64,
    #[serde(flatten)]
    provenance: &'a Provenance,
}

/// All releases, the newest first.
pub(super) fn list(
    entries: &[Entry],
    subject: &Subject,
    context: &Context,
) -> Result<(), OutputLost> {
    let console = &context.console;
    if console.format() == Format::Json {
        return entries.iter().try_for_each(|entry| {
            let row = Row {
                release: entry.release.release.to_string(),
                current: entry.is_current,
                files: entry.release.content.artifacts.len() as u64,
                bytes: bytes(&entry.release),
                provenance: &entry.release.provenance,
            };
            Record::new("release", row).write(console)
        });
    }
    let head = ["", "RELEASE", "CREATED", "FILES", "SIZE", "BY"].map(str::to_owned);
    let body = entries.iter().map(|entry| {
        let release = &entry.release;
        let mark = if entry.is_current { "*" } else { "" };
        [
            mark.to_owned(),
            short(&release.release),
            created(&release.provenance),
            release.content.artifacts.len().to_string(),
            show_size(bytes(release)),
            by(&release.provenance),
        ]
    });
    let rows: Vec<[String; 6]> = std::iter::once(head).chain(body).collect();
    for line in table(&rows) {
        console.data(&line)?;
    }
    if console.tells(Verbosity::Normal) {
        console.tell(&format!(
            "{}; * counts; `longshore releases show {} RELEASE` shows one",
            count(entries.len() as u64, "release"),
            visible(&subject.shown())
        ));
    }
    Ok(())
}

/// One release, for people.
pub(super) fn release(release: &Release, context: &Context) -> Result<(), OutputLost> {
    let console = &context.console;
    let provenance = &release.provenance;
    console.data(&format!(
        "release {} of {}",
        release.release, release.content.library
    ))?;
    let made = format!("{} by {}", created(provenance), provenance.tool);
    let told = [
        ("created", Some(made)),
        ("manifest", provenance.manifest.map(|it| it.to_string())),
        ("repository", provenance.repository.clone()),
        ("revision", provenance.revision.clone()),
        ("pipeline", pipeline(provenance)),
    ];
    for (label, text) in told {
        if let Some(text) = text {
            console.data(&format!("  {label:<11} {}", visible(&text)))?;
        }
    }
    console.data("")?;
    let head = ["ID", "VERSION", "ARCH", "SIZE", "SHA256", "INSTALL", "BLOB"].map(str::to_owned);
    let body = release.content.install_order().into_iter().map(row);
    let rows: Vec<[String; 7]> = std::iter::once(head).chain(body).collect();
    for line in table(&rows) {
        console.data(&line)?;
    }
    if console.tells(Verbosity::Normal) {
        let files = count(release.content.artifacts.len() as u64, "file");
        console.tell(&format!(
            "{files}, {}, in the order in which they are installed",
            show_size(bytes(release))
        ));
    }
    Ok(())
}

fn row(released: &Released) -> [String; 7] {
    [
        released.id.to_string(),
        released.version.to_string(),
        json!(released.architecture)
            .as_str()
            .unwrap_or_default()
            .to_owned(),
        show_size(released.size),
        short(&released.sha256),
        install(released),
        released.blob.to_string(),
    ]
}

fn install(released: &Released) -> String {
    match &released.install {
        Some(install) if install.nested.is_some() => {
            format!("{}/{}", install.kind.name(), install.runs().name())
        }
        Some(install) => install.kind.name().to_owned(),
        None => "-".to_owned(),
    }
}

/// What is different between two releases.
pub(super) fn changes(
    (old, new): (&Release, &Release),
    changes: &[Change],
    context: &Context,
) -> Result<(), OutputLost> {
    let console = &context.console;
    if console.format() == Format::Json {
        return changes
            .iter()
            .try_for_each(|change| Record::new("change", change).write(console));
    }
    console.data(&format!(
        "release {} ({}) -> {} ({})",
        short(&old.release),
        created(&old.provenance),
        short(&new.release),
        created(&new.provenance)
    ))?;
    for change in changes {
        let color = match change.kind {
            ChangeKind::Added { .. } => AnsiColor::Green,
            ChangeKind::Removed { .. } => AnsiColor::Red,
            _ => AnsiColor::Yellow,
        };
        let (style, text) = (color.on_default(), change.to_string());
        let (mark, text) = text.split_once(' ').unwrap_or_default();
        console.data(&format!("  {style}{mark}{style:#} {}", visible(text)))?;
    }
    if console.tells(Verbosity::Normal) {
        console.tell(&match changes.len() as u64 {
            0 => "no difference".to_owned(),
            number => count(number, "difference"),
        });
    }
    Ok(())
}

fn bytes(release: &Release) -> u64 {
    release.content.artifacts.iter().map(|it| it.size).sum()
}

fn created(provenance: &Provenance) -> String {
    provenance.created.strftime("%Y-%m-%d %H:%M").to_string()
}

fn pipeline(provenance: &Provenance) -> Option<String> {
    let pipeline = provenance.pipeline.as_ref()?;
    let run = format!("{} {}", pipeline.system, pipeline.run);
    Some(match &pipeline.url {
        Some(url) => format!("{run}, {url}"),
        None => run,
    })
}

/// Who made it, as short as possible: the run of a pipeline, else the program.
fn by(provenance: &Provenance) -> String {
    match &provenance.pipeline {
        Some(pipeline) => format!("{} {}", pipeline.system, pipeline.run),
        None => provenance.tool.clone(),
    }
}
