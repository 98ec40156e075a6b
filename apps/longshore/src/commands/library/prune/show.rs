//! What goes and what stays, and why: every blob that goes in full, what stays by its reason.

use std::collections::BTreeMap;

use anstyle::{AnsiColor, Style};
use longshore_manifest::{Doomed, KeepReason};
use longshore_mirror::Pruning;
use longshore_sync::Tally;
use serde_json::json;

use super::super::subject::Subject;
use crate::args::PruneArgs;
use crate::commands::run::Context;
use crate::output::{Console, OutputLost, Record, visible};
use crate::settings::{Format, Verbosity};
use crate::units::{count, show_size};

/// Shows a decision.
pub(super) fn decision(
    pruning: &Pruning,
    args: &PruneArgs,
    subject: &Subject,
    context: &Context,
) -> Result<(), OutputLost> {
    let console = &context.console;
    if console.format() == Format::Json {
        return records(pruning, console);
    }
    let decision = &pruning.decision;
    if !console.tells(Verbosity::Normal) {
        return Ok(());
    }
    console.data(&format!("prune: {}", visible(&subject.place.to_string())))?;
    group("documents of old releases", &decision.documents, console)?;
    group("files", &decision.blobs, console)?;
    kept(pruning, console)?;
    console.data("")?;
    let gone = tally(decision.documents.iter().chain(&decision.blobs));
    console.data(&format!(
        "in all {} of {} may go, {}; at most {} may",
        gone.files,
        count(pruning.total, "blob"),
        show_size(gone.bytes),
        args.limit.max_delete
    ))?;
    console.data(&next(gone, args, subject))
}

fn next(gone: Tally, args: &PruneArgs, subject: &Subject) -> String {
    if gone.files == 0 {
        return "nothing to do: all stays".to_owned();
    }
    match &args.out {
        _ if args.delete => "deleting".to_owned(),
        Some(file) => {
            let file = file.display().to_string();
            format!("next: `longshore apply {}` deletes it", visible(&file))
        }
        None => format!(
            "next: `longshore prune {} --delete` deletes it, `-o FILE` keeps a plan for `longshore apply`",
            visible(&subject.shown())
        ),
    }
}

fn group(title: &str, doomed: &[Doomed], console: &Console) -> Result<(), OutputLost> {
    if doomed.is_empty() {
        return Ok(());
    }
    let all = tally(doomed.iter());
    let bold = Style::new().bold();
    let heading = format!(
        "delete {title}: {}, {}",
        count(all.files, "blob"),
        show_size(all.bytes)
    );
    console.data("")?;
    console.data(&format!("{bold}{heading}{bold:#}"))?;
    let red = AnsiColor::Red.on_default();
    for doomed in doomed {
        let (size, name) = (show_size(doomed.size), doomed.path.to_string());
        console.data(&format!("  {red}-{red:#} {size:>10}  {}", visible(&name)))?;
    }
    Ok(())
}

/// What stays, by its reason; every name with `-v`.
fn kept(pruning: &Pruning, console: &Console) -> Result<(), OutputLost> {
    let mut reasons: BTreeMap<&'static str, Tally> = BTreeMap::new();
    for kept in &pruning.decision.keep {
        let tally = reasons.entry(word(&kept.reason)).or_default();
        tally.files += 1;
        tally.bytes += kept.size;
    }
    if reasons.is_empty() {
        return Ok(());
    }
    let bold = Style::new().bold();
    console.data("")?;
    console.data(&format!("{bold}keep{bold:#}"))?;
    for (reason, tally) in reasons {
        let blobs = count(tally.files, "blob");
        let size = show_size(tally.bytes);
        console.data(&format!("  {reason:<30} {blobs:>10}  {size:>10}"))?;
    }
    if console.tells(Verbosity::Verbose) {
        for kept in &pruning.decision.keep {
            let line = format!("    {}: {}", kept.path, kept.reason);
            console.data(&visible(&line))?;
        }
    }
    Ok(())
}

const fn word(reason: &KeepReason) -> &'static str {
    match reason {
        KeepReason::Pointer => "points at the current release",
        KeepReason::Current => "of the current release",
        KeepReason::Previous => "of the previous release",
        KeepReason::NewestReleases => "of the newest releases",
        KeepReason::NamedByRelease(..) => "named by a release that stays",
        KeepReason::NamedByLock(_) => "named by a lock",
        KeepReason::LastVersions => "of the last versions",
        KeepReason::Recent(_) => "too young",
        KeepReason::Unmanaged => "not written by Longshore",
        KeepReason::NotOurs => "not of a library",
    }
}

fn tally<'a>(doomed: impl Iterator<Item = &'a Doomed>) -> Tally {
    let mut tally = Tally::default();
    for doomed in doomed {
        tally.files += 1;
        tally.bytes += doomed.size;
    }
    tally
}

fn records(pruning: &Pruning, console: &Console) -> Result<(), OutputLost> {
    let decision = &pruning.decision;
    for (kind, doomed) in [("document", &decision.documents), ("file", &decision.blobs)] {
        for doomed in doomed {
            let body = json!({ "name": doomed.path, "size": doomed.size, "kind": kind });
            Record::new("may-go", body).write(console)?;
        }
    }
    if console.tells(Verbosity::Verbose) {
        for kept in &decision.keep {
            let body = json!({
                "name": kept.path,
                "size": kept.size,
                "why": kept.reason.to_string(),
            });
            Record::new("stays", body).write(console)?;
        }
    }
    let gone = tally(decision.documents.iter().chain(&decision.blobs));
    let body = json!({ "may_go": gone, "blobs": pruning.total });
    Record::new("prune", body).write(console)
}
