//! The findings for people.

use std::time::Duration;

use longshore_azure::CredentialChoice;

use super::findings::{Credential, Destination, Findings, Limits};
use super::probe::Probe;
use crate::failure::Story;
use crate::output::{Console, OutputLost, visible};
use crate::units::{show_duration, show_size};

/// Writes them, one part after the other.
pub(super) fn show(findings: &Findings, console: &Console) -> Result<(), OutputLost> {
    let mut lines = vec![format!("longshore {}", findings.version)];
    if let Some(destination) = &findings.destination {
        lines.extend(of_destination(destination));
    }
    match &findings.credential {
        Some(Credential::Chosen(choice)) => lines.extend(of_choice(choice)),
        Some(Credential::Refused(story)) => {
            lines.push("credential".to_owned());
            lines.extend(of_story(story));
        }
        None => {}
    }
    lines.extend(of_limits(&findings.limits));
    lines.push(row("proxies", "none"));
    if !findings.proxies.is_empty() {
        lines.pop();
        lines.push("proxies".to_owned());
        lines.extend(
            findings
                .proxies
                .iter()
                .map(|proxy| row(&format!("  {}", proxy.name), &proxy.value)),
        );
    }
    let cache = findings
        .cache_directory
        .as_deref()
        .unwrap_or("none: the home directory is not known");
    lines.push(row("digest cache", cache));
    lines.extend(findings.hints.iter().map(|hint| format!("hint: {hint}")));
    if let Some(probe) = &findings.probe {
        lines.extend(of_probe(probe));
    }
    lines
        .iter()
        .try_for_each(|line| console.data(&visible(line)))
}

fn row(label: &str, value: &str) -> String {
    format!("{label:<18} {value}")
}

fn of_destination(destination: &Destination) -> Vec<String> {
    let mut lines = vec![row("destination", &destination.place)];
    let cloud = destination
        .cloud
        .map(|cloud| match serde_json::to_value(cloud) {
            Ok(serde_json::Value::String(name)) => name,
            _ => "unknown".to_owned(),
        });
    for (label, value) in [
        ("  endpoint", &destination.endpoint),
        ("  account", &destination.account),
        ("  container", &destination.container),
        ("  prefix", &destination.prefix),
        ("  cloud", &cloud),
    ] {
        if let Some(value) = value.as_deref().filter(|value| !value.is_empty()) {
            lines.push(row(label, value));
        }
    }
    lines
}

fn of_choice(choice: &CredentialChoice) -> Vec<String> {
    let mut lines = vec![
        row("credential", &choice.kind.to_string()),
        row("  from", &choice.source),
        row("  asked for", &format!("--auth {}", choice.mode)),
    ];
    for passed in &choice.passed_over {
        lines.push(row(
            "  passed over",
            &format!("{}: {}", passed.kind, passed.reason),
        ));
    }
    lines.extend(
        choice
            .warnings
            .iter()
            .map(|warning| row("  warning", warning)),
    );
    lines
}

fn of_limits(limits: &Limits) -> Vec<String> {
    let or_none = |limit: Option<String>| limit.unwrap_or_else(|| "no limit".to_owned());
    vec![
        row("concurrency", &format!("{} requests", limits.concurrency)),
        row(
            "max requests",
            &or_none(
                limits
                    .max_requests_per_second
                    .map(|rate| format!("{rate}/s")),
            ),
        ),
        row(
            "max bandwidth",
            &or_none(
                limits
                    .max_bytes_per_second
                    .map(|rate| format!("{}/s", show_size(rate))),
            ),
        ),
    ]
}

fn of_probe(probe: &Probe) -> Vec<String> {
    let took = show_duration(Duration::from_secs_f64(probe.elapsed_seconds));
    match &probe.error {
        None => vec![row(
            "probe",
            &format!("works: one list request took {took}"),
        )],
        Some(story) => {
            let mut lines = vec![row("probe", &format!("failed after {took}"))];
            lines.extend(of_story(story));
            lines
        }
    }
}

fn of_story(story: &Story) -> Vec<String> {
    let mut lines = vec![format!("  error: {}", story.message)];
    lines.extend(
        story
            .causes
            .iter()
            .map(|cause| format!("    caused by: {cause}")),
    );
    lines.extend(story.hint.iter().map(|hint| format!("    hint: {hint}")));
    lines
}
