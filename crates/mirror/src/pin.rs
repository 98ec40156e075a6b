//! Pinning: what the files of a library are, by digest, as the lock says or as somebody has to find out.

mod look;

use std::collections::BTreeSet;

use futures::StreamExt as _;
use jiff::SignedDuration;
use longshore_manifest::{ArtifactId, Drifted, Expanded, Lock, LockKey, Locked, drift};

use crate::event::PinChange;
use crate::expand::{Origin, Wanted, expand};
use crate::{Event, ItemError, Library, Tools};
use look::{Found, Pinning};

/// How many files are looked at at once.
const AT_ONCE: usize = 8;

/// How a lock is brought up to date.
#[derive(Debug, Clone, Default)]
pub struct LockOptions {
    /// Which pins are made anew although they fit the manifest.
    pub refresh: Refresh,
    /// Bytes must have been out for so long before they are pinned.
    pub cooldown: Option<SignedDuration>,
    /// Change nothing: whatever is not as the lock says is drift.
    pub locked: bool,
}

/// Which pins are made anew.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Refresh {
    /// Those that the manifest no longer fits, and files of this machine.
    #[default]
    Needed,
    /// Also those of these artifacts.
    Only(BTreeSet<ArtifactId>),
    /// All.
    All,
}

/// What looking at a library came to.
#[derive(Debug)]
pub struct LockReport {
    /// The lock as it should be now. Pins of what failed are in it as they were.
    pub lock: Lock,
    /// What became of each file.
    pub pins: Vec<(LockKey, PinChange)>,
    /// Pins that are of no use any more, and are no longer in the lock.
    pub dropped: Vec<LockKey>,
    /// In a locked run: what the manifest and the files of this machine say otherwise than the lock.
    pub drift: Vec<Drifted>,
    /// What sources elsewhere no longer have, or no longer say.
    pub republished: Vec<Drifted>,
    /// What failed.
    pub failed: Vec<Failure>,
}

/// A file or an artifact that failed.
#[derive(Debug)]
pub struct Failure {
    /// Its name, for people.
    pub name: String,
    /// Why.
    pub error: ItemError,
}

impl Failure {
    /// Reports it, and keeps it for the end.
    pub(crate) fn told(tools: &Tools, name: String, error: ItemError) -> Self {
        tools.report(&Event::Failed {
            name: &name,
            error: &error,
        });
        Self { name, error }
    }
}

/// A file that is pinned, with what the manifest says of it.
#[derive(Debug, Clone)]
pub(crate) struct Pinned<'m> {
    pub(crate) wanted: Wanted<'m>,
    pub(crate) pin: Locked,
}

/// How sources elsewhere are asked whether they still have what is pinned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// What they say of it counts.
    Hints,
    /// Where they say something else than before, the bytes are fetched.
    Proof,
}

/// Looks at every file of a library and says what the lock should be; writes nothing.
pub async fn lock(library: &Library, tools: &Tools, options: &LockOptions) -> LockReport {
    let ask = if options.locked {
        Ask::Proof
    } else {
        Ask::Hints
    };
    pin(library, tools, options, ask).await.1
}

/// The same, with the files themselves.
pub(crate) async fn pin<'m>(
    library: &'m Library,
    tools: &Tools,
    options: &LockOptions,
    ask: Ask,
) -> (Vec<Pinned<'m>>, LockReport) {
    let expanded = expand(&library.manifest, &library.directory);
    let mut report = LockReport {
        lock: library.lock.clone(),
        pins: Vec::new(),
        dropped: Vec::new(),
        drift: Vec::new(),
        republished: Vec::new(),
        failed: Vec::new(),
    };
    if options.locked {
        report.drift = drift(&library.manifest, &library.lock, &files_of(&expanded));
    }
    let mut wanted = Vec::new();
    let mut kept = BTreeSet::new();
    for (artifact, files) in expanded {
        match files {
            Ok(files) => wanted.extend(files),
            Err(error) => {
                kept.insert(artifact.id.clone());
                let failure = Failure::told(tools, artifact.id.to_string(), error);
                report.failed.push(failure);
            }
        }
    }
    let pinning = Pinning {
        library,
        tools,
        options,
        ask,
    };
    let found: Vec<_> = futures::stream::iter(&wanted)
        .map(|wanted| pinning.look(wanted))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut pinned = Vec::new();
    for (wanted, found) in wanted.into_iter().zip(found) {
        match found {
            Ok(found) => {
                note(tools, &mut report, &wanted, &found);
                pinned.push(Pinned {
                    wanted,
                    pin: found.pin,
                });
            }
            Err(error) => {
                kept.insert(wanted.key.id.clone());
                let failure = Failure::told(tools, wanted.key.to_string(), error);
                report.failed.push(failure);
            }
        }
    }
    settle(library, &mut report, &pinned, &kept);
    (pinned, report)
}

/// What the expansion comes to for the comparison of manifest and lock.
fn files_of(expanded: &[crate::expand::Expanded<'_>]) -> Vec<Expanded> {
    let files = expanded.iter().filter_map(|(_, files)| files.as_ref().ok());
    files
        .flatten()
        .map(|wanted| Expanded {
            artifact: wanted.index,
            file: wanted.key.file.clone(),
            path: match &wanted.origin {
                Origin::File { shown, .. } => Some(shown.clone()),
                Origin::Url(_) | Origin::Blob(_) => None,
            },
        })
        .collect()
}

fn note(tools: &Tools, report: &mut LockReport, wanted: &Wanted<'_>, found: &Found) {
    let key = &wanted.key;
    tools.report(&Event::Pinned {
        key,
        size: found.pin.size,
        change: found.change,
    });
    report.pins.push((key.clone(), found.change));
    match &found.drift {
        Some(drift) if matches!(wanted.origin, Origin::File { .. }) => {
            report.drift.push(drift.clone());
        }
        Some(drift) => {
            tools.report(&Event::Republished { key, drift });
            report.republished.push(drift.clone());
        }
        None => {}
    }
}

/// The lock that comes of it: what was found, and what could not be looked at as it was.
fn settle(
    library: &Library,
    report: &mut LockReport,
    pinned: &[Pinned<'_>],
    kept: &BTreeSet<ArtifactId>,
) {
    let mut lock = Lock::empty(library.manifest.library.name.clone());
    for pinned in pinned {
        lock.upsert(pinned.pin.clone());
    }
    for old in &library.lock.artifacts {
        let key = old.key();
        if lock.get(&key).is_some() {
            continue;
        }
        if kept.contains(&old.id) {
            lock.upsert(old.clone());
        } else {
            report.dropped.push(key);
        }
    }
    report.lock = lock;
}
