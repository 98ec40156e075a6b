//! What artifacts say of each other: names that meet, and what has to be installed before what.

use std::collections::{BTreeMap, BTreeSet};

use super::super::key_path::KeyPath;
use super::super::report::Finding;
use super::super::told;
use super::super::{Architecture, Artifact};
use crate::ArtifactId;

/// An artifact and where it stands.
#[derive(Clone, Copy)]
pub(in super::super) struct Checked<'a> {
    pub(in super::super) artifact: &'a Artifact,
    pub(in super::super) at: &'a KeyPath,
}

impl<'a> Checked<'a> {
    /// What it requires, and where it says so.
    fn requires(self) -> impl Iterator<Item = (&'a ArtifactId, KeyPath)> {
        let at = self.at.key("install").key("requires");
        let requires = self.artifact.requires().iter().enumerate();
        requires.map(move |(index, id)| (id, at.index(index)))
    }
}

/// What is wrong with artifacts beside each other.
pub(in super::super) fn together(all: &[Checked<'_>]) -> Vec<Finding> {
    let mut findings = ids(all);
    findings.extend(blobs(all));
    findings.extend(requirements(all));
    findings.extend(circles(all));
    findings
}

/// What tells artifacts apart, also where case does not count.
fn identity(artifact: &Artifact) -> (String, Architecture) {
    (artifact.id.as_str().to_lowercase(), artifact.architecture)
}

/// An id is there once for an architecture.
fn ids(all: &[Checked<'_>]) -> Vec<Finding> {
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    for one in all {
        let id = &one.artifact.id;
        if !seen.insert(identity(one.artifact)) {
            let message = format!("`{id}` is there already");
            let hint =
                "choose another `id`, or say with `architecture` which processor each is for";
            findings.push(Finding::wrong(one.at.key("id"), message, hint));
        }
    }
    findings
}

/// No two files have one blob, not even where case does not count.
fn blobs(all: &[Checked<'_>]) -> Vec<Finding> {
    let mut owners: BTreeMap<String, &Artifact> = BTreeMap::new();
    let mut findings = Vec::new();
    for one in all {
        let Some(file) = one.artifact.file_name() else {
            continue;
        };
        let blob = one.artifact.blob_path(&file);
        let key = if one.artifact.blob.is_some() {
            "blob"
        } else {
            "id"
        };
        match owners.get(&blob.as_str().to_lowercase()) {
            Some(owner) if identity(owner) == identity(one.artifact) => {}
            Some(owner) => {
                let message = format!("the blob `{blob}` is that of `{}` already", owner.id);
                let hint = "give one of them another `blob`; a file for several processors is one artifact, \
                            with `architecture = \"neutral\"`";
                findings.push(Finding::wrong(one.at.key(key), message, hint));
            }
            None => {
                owners.insert(blob.as_str().to_lowercase(), one.artifact);
            }
        }
    }
    findings
}

/// What is required is there, and is not installed later.
fn requirements(all: &[Checked<'_>]) -> Vec<Finding> {
    let known: BTreeSet<&str> = all.iter().map(|one| one.artifact.id.as_str()).collect();
    let known: Vec<&str> = known.into_iter().collect();
    let mut findings = Vec::new();
    for one in all {
        for (id, at) in one.requires() {
            if !known.contains(&id.as_str()) {
                let message = format!("no artifact has the id `{id}`");
                findings.push(Finding::absent(
                    at,
                    message,
                    told::nearest(id.as_str(), &known),
                ));
                continue;
            }
            let others = all.iter().filter(|other| other.artifact.id == *id);
            let latest = others.map(|other| other.artifact.order()).max();
            let own = one.artifact.order();
            if let Some(latest) = latest.filter(|latest| *latest > own) {
                let message = format!("`{id}` has order {latest}, which is after {own}");
                let hint = format!(
                    "give `{id}` at most order {own}, or leave the orders out: `requires` is enough"
                );
                findings.push(Finding::wrong(at, message, hint));
            }
        }
    }
    findings
}

/// Nothing is required by what it requires itself.
fn circles(all: &[Checked<'_>]) -> Vec<Finding> {
    let mut left: Vec<Checked<'_>> = all.to_vec();
    let mut findings = Vec::new();
    loop {
        let before = left.len();
        let ids: BTreeSet<&ArtifactId> = left.iter().map(|one| &one.artifact.id).collect();
        left.retain(|one| one.artifact.requires().iter().any(|id| ids.contains(id)));
        if left.is_empty() {
            return findings;
        }
        if left.len() == before {
            let circle = circle(&left);
            let names: Vec<&str> = circle.iter().map(|(id, _)| id.as_str()).collect();
            let round = [&names[..], &names[..1]].concat().join("` requires `");
            let message = format!("a circle: `{round}`");
            let at = circle[0].1.clone();
            findings.push(Finding::wrong(
                at,
                message,
                "take one of these requirements out",
            ));
            left.retain(|one| !names.contains(&one.artifact.id.as_str()));
        }
    }
}

/// A circle among artifacts each of which requires another of them: each id, and where it says what it requires.
fn circle<'a>(left: &[Checked<'a>]) -> Vec<(&'a ArtifactId, KeyPath)> {
    let step = |id: &ArtifactId| {
        let own = left.iter().filter(|one| one.artifact.id == *id);
        own.flat_map(|one| one.requires())
            .find(|(next, _)| left.iter().any(|other| other.artifact.id == **next))
    };
    let mut walked: Vec<(&ArtifactId, KeyPath)> = Vec::new();
    let mut id = &left[0].artifact.id;
    loop {
        if let Some(start) = walked.iter().position(|(seen, _)| *seen == id) {
            return walked.split_off(start);
        }
        let Some((next, at)) = step(id) else {
            return walked;
        };
        walked.push((id, at));
        id = next;
    }
}
