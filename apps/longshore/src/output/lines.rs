//! Lines for people, shared by the views that print any.

use longshore_sync::{DeletesWithheld, Direction, Event, Note, Reason, Snapshot, Stage};

use super::closing::Closing;
use super::console::Mark;
use super::escape::visible;
use super::view::{Opening, Tick};
use crate::failure::Story;
use crate::units::{count, show_duration, show_size};

/// An error with its causes and what to do, every name in it made visible.
pub(super) fn story(story: &Story, indent: usize) -> Vec<String> {
    let pad = " ".repeat(indent);
    let mut lines = vec![format!(
        "{pad}{}: {}",
        Mark::Error.styled(),
        visible(&story.message)
    )];
    for cause in &story.causes {
        lines.push(format!("{pad}  caused by: {}", visible(cause)));
    }
    for detail in &story.details {
        lines.push(format!("{pad}  {}", visible(detail)));
    }
    for moved in &story.moved {
        lines.push(format!("{pad}  {}", visible(&moved.to_string())));
    }
    for problem in &story.problems {
        lines.push(format!("{pad}{}", visible(&problem.line())));
        if let Some(hint) = &problem.hint {
            lines.push(format!("{pad}  {}: {}", Mark::Hint.styled(), visible(hint)));
        }
    }
    if let Some(hint) = &story.hint {
        lines.push(format!("{pad}  {}: {}", Mark::Hint.styled(), visible(hint)));
    }
    lines
}

/// What a run is about to do.
pub(super) fn opening(opening: &Opening) -> String {
    let verb = match opening.direction {
        Direction::Up => "staging",
        Direction::Down => "fetching",
        Direction::Across => "copying",
        Direction::Prune => "pruning",
    };
    let dry_run = if opening.dry_run { " (dry run)" } else { "" };
    format!(
        "{verb} {} to {}{dry_run}",
        opening.source, opening.destination
    )
}

/// Files that are dealt with, and did not fail.
pub(super) const fn files_done(now: &Snapshot) -> u64 {
    now.files_unchanged
        + now.files_uploaded
        + now.blobs_copied
        + now.blobs_adopted
        + now.files_downloaded
}

/// Bytes that did not have to travel.
pub(super) const fn saved(now: &Snapshot) -> u64 {
    now.bytes_unchanged + now.bytes_reused + now.bytes_copied + now.bytes_adopted + now.bytes_kept
}

/// What went over the line, in the directions that were used.
pub(super) fn travelled(sent: u64, received: u64) -> String {
    match (sent, received) {
        (_, 0) => format!("{} sent", show_size(sent)),
        (0, _) => format!("{} received", show_size(received)),
        _ => format!("{} sent, {} received", show_size(sent), show_size(received)),
    }
}

/// The numbers in one line.
pub(super) fn progress(tick: &Tick) -> String {
    let now = &tick.snapshot;
    let total = match now.stage {
        Stage::Scanning => format!("{} so far", count(now.files_found, "file")),
        Stage::Sending => count(now.files_found, "file"),
    };
    let done = files_done(now);
    let left = remaining(tick)
        .map(|left| format!(", {} left", show_duration(left)))
        .unwrap_or_default();
    format!(
        "{done} of {total}: {} unchanged, {} moved, {} failed; {} of {} done, {} at {}/s{left}",
        now.files_unchanged,
        done - now.files_unchanged,
        now.files_failed,
        show_size(dealt_with(now)),
        show_size(now.bytes_found),
        travelled(now.bytes_sent, now.bytes_received),
        show_size(per_second(now.bytes_sent + now.bytes_received, tick)),
    )
}

/// So much a second since the run began.
pub(super) fn per_second(amount: u64, tick: &Tick) -> u64 {
    let millis = u64::try_from(tick.elapsed.as_millis()).unwrap_or(u64::MAX);
    amount.saturating_mul(1_000) / millis.max(1)
}

/// Bytes that are dealt with, those of files that are not whole yet included.
pub(super) fn dealt_with(now: &Snapshot) -> u64 {
    let moving = saved(now) + now.bytes_sent + now.bytes_received;
    now.bytes_done().max(moving).min(now.bytes_found)
}

/// How long it will take, when the totals are known and something was done.
pub(super) fn remaining(tick: &Tick) -> Option<std::time::Duration> {
    let now = &tick.snapshot;
    let done = dealt_with(now);
    if now.stage == Stage::Scanning || done == 0 || done >= now.bytes_found {
        return None;
    }
    let left = u128::from(now.bytes_found - done);
    let millis = tick.elapsed.as_millis() * left / u128::from(done);
    Some(std::time::Duration::from_millis(
        u64::try_from(millis).unwrap_or(u64::MAX),
    ))
}

/// A fact that everybody wants to see.
pub(super) fn notice(event: &Event<'_>) -> Option<(Mark, String)> {
    match event {
        Event::Noted(Note::NoCache { why }) => Some((
            Mark::Warning,
            format!("every file is read, since the digest cache cannot be used: {why}"),
        )),
        Event::Noted(Note::Symlink { path }) => Some((
            Mark::Note,
            format!("skipped the symbolic link `{}`", path.display()),
        )),
        Event::Noted(Note::Special { path }) => Some((
            Mark::Note,
            format!("skipped `{}`, which is no file", path.display()),
        )),
        Event::DeletesWithheld { count: number, why } => {
            Some((Mark::Warning, withheld(Some(*number), *why)))
        }
        _ => None,
    }
}

fn withheld(number: Option<u64>, why: DeletesWithheld) -> String {
    let blobs = number.map_or_else(|| "items".to_owned(), |number| count(number, "item"));
    let why = match why {
        DeletesWithheld::Failures => "not everything in the source could be moved",
        DeletesWithheld::Interrupted => "the run was interrupted",
    };
    format!("{blobs} to delete were left alone, because {why}")
}

/// A file that moved, for those who want to see each.
pub(super) fn movement(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Uploaded {
            name,
            size,
            sent,
            reason,
            resumed,
        } => {
            let resumed = if *resumed { ", resumed" } else { "" };
            Some(format!(
                "uploaded {name} ({}, {} sent, {}{resumed})",
                show_size(*size),
                show_size(*sent),
                reason_word(*reason)
            ))
        }
        Event::Copied {
            name,
            size,
            from,
            reason,
        } => Some(format!(
            "copied {name} ({}, {}, from {from})",
            show_size(*size),
            reason_word(*reason)
        )),
        Event::Adopted { name, size } => {
            Some(format!("added digests to {name} ({})", show_size(*size)))
        }
        Event::Downloaded {
            name,
            size,
            received,
            resumed,
        } => {
            let resumed = if *resumed { ", resumed" } else { "" };
            Some(format!(
                "downloaded {name} ({}, {} received{resumed})",
                show_size(*size),
                show_size(*received)
            ))
        }
        Event::Deleted { name } => Some(format!("deleted {name}")),
        _ => None,
    }
}

/// A line of the plan that a dry run prints.
pub(super) fn planned(event: &Event<'_>) -> Option<String> {
    match event {
        Event::WouldUpload { name, size, reason } => Some(format!(
            "upload {name} ({}, {})",
            show_size(*size),
            reason_word(*reason)
        )),
        Event::WouldCopy {
            name,
            size,
            from,
            reason,
        } => Some(format!(
            "copy {name} ({}, {}, from {from})",
            show_size(*size),
            reason_word(*reason)
        )),
        Event::WouldAdopt { name, size } => {
            Some(format!("add digests to {name} ({})", show_size(*size)))
        }
        Event::WouldDownload { name, size, reason } => Some(format!(
            "download {name} ({}, {})",
            show_size(*size),
            reason_word(*reason)
        )),
        Event::WouldDelete { name } => Some(format!("delete {name}")),
        _ => None,
    }
}

pub(super) const fn reason_word(reason: Reason) -> &'static str {
    match reason {
        Reason::New => "new",
        Reason::Changed => "changed",
        Reason::Unknown => "without a digest there",
        Reason::Recognised => "recognised by its MD5",
        Reason::Surplus => "not in the source",
        Reason::Unused => "not needed any more",
    }
}

/// The closing summary.
pub(super) fn summary(closing: &Closing) -> Vec<String> {
    let totals = &closing.totals;
    let mut lines = vec![headline(closing)];
    lines.extend(table(closing));
    if let Some(why) = totals.deletes_withheld {
        lines.push(format!("  {}", withheld(None, why)));
    }
    lines.push(format!("  {}", traffic(closing)));
    lines
}

/// A row for each thing that happened.
fn table(closing: &Closing) -> Vec<String> {
    let totals = &closing.totals;
    let deleted = if closing.dry_run {
        "would delete"
    } else {
        "deleted"
    };
    let mut rows = Vec::new();
    for (label, tally) in totals.rows(closing.dry_run) {
        let files = count(tally.files, "file");
        rows.push(format!(
            "  {label:<13} {files:>12}   {}",
            show_size(tally.bytes)
        ));
    }
    for (label, number, noun) in [
        ("resumed", totals.resumed, "file"),
        (deleted, totals.deleted, "item"),
        ("skipped", totals.skipped, "item"),
        ("failed", totals.failed, "item"),
    ] {
        if number > 0 {
            rows.push(format!("  {label:<13} {:>12}", count(number, noun)));
        }
    }
    rows
}

fn headline(closing: &Closing) -> String {
    let totals = &closing.totals;
    match closing {
        closing if closing.interrupted() => "interrupted; run again to go on from here".to_owned(),
        Closing { error: Some(_), .. } => "ended before its end".to_owned(),
        _ if totals.failed > 0 => format!("done, but {} failed", count(totals.failed, "item")),
        Closing { dry_run: true, .. } => "nothing was written: this was a dry run".to_owned(),
        _ if totals.changes() == 0 => "nothing to do: all is there".to_owned(),
        _ => "done".to_owned(),
    }
}

fn traffic(closing: &Closing) -> String {
    let totals = &closing.totals;
    let mut parts = vec![
        travelled(totals.bytes_sent, totals.bytes_received),
        format!("{} saved", show_size(totals.bytes_saved)),
        format!("{} read", show_size(totals.bytes_read)),
    ];
    if let Some(requests) = &closing.requests {
        let again = match requests.retries {
            0 => String::new(),
            retries => format!(" ({retries} again)"),
        };
        parts.push(format!(
            "{}{again}",
            count(requests.total_requests(), "request")
        ));
    }
    parts.push(show_duration(closing.elapsed));
    parts.join(", ")
}

/// What stands for the failures that are not listed.
pub(super) fn unlisted(closing: &Closing) -> Option<String> {
    (closing.unlisted() > 0).then(|| format!("and {} more that failed", closing.unlisted()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use longshore_sync::Tally;

    use super::super::closing::Totals;
    use super::*;
    use crate::exit::ExitStatus;

    fn closing(totals: Totals) -> Closing {
        Closing {
            totals,
            failures: Vec::new(),
            error: None,
            status: ExitStatus::Done,
            elapsed: Duration::from_millis(1_230),
            requests: None,
            dry_run: false,
        }
    }

    #[test]
    fn a_summary_tells_what_moved_and_what_did_not() {
        let totals = Totals {
            unchanged: Tally {
                files: 12,
                bytes: 3 << 30,
            },
            uploaded: Tally {
                files: 1,
                bytes: 8 << 20,
            },
            resumed: 1,
            failed: 2,
            bytes_sent: 4 << 20,
            bytes_saved: 3 << 30,
            bytes_read: 8 << 20,
            ..Totals::default()
        };
        assert_eq!(
            summary(&closing(totals)),
            [
                "done, but 2 items failed",
                "  unchanged         12 files   3.0 GiB",
                "  uploaded            1 file   8.0 MiB",
                "  resumed             1 file",
                "  failed             2 items",
                "  4.0 MiB sent, 3.0 GiB saved, 8.0 MiB read, 1.23 s",
            ]
        );
    }

    #[test]
    fn a_summary_begins_with_how_it_ended() {
        let mut end = closing(Totals::default());
        assert_eq!(summary(&end)[0], "nothing to do: all is there");
        end.dry_run = true;
        assert_eq!(summary(&end)[0], "nothing was written: this was a dry run");
        end.status = ExitStatus::Terminated;
        assert_eq!(
            summary(&end)[0],
            "interrupted; run again to go on from here"
        );
    }

    #[test]
    fn failures_beyond_the_list_are_counted() {
        let mut end = closing(Totals::default());
        assert_eq!(unlisted(&end), None);
        end.totals.failed = 3;
        assert_eq!(unlisted(&end).as_deref(), Some("and 3 more that failed"));
    }

    #[test]
    fn remaining_time_is_told_when_the_totals_are_known() {
        let mut tick = Tick {
            snapshot: longshore_sync::Progress::default().snapshot(),
            requests: None,
            elapsed: Duration::from_secs(10),
        };
        tick.snapshot.bytes_found = 400;
        tick.snapshot.bytes_sent = 100;
        assert_eq!(remaining(&tick), None, "the walk goes on");
        tick.snapshot.stage = Stage::Sending;
        assert_eq!(remaining(&tick), Some(Duration::from_secs(30)));
        assert_eq!(per_second(100, &tick), 10);
    }
}
