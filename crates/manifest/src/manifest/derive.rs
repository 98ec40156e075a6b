//! What follows from a manifest without being said in it: names of files and blobs, and the order of installation.

use std::collections::BTreeSet;

use percent_encoding::percent_decode_str;

use super::{Artifact, Manifest, Source};
use crate::{ArtifactId, BlobPath, FileName};

/// Whether a path names files by a pattern: it holds one of `*`, `?`, `[` and `{`.
pub fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?', '[', '{'])
}

impl Source<'_> {
    /// Whether it may name several files.
    pub fn is_pattern(&self) -> bool {
        matches!(self, Self::Path(path) if is_pattern(path))
    }

    /// The name of the file in it; none where it names no file, or several.
    pub fn file_name(&self) -> Option<FileName> {
        match self {
            Self::Path(path) if is_pattern(path) => None,
            Self::Path(path) => last_segment(path).parse().ok(),
            Self::Url(url) => decoded(last_segment(url.path())),
            Self::Blob(place) => {
                let place = place.split_once('?').map_or(*place, |(place, _)| place);
                if place.contains("://") {
                    decoded(last_segment(place))
                } else {
                    last_segment(place).parse().ok()
                }
            }
        }
    }
}

fn last_segment(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn decoded(segment: &str) -> Option<FileName> {
    percent_decode_str(segment).decode_utf8().ok()?.parse().ok()
}

impl Artifact {
    /// The name of its file: the one that is said, or that in its source; none for patterns, whose files have their own.
    pub fn file_name(&self) -> Option<FileName> {
        self.file.clone().or_else(|| self.source()?.file_name())
    }

    /// The name of the blob of one of its files, below the root of the library: the one that is said, or
    /// `<id>/<version>/<file>`.
    pub fn blob_path(&self, file: &FileName) -> BlobPath {
        self.blob
            .clone()
            .unwrap_or_else(|| BlobPath::of_artifact(&self.id, &self.version, file))
    }

    /// Where it stands among the others when it is installed: lower numbers first.
    pub(super) fn order(&self) -> i32 {
        self.install.as_ref().map_or(0, |install| install.order)
    }

    /// What has to be installed before it.
    pub(super) fn requires(&self) -> &[ArtifactId] {
        self.install
            .as_ref()
            .map_or(&[], |install| &install.requires)
    }
}

impl Manifest {
    /// The first artifact with this id; there is one for each architecture.
    pub fn artifact(&self, id: &ArtifactId) -> Option<&Artifact> {
        self.artifacts.iter().find(|artifact| artifact.id == *id)
    }

    /// What is installed, in the order in which it is: after what it requires, then by `order`, then as written.
    ///
    /// What requires each other in a circle, which a checked manifest does not, comes last.
    pub fn install_order(&self) -> Vec<&Artifact> {
        let mut waiting: Vec<&Artifact> = self
            .artifacts
            .iter()
            .filter(|artifact| artifact.install.is_some())
            .collect();
        waiting.sort_by_key(|artifact| artifact.order());
        let mut ordered = Vec::with_capacity(waiting.len());
        while !waiting.is_empty() {
            let ids: BTreeSet<&ArtifactId> = waiting.iter().map(|artifact| &artifact.id).collect();
            let is_ready =
                |artifact: &&Artifact| artifact.requires().iter().all(|id| !ids.contains(id));
            let next = waiting.iter().position(is_ready).unwrap_or(0);
            ordered.push(waiting.remove(next));
        }
        ordered
    }
}
