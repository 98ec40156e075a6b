//! Looking out for what upstream has by now: newer versions, and other bytes at the address of a pinned file.

use futures::StreamExt as _;
use longshore_manifest::{Artifact, Drifted};

use crate::outdated::{Newer, OutdatedError, newest};
use crate::pin::{Ask, LockOptions, pin};
use crate::{Library, Tools};

/// How many sources are asked at once.
const AT_ONCE: usize = 8;

/// What was found out about an artifact.
#[derive(Debug)]
pub struct Outlook<'l> {
    /// The artifact, as the manifest says.
    pub artifact: &'l Artifact,
    /// What upstream has; none where nothing newer is there, or the manifest does not say how to find out.
    pub newer: Option<Newer>,
    /// Why it could not be found out.
    pub error: Option<OutdatedError>,
    /// What sources no longer have, or no longer say, of the files that are pinned.
    pub republished: Vec<Drifted>,
}

impl Outlook<'_> {
    /// Whether there is something to do.
    pub fn is_outdated(&self) -> bool {
        self.newer.is_some() || !self.republished.is_empty()
    }
}

/// Looks at every artifact of a library; changes nothing.
pub async fn look_out<'l>(library: &'l Library, tools: &Tools) -> Vec<Outlook<'l>> {
    let locked = LockOptions {
        locked: true,
        ..LockOptions::default()
    };
    let (_, report) = pin(library, tools, &locked, Ask::Proof).await;
    let artifacts = &library.manifest.artifacts;
    let mut outlooks: Vec<Outlook<'l>> = futures::stream::iter(artifacts)
        .map(|artifact| newer(artifact, tools))
        .buffered(AT_ONCE)
        .collect()
        .await;
    for drifted in report.republished {
        let key = drifted.key.as_ref();
        let whose = outlooks.iter_mut().find(|outlook| {
            let Artifact {
                id, architecture, ..
            } = outlook.artifact;
            key.is_some_and(|key| key.id == *id && key.architecture == *architecture)
        });
        if let Some(outlook) = whose {
            outlook.republished.push(drifted);
        }
    }
    outlooks
}

async fn newer<'l>(artifact: &'l Artifact, tools: &Tools) -> Outlook<'l> {
    let found = match &artifact.update {
        Some(update) => newest(update, &artifact.version, tools).await,
        None => Ok(None),
    };
    let (newer, error) = match found {
        Ok(newer) => (newer, None),
        Err(error) => (None, Some(error)),
    };
    Outlook {
        artifact,
        newer,
        error,
        republished: Vec::new(),
    }
}
