//! The promises of the design, held against what was measured.

use crate::client::{AZCOPY_COPY, AZCOPY_MD5, AZCOPY_SYNC, LONGSHORE};
use crate::report::Summary;
use crate::scenario::Scenario;

/// What is compared.
#[derive(Debug, Clone, Copy)]
enum Quantity {
    Cpu,
    Wall,
    /// In MiB.
    Peak,
    /// Requests that change something.
    Writes,
    /// Without the listing.
    RequestsAFile,
    Lists,
    /// In MiB.
    Sent,
}

#[derive(Debug, Clone, Copy)]
enum Bound {
    /// At most this share of what the best of these takes.
    Share(f64, &'static [&'static str]),
    /// At most so many.
    Count(f64),
}

struct Promise {
    scenario: Scenario,
    what: &'static str,
    quantity: Quantity,
    bound: Bound,
}

const PROMISES: &[Promise] = &[
    Promise {
        scenario: Scenario::Large,
        what: "CPU for a large file with both digests and CRC64: at most 0.6 × azcopy `--put-md5`",
        quantity: Quantity::Cpu,
        bound: Bound::Share(0.6, &[AZCOPY_MD5]),
    },
    Promise {
        scenario: Scenario::Large,
        what: "wall time of the same: at most 0.6 × azcopy without a digest",
        quantity: Quantity::Wall,
        bound: Bound::Share(0.6, &[AZCOPY_SYNC]),
    },
    Promise {
        scenario: Scenario::Small,
        what: "files a second: at least 3 × azcopy in its faster way",
        quantity: Quantity::Wall,
        bound: Bound::Share(1.0 / 3.0, &[AZCOPY_SYNC, AZCOPY_COPY]),
    },
    Promise {
        scenario: Scenario::Small,
        what: "CPU: at most 0.35 × azcopy in its cheaper way",
        quantity: Quantity::Cpu,
        bound: Bound::Share(0.35, &[AZCOPY_SYNC, AZCOPY_COPY]),
    },
    Promise {
        scenario: Scenario::Small,
        what: "one request a file, the listing apart",
        quantity: Quantity::RequestsAFile,
        // A handful for the container are not a file's.
        bound: Bound::Count(1.001),
    },
    Promise {
        scenario: Scenario::Small,
        what: "memory under 100 MiB",
        quantity: Quantity::Peak,
        bound: Bound::Count(100.0),
    },
    Promise {
        scenario: Scenario::Second,
        what: "a second run: at most 0.25 × azcopy's time",
        quantity: Quantity::Wall,
        bound: Bound::Share(0.25, &[AZCOPY_SYNC]),
    },
    Promise {
        scenario: Scenario::Second,
        what: "a second run: 11 list calls",
        quantity: Quantity::Lists,
        bound: Bound::Count(11.0),
    },
    Promise {
        scenario: Scenario::Touched,
        what: "every file touched: no write",
        quantity: Quantity::Writes,
        bound: Bound::Count(0.0),
    },
    Promise {
        scenario: Scenario::Touched,
        what: "every file touched: no byte sent",
        quantity: Quantity::Sent,
        bound: Bound::Count(0.0),
    },
    Promise {
        scenario: Scenario::Million,
        what: "second sync of a million files: at most 0.25 × azcopy's wall time",
        quantity: Quantity::Wall,
        bound: Bound::Share(0.25, &[AZCOPY_SYNC]),
    },
    Promise {
        scenario: Scenario::Million,
        what: "second sync of a million files: memory under 200 MiB",
        quantity: Quantity::Peak,
        bound: Bound::Count(200.0),
    },
];

impl Quantity {
    fn of(self, summary: &Summary) -> f64 {
        match self {
            Self::Cpu => summary.cpu.median,
            Self::Wall => summary.wall.median,
            Self::Peak => summary.peak.median,
            Self::Writes => summary.writes(),
            Self::RequestsAFile => (summary.total() - summary.calls("ListBlobs")) / summary.files,
            Self::Sent => summary.sent(),
            Self::Lists => summary.calls("ListBlobs"),
        }
    }
}

/// One row for each promise that can be judged by what was measured.
pub(crate) fn judge(summaries: &[Summary]) -> Vec<[String; 4]> {
    PROMISES
        .iter()
        .filter_map(|promise| promise.judge(summaries))
        .collect()
}

impl Promise {
    fn judge(&self, summaries: &[Summary]) -> Option<[String; 4]> {
        let find = |client: &str| {
            let mut all = summaries.iter();
            all.find(|summary| summary.scenario == self.scenario && summary.client == client)
        };
        let ours = self.quantity.of(find(LONGSHORE)?);
        let (bound, measured) = match self.bound {
            Bound::Count(count) => (count, ours),
            Bound::Share(share, rivals) => {
                let theirs = rivals.iter().filter_map(|rival| find(rival));
                let best = theirs
                    .map(|summary| self.quantity.of(summary))
                    .reduce(f64::min)?;
                (share, ours / best)
            }
        };
        let held = if measured <= bound { "yes" } else { "**no**" };
        Some([
            format!("`{}`: {}", self.scenario.name(), self.what),
            number(bound),
            number(measured),
            held.to_owned(),
        ])
    }
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.2}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::Spread;
    use crate::server::Traffic;

    fn summary(client: &'static str, scenario: Scenario, seconds: f64) -> Summary {
        let spread = |median| Spread {
            least: median,
            median,
            most: median,
        };
        Summary {
            scenario,
            client,
            files: 10.0,
            cpu: spread(seconds),
            wall: spread(seconds),
            peak: spread(50.0),
            traffic: Traffic {
                requests: [("PutBlob".to_owned(), 10), ("ListBlobs".to_owned(), 12)].into(),
                received: 80,
            },
        }
    }

    fn verdicts(summaries: &[Summary]) -> Vec<String> {
        judge(summaries)
            .into_iter()
            .map(|[_, _, _, held]| held)
            .collect()
    }

    #[test]
    fn a_share_is_taken_of_the_best_rival() {
        let small = |client, seconds| summary(client, Scenario::Small, seconds);
        let held = [
            small(LONGSHORE, 1.0),
            small(AZCOPY_SYNC, 9.0),
            small(AZCOPY_COPY, 4.0),
        ];
        assert_eq!(verdicts(&held), ["yes", "yes", "yes", "yes"]);
        let broken = [
            small(LONGSHORE, 2.0),
            small(AZCOPY_SYNC, 9.0),
            small(AZCOPY_COPY, 4.0),
        ];
        assert_eq!(verdicts(&broken), ["**no**", "**no**", "yes", "yes"]);
    }

    #[test]
    fn counts_are_judged_without_a_rival_and_shares_are_not() {
        let ours = [summary(LONGSHORE, Scenario::Second, 1.0)];
        assert_eq!(verdicts(&ours), ["**no**"], "12 list calls");
        let touched = [summary(LONGSHORE, Scenario::Touched, 1.0)];
        assert_eq!(
            verdicts(&touched),
            ["**no**", "**no**"],
            "10 writes, 80 bytes"
        );
        assert!(judge(&[summary(AZCOPY_SYNC, Scenario::Touched, 1.0)]).is_empty());
    }
}
