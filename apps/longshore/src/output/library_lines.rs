//! Lines about libraries for people, shared by the views that print any.

use longshore_mirror::{Event, PinChange, SignatureState};

use super::console::Mark;
use super::library::{Arriving, LibraryClosing, LibraryOpening};
use crate::units::{count, show_duration, show_size};

/// So many digits of a digest tell it from others.
const SHORT: usize = 12;

/// The beginning of a digest.
pub(crate) fn short(digest: &impl ToString) -> String {
    digest.to_string().chars().take(SHORT).collect()
}

/// What a run is about to do.
pub(super) fn opening(opening: &LibraryOpening) -> String {
    let verb = match opening.command {
        "lock" => "locking",
        "mirror" => "mirroring",
        _ => "staging",
    };
    let to = match &opening.destination {
        Some(place) => format!(" to {place}"),
        None => String::new(),
    };
    let dry_run = if opening.dry_run { " (dry run)" } else { "" };
    format!("{verb} {}{to}{dry_run}", opening.library)
}

/// The numbers while files come in.
pub(super) fn arriving(now: &Arriving) -> String {
    format!(
        "{} looked at, {} fetched, {}",
        count(now.files_pinned, "file"),
        count(now.files_fetched, "file"),
        show_size(now.bytes_fetched)
    )
}

/// A fact that everybody wants to see.
pub(super) fn notice(event: &Event<'_>) -> Option<(Mark, String)> {
    match event {
        Event::Republished { drift, .. } => {
            Some((Mark::Warning, format!("{drift}; the pinned bytes are kept")))
        }
        Event::Cooling { key, until } => Some((
            Mark::Note,
            format!("{key}: its new bytes are too young, and are taken from {until} on"),
        )),
        Event::Renamed { key, taken, blob } => Some((
            Mark::Note,
            format!("{key}: `{taken}` holds other bytes, so it becomes `{blob}`"),
        )),
        _ => None,
    }
}

/// A line of the plan that a dry run prints.
pub(super) fn planned(event: &Event<'_>) -> Option<String> {
    match event {
        Event::WouldStage { key, blob, size } => {
            Some(format!("stage {key} as {blob} ({})", show_size(*size)))
        }
        Event::WouldFlip { from, to } => Some(match from {
            Some(from) => format!("publish release {} (now: {})", short(to), short(from)),
            None => format!("publish release {}, the first", short(to)),
        }),
        _ => None,
    }
}

/// What happened to a file, for those who want to see each.
pub(super) fn movement(event: &Event<'_>) -> Option<String> {
    match event {
        Event::Pinned { key, size, change } => {
            let word = match change {
                PinChange::New => "pinned",
                PinChange::Changed => "pinned anew",
                PinChange::Updated => "updated",
                PinChange::Kept => "kept",
            };
            Some(format!("{word} {key} ({})", show_size(*size)))
        }
        Event::Fetching { key, from } => Some(format!("fetching {key} from {from}")),
        Event::Fetched {
            key,
            size,
            received,
            resumed,
        } => {
            let resumed = if *resumed { ", resumed" } else { "" };
            let (size, received) = (show_size(*size), show_size(*received));
            Some(format!(
                "fetched {key} ({size}, {received} received{resumed})"
            ))
        }
        Event::Present { key, blob, .. } => Some(format!("present {key} as {blob}")),
        Event::Checked { key, report } => {
            let signer = match &report.state {
                SignatureState::Signed(signed) => format!("signed by {}", signed.signer),
                SignatureState::Unsigned => "not signed".to_owned(),
                SignatureState::Malformed { why } => format!("a signature that is none: {why}"),
            };
            Some(format!(
                "checked {key}: {signer}; proved: {}; not proved: {}",
                report.proved.join(", "),
                report.not_proved.join(", ")
            ))
        }
        Event::Scanned { key } => Some(format!("scanned {key}")),
        Event::Ingested { key, size } => Some(format!(
            "fetched by the service {key} ({})",
            show_size(*size)
        )),
        Event::Released { release, is_new } => {
            let known = if *is_new { "" } else { ", which was there" };
            Some(format!("wrote release {}{known}", short(release)))
        }
        Event::Flipped { from, to } => {
            let before = from
                .as_ref()
                .map_or_else(String::new, |from| format!(" rather than {}", short(from)));
            Some(format!("release {} counts now{before}", short(to)))
        }
        _ => None,
    }
}

/// The closing summary.
pub(super) fn summary(closing: &LibraryClosing) -> Vec<String> {
    let totals = &closing.totals;
    let mut lines = vec![closing.headline.clone()];
    let pins = totals.pins();
    if !pins.is_empty() {
        let pins: Vec<String> = pins
            .iter()
            .map(|(label, number)| format!("{number} {label}"))
            .collect();
        lines.push(row("pins", &pins.join(", ")));
    }
    if totals.republished > 0 {
        lines.push(row("republished", &count(totals.republished, "file")));
    }
    if totals.present > 0 {
        lines.push(row("present", &count(totals.present, "file")));
    }
    for (label, tally) in totals.files() {
        let files = count(tally.files, "file");
        lines.push(row(
            label,
            &format!("{files:<11} {}", show_size(tally.bytes)),
        ));
    }
    if totals.failed > 0 {
        lines.push(row("failed", &count(totals.failed, "file")));
    }
    lines.push(format!("  {}", traffic(closing)));
    lines.extend(closing.next.as_ref().map(|next| format!("next: {next}")));
    lines
}

fn row(label: &str, text: &str) -> String {
    format!("  {label:<15} {text}").trim_end().to_owned()
}

fn traffic(closing: &LibraryClosing) -> String {
    let totals = &closing.totals;
    let bytes = [
        ("received", totals.fetched.bytes),
        ("sent", totals.bytes_sent),
    ];
    let moved = bytes.into_iter().filter(|(_, bytes)| *bytes > 0);
    let mut parts: Vec<String> = moved
        .map(|(label, bytes)| format!("{} {label}", show_size(bytes)))
        .collect();
    if let Some(requests) = &closing.requests {
        parts.push(count(requests.total_requests(), "request"));
    }
    parts.push(show_duration(closing.elapsed));
    parts.join(", ")
}

/// What stands for the failures that are not listed.
pub(super) fn unlisted(closing: &LibraryClosing) -> Option<String> {
    let listed = u64::try_from(closing.failures.len()).unwrap_or(u64::MAX);
    let left = closing.totals.failed.saturating_sub(listed);
    (left > 0).then(|| format!("and {left} more that failed"))
}
