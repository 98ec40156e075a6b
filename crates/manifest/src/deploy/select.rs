//! Which files of a release a machine is given: each artifact in one architecture, the best that the machine runs.

use std::collections::BTreeMap;

use crate::{Architecture, ArtifactId, Content, Released, TargetOs};

/// A machine, as far as it matters to a release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Machine {
    /// What it runs.
    pub os: TargetOs,
    /// Its processor.
    pub architecture: Architecture,
}

/// What a file of a release is to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meant {
    /// It is fetched, and installed where that is wanted.
    Now,
    /// It comes after the last artifact of this run.
    Later,
    /// The machine runs no architecture of its artifact.
    Never,
}

/// A file of a release, and what it is to a machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Selected<'a> {
    /// The file.
    pub file: &'a Released,
    /// What it is.
    pub meant: Meant,
}

/// A run is to end with an artifact that the release does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the release has no artifact `{0}`")]
pub struct UnknownArtifact(pub ArtifactId);

impl Machine {
    /// The architectures that it runs, the best first.
    pub const fn ranking(self) -> &'static [Architecture] {
        use Architecture::{Arm, Arm64, Neutral, X64, X86};
        match (self.os, self.architecture) {
            (_, X64) => &[X64, Neutral, X86],
            (TargetOs::Windows, Arm64) => &[Arm64, Neutral, X64, X86],
            (TargetOs::Linux, Arm64) => &[Arm64, Neutral],
            (_, X86) => &[X86, Neutral],
            (_, Arm) => &[Arm, Neutral],
            (_, Neutral) => &[Neutral],
        }
    }

    /// How well it runs an architecture, 0 the best; none when it does not.
    fn rank(self, architecture: Architecture) -> Option<usize> {
        self.ranking().iter().position(|one| *one == architecture)
    }
}

impl Content {
    /// What a machine is given, in the order of installing. Files in other architectures than the best of their artifact
    /// are left out; those of artifacts that the machine cannot run at all are told.
    ///
    /// `through`: the last artifact of this run.
    ///
    /// # Errors
    ///
    /// [`UnknownArtifact`] when the release does not have the last artifact.
    pub fn select(
        &self,
        machine: Machine,
        through: Option<&ArtifactId>,
    ) -> Result<Vec<Selected<'_>>, UnknownArtifact> {
        let ordered = self.install_order();
        let last = match through {
            None => ordered.len(),
            Some(id) => ordered
                .iter()
                .rposition(|file| file.id == *id)
                .ok_or_else(|| UnknownArtifact(id.clone()))?,
        };
        let mut best: BTreeMap<&ArtifactId, usize> = BTreeMap::new();
        for file in &ordered {
            if let Some(rank) = machine.rank(file.architecture) {
                let known = best.entry(&file.id).or_insert(rank);
                *known = rank.min(*known);
            }
        }
        let selected = (0..).zip(ordered).filter_map(|(place, file)| {
            let meant = match best.get(&file.id) {
                None => Meant::Never,
                Some(best) if machine.rank(file.architecture) != Some(*best) => return None,
                Some(_) if place > last => Meant::Later,
                Some(_) => Meant::Now,
            };
            Some(Selected { file, meant })
        });
        Ok(selected.collect())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::samples::{any_architecture, any_content, released};

    const WINDOWS: Machine = Machine {
        os: TargetOs::Windows,
        architecture: Architecture::X64,
    };

    fn content(files: &[(&str, Architecture)]) -> Content {
        let files = files.iter().zip(1..).map(|((id, architecture), byte)| {
            let file = released(id, "1", byte);
            Released {
                architecture: *architecture,
                blob: format!("{}/{id}", architecture.name()).parse().unwrap(),
                ..file
            }
        });
        Content::new("tools".parse().unwrap(), TargetOs::Windows, files.collect()).unwrap()
    }

    #[test]
    fn each_artifact_comes_in_the_best_architecture_that_the_machine_runs() {
        use Architecture::{Arm64, Neutral, X64, X86};
        let content = content(&[
            ("both", X64),
            ("both", X86),
            ("any", Neutral),
            ("any", X86),
            ("old", X86),
            ("new", Arm64),
        ]);
        let check = |os, architecture, expect: &[(&str, Architecture, Meant)]| {
            let machine = Machine { os, architecture };
            let selected = content.select(machine, None).unwrap();
            let found: Vec<_> = selected
                .iter()
                .map(|one| (one.file.id.as_str(), one.file.architecture, one.meant))
                .collect();
            assert_eq!(found, expect, "{machine:?}");
        };
        let x64 = [
            ("any", Neutral, Meant::Now),
            ("both", X64, Meant::Now),
            ("new", Arm64, Meant::Never),
            ("old", X86, Meant::Now),
        ];
        check(TargetOs::Windows, X64, &x64);
        check(TargetOs::Linux, X64, &x64);
        check(
            TargetOs::Windows,
            Arm64,
            &[
                ("any", Neutral, Meant::Now),
                ("both", X64, Meant::Now),
                ("new", Arm64, Meant::Now),
                ("old", X86, Meant::Now),
            ],
        );
        check(
            TargetOs::Linux,
            Arm64,
            &[
                ("any", Neutral, Meant::Now),
                ("both", X86, Meant::Never),
                ("both", X64, Meant::Never),
                ("new", Arm64, Meant::Now),
                ("old", X86, Meant::Never),
            ],
        );
    }

    #[test]
    fn what_comes_after_the_last_artifact_is_for_later() {
        let x64 = Architecture::X64;
        let content = content(&[("a", x64), ("b", x64), ("c", x64)]);
        let meant = |through: &str| {
            let through = through.parse().unwrap();
            let selected = content.select(WINDOWS, Some(&through)).unwrap();
            selected.iter().map(|one| one.meant).collect::<Vec<_>>()
        };
        assert_eq!(meant("b"), [Meant::Now, Meant::Now, Meant::Later]);
        assert_eq!(meant("c"), [Meant::Now; 3]);
        let unknown = "x".parse().unwrap();
        let error = content.select(WINDOWS, Some(&unknown)).unwrap_err();
        assert_eq!(error, UnknownArtifact(unknown));
    }

    proptest! {
        #[test]
        fn every_artifact_comes_in_one_architecture_or_is_told(content in any_content(), architecture in any_architecture()) {
            let machine = Machine { os: TargetOs::Linux, architecture };
            let selected = content.select(machine, None).unwrap();
            for file in &content.artifacts {
                let of_id: Vec<_> = selected.iter().filter(|one| one.file.id == file.id).collect();
                let runs = content.artifacts.iter().any(|one| one.id == file.id && machine.rank(one.architecture).is_some());
                prop_assert!(!of_id.is_empty());
                prop_assert!(of_id.iter().all(|one| (one.meant == Meant::Now) == runs));
                prop_assert!(!runs || of_id.iter().all(|one| one.file.architecture == of_id[0].file.architecture));
            }
        }
    }
}
