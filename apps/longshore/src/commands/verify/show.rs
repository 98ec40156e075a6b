//! The report of an audit for people: findings by what they say, then the totals.

use std::collections::BTreeMap;

use anstyle::AnsiColor;
use longshore_sync::{Adoption, Deep, Finding, Proof, Verdict, VerifySummary};

use super::Closing;
use crate::exit::ExitStatus;
use crate::output::visible;
use crate::units::{count, show_duration, show_size};

/// How many of a group are listed: more would help nobody, and a million of them would fill the memory.
const MOST_LISTED: usize = 1_000;

/// What a group of findings says, the worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Group {
    Damaged,
    Different,
    Missing,
    Extra,
    Unknown,
    Unproven,
    Foreign,
    SameByMd5,
    WouldAdopt,
    Adopted,
    ProvedByMd5,
    Recorded,
    ProvedByList,
    ProvedByBytes,
}

impl Group {
    const fn of(finding: &Finding) -> Self {
        match (finding.verdict, finding.adoption, finding.proof) {
            (Verdict::Damaged(_), ..) => Self::Damaged,
            (Verdict::Different(_), ..) => Self::Different,
            (Verdict::Missing, ..) => Self::Missing,
            (Verdict::Extra, ..) => Self::Extra,
            (Verdict::Unknown, ..) => Self::Unknown,
            (_, Adoption::Would, _) => Self::WouldAdopt,
            (_, Adoption::Done, _) => Self::Adopted,
            (Verdict::SameByMd5, ..) => Self::SameByMd5,
            (Verdict::Sound, _, Some(Proof::Unproven(_))) => Self::Unproven,
            (Verdict::Sound, _, Some(Proof::Foreign) | None) => Self::Foreign,
            (Verdict::Sound, _, Some(Proof::Md5)) => Self::ProvedByMd5,
            (Verdict::Sound, _, Some(Proof::Recorded)) => Self::Recorded,
            (Verdict::Sound, _, Some(Proof::List)) => Self::ProvedByList,
            (Verdict::Sound, _, Some(Proof::Bytes)) => Self::ProvedByBytes,
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Damaged => "damaged",
            Self::Different => "different",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Unknown => "unknown: no digest tells what it holds",
            Self::Unproven => "unproven: recorded, but without a block list of ours",
            Self::Foreign => "foreign: written by another tool",
            Self::SameByMd5 => "same by Content-MD5 (not ours)",
            Self::WouldAdopt => "would be adopted",
            Self::Adopted => "adopted",
            Self::ProvedByMd5 => "proved by Content-MD5 (not ours)",
            Self::Recorded => "recorded",
            Self::ProvedByList => "proved by list",
            Self::ProvedByBytes => "proved by bytes",
        }
    }

    fn heading(self, number: u64) -> String {
        let style = match self {
            Self::Damaged => AnsiColor::Red.on_default().bold(),
            Self::Different | Self::Missing | Self::Extra | Self::Unknown => {
                AnsiColor::Yellow.on_default().bold()
            }
            _ => anstyle::Style::new().bold(),
        };
        format!("{style}{}{style:#} ({number})", self.title())
    }
}

/// Findings, kept for the end.
#[derive(Debug, Default)]
pub(super) struct Groups(BTreeMap<Group, Kept>);

#[derive(Debug, Default)]
struct Kept {
    number: u64,
    lines: Vec<(String, String)>,
}

impl Groups {
    pub(super) fn add(&mut self, finding: &Finding) {
        let kept = self.0.entry(Group::of(finding)).or_default();
        kept.number += 1;
        if kept.lines.len() < MOST_LISTED {
            kept.lines.push((finding.name.clone(), about(finding)));
        }
    }

    /// The groups, the worst first, each by name.
    pub(super) fn lines(&mut self) -> Vec<String> {
        let mut lines = Vec::new();
        for (group, kept) in &mut self.0 {
            lines.push(group.heading(kept.number));
            kept.lines.sort_unstable();
            let shown = kept.lines.iter();
            lines.extend(shown.map(|(name, about)| format!("  {}  {about}", visible(name))));
            let more = kept.number - kept.lines.len() as u64;
            lines.extend((more > 0).then(|| format!("  and {more} more")));
        }
        lines
    }
}

/// The size, and what there is to say.
fn about(finding: &Finding) -> String {
    let adopted = match finding.adoption {
        Adoption::None => None,
        Adoption::Would => Some("would be adopted".to_owned()),
        Adoption::Done => Some("adopted".to_owned()),
    };
    let is_listed_by_it = matches!(Group::of(finding), Group::Adopted | Group::WouldAdopt);
    let said = finding.detail().into_iter();
    let said = said.chain(adopted.filter(|_| !is_listed_by_it));
    std::iter::once(show_size(finding.size))
        .chain(said)
        .collect::<Vec<_>>()
        .join(", ")
}

/// The totals.
pub(super) fn summary(closing: &Closing) -> Vec<String> {
    let mut lines = vec![headline(closing).to_owned()];
    let Some(summary) = &closing.summary else {
        return lines;
    };
    lines.extend(table(summary));
    if let (Deep::Sample(sample), Some(sampled)) = (&closing.deep, summary.sampled) {
        lines.push(format!(
            "  the sample was {} of {}: {}, seed {}",
            sampled.chosen,
            count(sampled.candidates, "blob"),
            sample.size,
            visible(&sample.seed),
        ));
    }
    lines.push(format!("  {}", traffic(closing, summary)));
    lines
}

fn headline(closing: &Closing) -> &'static str {
    let Some(summary) = &closing.summary else {
        return match closing.status {
            ExitStatus::Interrupted | ExitStatus::Terminated => "interrupted",
            _ => "ended before its end",
        };
    };
    match closing.status {
        ExitStatus::Interrupted | ExitStatus::Terminated => "interrupted: not all was looked at",
        ExitStatus::Failed => "nothing was verified",
        _ if summary.counts.damaged > 0 => "damage was found",
        _ if summary.failed > 0 => "not all could be checked",
        _ if summary.counts.has_drift() => "it is not what is expected",
        _ => "nothing is amiss",
    }
}

fn table(summary: &VerifySummary) -> Vec<String> {
    let counts = &summary.counts;
    let adopted = if summary.dry_run {
        "would adopt"
    } else {
        "adopted"
    };
    let blobs = count(counts.checked.files, "blob");
    let size = show_size(counts.checked.bytes);
    let mut rows = vec![format!("  {:<16} {blobs:>12}   {size}", "checked")];
    for (label, number) in [
        ("proved by bytes", counts.proved_by_bytes),
        ("proved by list", counts.proved_by_list),
        ("recorded only", counts.recorded),
        ("unproven", counts.unproven),
        ("proved by MD5", counts.proved_by_md5),
        ("foreign", counts.foreign),
        ("same by MD5", counts.same_by_md5),
        (adopted, counts.adopted),
        ("damaged", counts.damaged),
        ("different", counts.different),
        ("missing", counts.missing),
        ("extra", counts.extra),
        ("unknown", counts.unknown),
    ] {
        if number > 0 {
            rows.push(format!("  {label:<16} {:>12}", count(number, "blob")));
        }
    }
    for (label, number) in [
        ("skipped", summary.skipped),
        ("not checked", summary.failed),
    ] {
        if number > 0 {
            rows.push(format!("  {label:<16} {:>12}", count(number, "item")));
        }
    }
    rows
}

fn traffic(closing: &Closing, summary: &VerifySummary) -> String {
    let mut parts = vec![format!(
        "{} of blobs read, {} of files",
        show_size(summary.bytes_verified),
        show_size(summary.bytes_read)
    )];
    if let Some(requests) = &closing.requests {
        parts.push(count(requests.total_requests(), "request"));
    }
    parts.push(show_duration(closing.elapsed));
    parts.join(", ")
}
