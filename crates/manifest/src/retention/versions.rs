//! Which blobs are of the last versions of their artifact.
//!
//! A blob's name tells artifact and version, a release tells the architecture too. What a name tells is always there; what
//! a release tells goes with it. So that a second decision, made without the releases that the first one let go, is the
//! same: the architecture of a blob with our name is believed from kept releases alone, and without one the blob may be of
//! any architecture that the artifact has. A blob with another name is believed to be what any release says; without one
//! it is not ours, and stays. So does a blob with our name whose artifact is in no release.

use std::collections::{BTreeMap, BTreeSet};

use super::Held;
use super::releases::KeptReleases;
use crate::{Architecture, ArtifactId, BlobPath, Release, Version, compare_versions};

/// The blobs whose names or releases tell what they are.
#[derive(Default)]
pub(super) struct Versions<'a> {
    /// Those of each artifact.
    artifacts: BTreeMap<ArtifactId, Blobs<'a>>,
    /// Those that have another name than ours, but are in some release.
    renamed: BTreeSet<&'a BlobPath>,
    /// Every artifact that some release names.
    released: BTreeSet<&'a ArtifactId>,
}

/// The blobs of one artifact.
#[derive(Default)]
struct Blobs<'a> {
    /// With our name, and in a kept release for this architecture.
    known: ByArchitecture<Version>,
    /// With our name, and in any release for this architecture.
    told: ByArchitecture<Version>,
    /// With our name, and in no kept release.
    unknown: Vec<(&'a BlobPath, Version)>,
    /// With another name, and in any release for this architecture.
    renamed: ByArchitecture<(&'a BlobPath, Version)>,
}

type ByArchitecture<T> = BTreeMap<Architecture, Vec<T>>;

/// For which architectures some releases give a blob.
type Architectures<'a> = BTreeMap<&'a BlobPath, BTreeSet<Architecture>>;

fn architectures<'a>(releases: impl Iterator<Item = &'a Release>) -> Architectures<'a> {
    let mut found = Architectures::new();
    for released in releases.flat_map(|release| &release.content.artifacts) {
        found
            .entry(&released.blob)
            .or_default()
            .insert(released.architecture);
    }
    found
}

impl<'a> Versions<'a> {
    /// Finds out what the blobs are.
    pub(super) fn of(blobs: &'a [Held], releases: &'a [Release], kept: &KeptReleases<'_>) -> Self {
        let known = architectures(kept.releases().iter().copied());
        let told = architectures(releases.iter());
        let mut versions = Self::default();
        let mut others = BTreeSet::new();
        for held in blobs.iter().filter(|held| held.managed) {
            let path = &held.path;
            match layout(path) {
                Some((id, version)) => {
                    let blobs = versions.artifacts.entry(id).or_default();
                    blobs.add(path, version, known.get(path), told.get(path));
                }
                None => drop(others.insert(path)),
            }
        }
        for released in releases
            .iter()
            .flat_map(|release| &release.content.artifacts)
        {
            versions.released.insert(&released.id);
            if let Some(path) = others.get(&released.blob).copied() {
                versions.renamed.insert(path);
                let blobs = versions.artifacts.entry(released.id.clone()).or_default();
                let renamed = blobs.renamed.entry(released.architecture).or_default();
                renamed.push((path, released.version.clone()));
            }
        }
        versions
    }

    /// Whether it can be told what a blob is. A name as ours is not enough: whatever else stands in the container, such
    /// as a folder that was synced there, may be called so.
    pub(super) fn knows(&self, path: &BlobPath) -> bool {
        let is_released = |(id, _)| self.released.contains(&id);
        self.renamed.contains(path) || layout(path).is_some_and(is_released)
    }

    /// The blobs of the last `count` versions of each artifact and architecture, but for those in kept releases.
    pub(super) fn last(&self, count: usize) -> BTreeSet<&'a BlobPath> {
        self.artifacts
            .values()
            .flat_map(|blobs| blobs.last(count))
            .collect()
    }
}

impl<'a> Blobs<'a> {
    /// Adds a blob with our name.
    fn add(
        &mut self,
        path: &'a BlobPath,
        version: Version,
        known: Option<&BTreeSet<Architecture>>,
        told: Option<&BTreeSet<Architecture>>,
    ) {
        for architecture in told.into_iter().flatten() {
            self.told
                .entry(*architecture)
                .or_default()
                .push(version.clone());
        }
        for architecture in known.into_iter().flatten() {
            self.known
                .entry(*architecture)
                .or_default()
                .push(version.clone());
        }
        if known.is_none() {
            self.unknown.push((path, version));
        }
    }

    /// The blobs of its last versions.
    fn last(&self, count: usize) -> Vec<&'a BlobPath> {
        let unknown = || self.unknown.iter().map(|(_, version)| version);
        let mut last = Vec::new();
        let mut keep = |newest: &[&Version], blobs: &[(&'a BlobPath, Version)]| {
            let is_new = |version: &Version| newest.iter().any(|new| is_same(new, version));
            last.extend(
                blobs
                    .iter()
                    .filter(|(_, version)| is_new(version))
                    .map(|(path, _)| *path),
            );
        };
        if self.known.is_empty() {
            keep(&newest(unknown(), count), &self.unknown);
        }
        for known in self.known.values() {
            keep(&newest(known.iter().chain(unknown()), count), &self.unknown);
        }
        for (architecture, renamed) in &self.renamed {
            let told = self.told.get(architecture).into_iter().flatten();
            let all = renamed.iter().map(|(_, version)| version).chain(told);
            keep(&newest(all, count), renamed);
        }
        last
    }
}

/// The newest of some versions, each once.
fn newest<'v>(versions: impl Iterator<Item = &'v Version>, count: usize) -> Vec<&'v Version> {
    let mut versions: Vec<&Version> = versions.collect();
    versions.sort_by(|a, b| compare_versions(b.as_str(), a.as_str()));
    versions.dedup_by(|a, b| is_same(a, b));
    versions.truncate(count);
    versions
}

fn is_same(a: &Version, b: &Version) -> bool {
    compare_versions(a.as_str(), b.as_str()).is_eq()
}

/// What the name `<id>/<version>/…` tells.
fn layout(path: &BlobPath) -> Option<(ArtifactId, Version)> {
    let mut segments = path.as_str().splitn(3, '/');
    let (id, version) = (segments.next()?, segments.next()?);
    segments.next()?;
    Some((id.parse().ok()?, version.parse().ok()?))
}
