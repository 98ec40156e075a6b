//! What is measured: scenarios on trees of files.

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
    /// A million files of 100 bytes into an empty container; only when asked for.
    Stage,
    /// The same million files again, nothing changed; only when asked for.
    Million,
}

/// A tree of files and the scenarios that are run on it one after the other, into the same container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Series {
    Large,
    Small,
    Million,
}

impl Scenario {
    /// The name on the command line.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Large => "large",
            Self::Small => "small",
            Self::Second => "second",
            Self::Touched => "touched",
            Self::Stage => "stage",
            Self::Million => "million",
        }
    }

    /// Whether it runs though nobody has named a scenario.
    pub(crate) const fn is_usual(self) -> bool {
        !matches!(self, Self::Stage | Self::Million)
    }
}

impl Series {
    /// All of them, in the order in which they run.
    pub(crate) const ALL: [Self; 3] = [Self::Large, Self::Small, Self::Million];

    /// The scenarios of the series, in the order in which they have to run.
    pub(crate) const fn scenarios(self) -> &'static [Scenario] {
        match self {
            Self::Large => &[Scenario::Large],
            Self::Small => &[Scenario::Small, Scenario::Second, Scenario::Touched],
            Self::Million => &[Scenario::Stage, Scenario::Million],
        }
    }

    /// The series that the wanted scenarios need, each with the last of its scenarios that is wanted.
    pub(crate) fn needed(wanted: &[Scenario]) -> Vec<(Self, Scenario)> {
        Self::ALL
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
        assert_eq!(
            Series::needed(&[Scenario::Million]),
            [(Series::Million, Scenario::Million)]
        );
    }
}
