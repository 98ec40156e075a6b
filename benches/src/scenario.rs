//! What is measured: four scenarios on two trees of files.

use clap::ValueEnum;

/// One thing that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub(crate) enum Scenario {
    /// One file of 1 GiB into an empty container.
    Large,
    /// 50,000 files of 8 KiB into an empty container.
    Small,
    /// The same files again, nothing changed.
    Second,
    /// The same files again, every modification time new.
    Touched,
}

/// A tree of files and the scenarios that are run on it one after the other, into the same container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Series {
    Large,
    Small,
}

impl Scenario {
    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Small => "small",
            Self::Second => "second",
            Self::Touched => "touched",
        }
    }
}

impl Series {
    /// The scenarios of the series, in the order in which they have to run.
    pub(crate) const fn scenarios(self) -> &'static [Scenario] {
        match self {
            Self::Large => &[Scenario::Large],
            Self::Small => &[Scenario::Small, Scenario::Second, Scenario::Touched],
        }
    }

    /// The series that the wanted scenarios need, each with the last of its scenarios that is wanted.
    pub(crate) fn needed(wanted: &[Scenario]) -> Vec<(Self, Scenario)> {
        [Self::Large, Self::Small]
            .into_iter()
            .filter_map(|series| {
                let last = series
                    .scenarios()
                    .iter()
                    .rev()
                    .find(|it| wanted.contains(it));
                last.map(|last| (series, *last))
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_series_runs_as_far_as_it_has_to() {
        assert_eq!(Series::needed(&[]), []);
        assert_eq!(
            Series::needed(&[Scenario::Second]),
            [(Series::Small, Scenario::Second)]
        );
        assert_eq!(
            Series::needed(&[Scenario::Touched, Scenario::Small, Scenario::Large]),
            [
                (Series::Large, Scenario::Large),
                (Series::Small, Scenario::Touched)
            ]
        );
    }
}
