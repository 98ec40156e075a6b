//! The report: medians in Markdown, ready for `docs/performance.md`.

use std::fmt::Write;

use crate::client::{CLIENTS, LONGSHORE};
use crate::compare::Run;
use crate::promise;
use crate::scenario::{Scenario, Series};
use crate::server::Traffic;

const MEBIBYTE: f64 = 1_048_576.0;

/// The middle of some numbers, and how far they reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spread {
    pub(crate) least: f64,
    pub(crate) median: f64,
    pub(crate) most: f64,
}

/// What one client took in one scenario, over all runs.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    pub(crate) scenario: Scenario,
    pub(crate) client: &'static str,
    pub(crate) files: f64,
    /// In seconds.
    pub(crate) cpu: Spread,
    /// In seconds.
    pub(crate) wall: Spread,
    /// In MiB.
    pub(crate) peak: Spread,
    /// Of the run with the most requests.
    pub(crate) traffic: Traffic,
}

impl Spread {
    /// Of an even count the upper one of the two in the middle.
    fn of(numbers: impl Iterator<Item = f64>) -> Self {
        let mut numbers: Vec<_> = numbers.collect();
        numbers.sort_by(f64::total_cmp);
        Self {
            least: numbers.first().copied().unwrap_or(f64::NAN),
            median: numbers.get(numbers.len() / 2).copied().unwrap_or(f64::NAN),
            most: numbers.last().copied().unwrap_or(f64::NAN),
        }
    }

    fn show(self) -> String {
        format!("{:.2} ({:.2}–{:.2})", self.median, self.least, self.most)
    }
}

impl Summary {
    fn of(scenario: Scenario, client: &'static str, runs: &[Run]) -> Option<Self> {
        let runs: Vec<_> = runs
            .iter()
            .filter(|run| run.scenario == scenario && run.client == client)
            .collect();
        let most = runs
            .iter()
            .max_by_key(|run| run.traffic.requests.values().sum::<u64>())?;
        Some(Self {
            scenario,
            client,
            files: exact(most.files),
            cpu: Spread::of(runs.iter().map(|run| run.usage.cpu.as_secs_f64())),
            wall: Spread::of(runs.iter().map(|run| run.usage.wall.as_secs_f64())),
            peak: Spread::of(runs.iter().map(|run| exact(run.usage.peak) / MEBIBYTE)),
            traffic: most.traffic.clone(),
        })
    }

    /// How often `operation` was called.
    pub(crate) fn calls(&self, operation: &str) -> f64 {
        exact(self.traffic.requests.get(operation).copied().unwrap_or(0))
    }

    /// How many requests were sent that change a blob.
    pub(crate) fn writes(&self) -> f64 {
        let changes = ["Put", "Set", "Delete", "Copy"];
        let names = self.traffic.requests.iter();
        let writes =
            names.filter(|(name, _)| changes.iter().any(|change| name.starts_with(change)));
        exact(writes.map(|(_, count)| count).sum())
    }

    /// How many requests were sent.
    pub(crate) fn total(&self) -> f64 {
        exact(self.traffic.requests.values().sum())
    }

    /// How many MiB were sent.
    pub(crate) fn sent(&self) -> f64 {
        exact(self.traffic.received) / MEBIBYTE
    }
}

/// Counts here stay far below 2^53, up to which every whole number is a float.
#[expect(
    clippy::cast_precision_loss,
    reason = "counts and sizes stay far below 2^53"
)]
fn exact(count: u64) -> f64 {
    count as f64
}

/// The whole report.
pub(crate) fn render(runs: &[Run], machine: &str, versions: &[String]) -> String {
    let scenarios = Series::ALL.map(Series::scenarios).concat();
    let summaries: Vec<_> = scenarios
        .iter()
        .flat_map(|scenario| {
            CLIENTS
                .iter()
                .filter_map(|client| Summary::of(*scenario, client.name, runs))
        })
        .collect();
    let like = |run: &Run| {
        let is_like = |it: &&Run| (it.scenario, it.client) == (run.scenario, run.client);
        runs.iter().filter(is_like).count()
    };
    // Some scenarios are played once for those after them.
    let rounds = runs.iter().map(like).max().unwrap_or_default();
    let mut text = format!(
        "Measured on {machine}; {}. Medians of {rounds} rounds, least and most in brackets.\n",
        versions.join(", ")
    );
    for scenario in scenarios {
        let of_scenario: Vec<_> = summaries
            .iter()
            .filter(|it| it.scenario == scenario)
            .collect();
        if !of_scenario.is_empty() {
            text.push_str(&table(scenario, &of_scenario));
        }
    }
    text.push_str(&promises(&summaries));
    text
}

fn title(scenario: Scenario, files: f64) -> String {
    match scenario {
        Scenario::Large => "One large file".to_owned(),
        Scenario::Small => format!("{files} small files"),
        Scenario::Second => "The same files again, nothing changed".to_owned(),
        Scenario::Touched => "The same files again, every modification time new".to_owned(),
        Scenario::Stage => format!("{files} tiny files"),
        Scenario::Million => format!("{files} tiny files again, nothing changed"),
    }
}

fn table(scenario: Scenario, summaries: &[&Summary]) -> String {
    let mut text = format!(
        "\n### `{}`: {}\n\n",
        scenario.name(),
        title(scenario, summaries[0].files)
    );
    text.push_str("| client | CPU s | wall s | peak MiB | MiB sent | requests | longshore's CPU ÷ its | longshore's wall ÷ its |\n");
    text.push_str("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
    let ours = summaries.iter().find(|summary| summary.client == LONGSHORE);
    for summary in summaries {
        let share = |ours: Option<f64>, theirs: f64| match ours {
            Some(ours) if summary.client != LONGSHORE => format!("{:.2}", ours / theirs),
            _ => String::new(),
        };
        let row = [
            format!("`{}`", summary.client),
            summary.cpu.show(),
            summary.wall.show(),
            format!("{:.0}", summary.peak.median),
            format!("{:.1}", summary.sent()),
            summary.total().to_string(),
            share(ours.map(|it| it.cpu.median), summary.cpu.median),
            share(ours.map(|it| it.wall.median), summary.wall.median),
        ];
        add_row(&mut text, &row);
    }
    text.push_str("\nRequests by operation:\n\n");
    for summary in summaries {
        let calls: Vec<_> = summary
            .traffic
            .requests
            .iter()
            .map(|(name, count)| format!("{name} {count}"))
            .collect();
        let _ = writeln!(text, "- `{}`: {}", summary.client, calls.join(", "));
    }
    text
}

fn promises(summaries: &[Summary]) -> String {
    let rows = promise::judge(summaries);
    if rows.is_empty() {
        return String::new();
    }
    let mut text = String::from(
        "\n### The promises\n\n| promise | at most | measured | held |\n| --- | ---: | ---: | --- |\n",
    );
    for row in &rows {
        add_row(&mut text, row);
    }
    text
}

fn add_row(text: &mut String, cells: &[String]) {
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::client::AZCOPY_SYNC;
    use crate::measure::Usage;

    fn run(client: &'static str, seconds: u64, requests: u64) -> Run {
        Run {
            scenario: Scenario::Second,
            client,
            files: 10,
            usage: Usage {
                wall: Duration::from_secs(seconds),
                cpu: Duration::from_secs(seconds * 2),
                peak: 3 << 20,
            },
            traffic: Traffic {
                requests: [("ListBlobs".to_owned(), requests)].into(),
                received: 1 << 20,
            },
        }
    }

    #[test]
    fn medians_are_of_one_client_in_one_scenario() {
        let runs = [
            run(LONGSHORE, 9, 1),
            run(LONGSHORE, 1, 2),
            run(LONGSHORE, 2, 1),
            run(AZCOPY_SYNC, 8, 5),
        ];
        let text = render(
            &runs,
            "a machine",
            &["longshore 1".to_owned(), "azcopy 2".to_owned()],
        );
        assert!(
            text.starts_with("Measured on a machine; longshore 1, azcopy 2. Medians of 3 rounds"),
            "{text}"
        );
        assert!(
            text.contains(
                "| `longshore sync` | 4.00 (2.00–18.00) | 2.00 (1.00–9.00) | 3 | 1.0 | 2 |  |  |"
            ),
            "{text}"
        );
        assert!(
            text.contains(
                "| `azcopy sync` | 16.00 (16.00–16.00) | 8.00 (8.00–8.00) | 3 | 1.0 | 5 | 0.25 | 0.25 |"
            ),
            "{text}"
        );
        assert!(text.contains("- `azcopy sync`: ListBlobs 5"), "{text}");
        assert!(
            text.contains(
                "| `second`: a second run: at most 0.25 × azcopy's time | 0.25 | 0.25 | yes |"
            ),
            "{text}"
        );
        assert!(!text.contains("`large`"), "{text}");
    }

    #[test]
    fn writes_are_what_changes_a_blob() {
        let mut summary =
            Summary::of(Scenario::Second, LONGSHORE, &[run(LONGSHORE, 1, 4)]).unwrap();
        assert_eq!((summary.writes(), summary.calls("ListBlobs")), (0.0, 4.0));
        summary.traffic.requests.extend([
            ("PutBlock".to_owned(), 2),
            ("DeleteBlob".to_owned(), 1),
            ("GetBlob".to_owned(), 7),
        ]);
        assert!(
            (2.5..3.5).contains(&summary.writes()),
            "{}",
            summary.writes()
        );
    }
}
