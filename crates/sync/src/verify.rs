//! Auditing a destination: whether its blobs are what they say of themselves, and what somebody expects.
//!
//! The listing alone tells names, sizes and recorded digests. Of a blob of several blocks the committed list is asked
//! for, whose ids merge into the content that it names; reading bytes is for those who ask for it, for all blobs or a
//! sample. What is expected comes as a sorted stream of names beside the listing, whoever knows it, so memory does not
//! grow with the library.
//!
//! | module | holds |
//! | --- | --- |
//! | `options`, `expected` | what an audit is told |
//! | `finding`, `summary` | what it says |
//! | `judge` | the judgement of one blob, pure |
//! | `baseline`, `pairs` | what is expected and what is there, made one stream |
//! | `sample` | which blobs are read |
//! | `check`, `read`, `files` | looking at one name, reading blobs and files |
//! | `audit` | what all of these share |

mod audit;
mod baseline;
mod check;
mod expected;
mod files;
mod finding;
mod judge;
mod options;
mod pairs;
mod planned;
mod read;
mod sample;
mod summary;

use std::sync::Arc;

use futures::StreamExt;
use futures::stream::FuturesUnordered;
use longshore_store::{BlobStore, ListingOrder};

use crate::cache::Writer;
use crate::source::Shield;
use crate::{Cancel, Progress, Reporter, SyncError};
use audit::Audit;
use baseline::OpenDirectory;
use check::{check, is_worth_reading};
use pairs::{Expectations, Pair, Pairs, Spared, Step};
use sample::Sampler;

pub use expected::{Against, Contents, ExpectedBlob, ExpectedDirectory, Facts, Wanted};
pub use finding::{Adoption, Damage, Difference, Doubt, Finding, Proof, Verdict};
pub use options::{Deep, Sample, SampleSize, SampleSizeError, VerifyOptions};
pub use summary::{Sampled, VerifyCounts, VerifySummary};

/// An audit of a container, or of a folder in it.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use std::sync::Arc;
///
/// use bytes::Bytes;
/// use longshore_store::{BlobStore, MemoryStore, WriteOptions};
/// use longshore_sync::{Cancel, NoReporter, Verify, VerifyOptions};
///
/// let store = Arc::new(MemoryStore::new());
/// let bytes = Bytes::from_static(b"MZ");
/// store.put(&"setup.exe".try_into()?, bytes, WriteOptions::default()).await?;
///
/// let verify = Verify::new(store, VerifyOptions::default());
/// let summary = verify.run(Arc::new(NoReporter), Cancel::new()).await?;
///
/// assert_eq!(summary.counts.foreign, 1, "nobody recorded its digests");
/// assert_eq!(summary.counts.damaged, 0);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Verify {
    store: Arc<dyn BlobStore>,
    options: VerifyOptions,
    progress: Arc<Progress>,
}

impl Verify {
    /// Prepares an audit; nothing happens yet.
    pub fn new(store: Arc<dyn BlobStore>, options: VerifyOptions) -> Self {
        Self {
            store,
            options,
            progress: Arc::default(),
        }
    }

    /// The running numbers.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }

    /// Runs to the end, on a tokio runtime with time and threads for blocking work.
    ///
    /// # Errors
    ///
    /// [`SyncError`] when the audit as a whole cannot go on: `Source` and `Pattern` for the directory, `Expected`,
    /// `UnlikeOrders` and `ListingOrder` for what it is compared with, `Destination` for the destination itself. What
    /// is found is no error, and what cannot be checked is reported and counted.
    pub async fn run(
        mut self,
        reporter: Arc<dyn Reporter>,
        cancel: Cancel,
    ) -> Result<VerifySummary, SyncError> {
        let against = std::mem::take(&mut self.options.against);
        let mut baseline = match against {
            Against::Directory(directory) => {
                Baseline::Directory(Box::new(OpenDirectory::open(directory, &*reporter)?))
            }
            other => Baseline::Other(other),
        };
        let writer = baseline.take_writer();
        let notes = writer.as_ref().map(Writer::notes);
        let around = (reporter, cancel);
        let audit = Audit::new(
            Arc::clone(&self.store),
            &self.options,
            self.progress(),
            around,
            notes,
        );
        let audit = Arc::new(audit);
        let outcome = tokio::select! {
            outcome = self.work(&audit, baseline) => outcome,
            () = audit.cancel.aborted() => Ok(None),
        };
        let summary = outcome.map(|sampled| self.summarise(&audit, sampled));
        drop(audit);
        if let Some(writer) = writer {
            // Losing the thread's panic is right: the cache is a shortcut.
            drop(tokio::task::spawn_blocking(move || writer.finish(None)).await);
        }
        summary
    }

    /// Looks at every name, many at a time.
    async fn work(
        &self,
        audit: &Arc<Audit>,
        mut baseline: Baseline,
    ) -> Result<Option<Sampled>, SyncError> {
        let order = self
            .store
            .listing_order()
            .await
            .map_err(|cause| SyncError::Destination {
                destination: self.store.to_string(),
                cause,
            })?;
        let alone = baseline.is_nothing();
        let expectations = baseline.expectations(&self.options.prefix, order).await?;
        let filter = baseline.filter();
        let prefix = self.options.prefix.as_str();
        let pairs = Pairs::new(
            order,
            expectations,
            (
                self.store.to_string(),
                baseline::listing(&self.store, prefix, alone),
            ),
            Spared::new(prefix, filter.as_deref().map(Shield::new)),
            &self.progress,
        );
        let mut feed = Feed {
            audit,
            pairs,
            sampler: Sampler::new(self.options.deep.clone()),
            has_ended: false,
        };
        check_all(audit, &mut feed, self.options.concurrency.max(1)).await?;
        let (chosen, candidates) = feed.sampler.counts();
        let is_deep = self.options.deep != Deep::Off;
        Ok(is_deep.then_some(Sampled { chosen, candidates }))
    }

    fn summarise(&self, audit: &Audit, sampled: Option<Sampled>) -> VerifySummary {
        let numbers = self.progress.snapshot();
        VerifySummary {
            counts: audit.counts(),
            failed: numbers.files_failed,
            conflicts: audit.conflicts.get(),
            skipped: audit.skipped.get(),
            sampled,
            bytes_verified: numbers.bytes_verified,
            bytes_read: numbers.bytes_read,
            cancelled: audit.cancel.level(),
            dry_run: self.options.dry_run,
        }
    }
}

/// Keeps as many names under way as may be, until there are no more or the audit is stopped.
async fn check_all(audit: &Arc<Audit>, feed: &mut Feed<'_>, limit: usize) -> Result<(), SyncError> {
    let mut checks = FuturesUnordered::new();
    let mut has_ended = false;
    loop {
        tokio::select! {
            () = audit.cancel.drained(), if !has_ended => has_ended = true,
            Some(outcome) = checks.next(), if !checks.is_empty() => outcome?,
            next = feed.next(), if !has_ended && checks.len() < limit => match next? {
                Some((pair, deep)) => checks.push(check(audit, pair, deep)),
                None => has_ended = true,
            },
            else => return Ok(()),
        }
    }
}

/// What is compared with, opened.
enum Baseline {
    Directory(Box<OpenDirectory>),
    Other(Against),
}

impl Baseline {
    const fn is_nothing(&self) -> bool {
        matches!(self, Self::Other(Against::Nothing))
    }

    fn take_writer(&mut self) -> Option<Writer> {
        match self {
            Self::Directory(directory) => directory.writer.take(),
            Self::Other(_) => None,
        }
    }

    /// What the directory leaves out.
    fn filter(&self) -> Option<Arc<crate::source::Filter>> {
        match self {
            Self::Directory(directory) => Some(Arc::clone(&directory.filter)),
            Self::Other(_) => None,
        }
    }

    async fn expectations(
        &mut self,
        prefix: &str,
        order: ListingOrder,
    ) -> Result<Expectations, SyncError> {
        let against = match self {
            Self::Directory(directory) => return Ok(directory.expectations(prefix, order)),
            Self::Other(against) => std::mem::take(against),
        };
        match against {
            Against::Nothing | Against::Directory(_) => Ok(baseline::nothing()),
            Against::Contents(contents) => Ok(baseline::of_contents(contents, prefix)),
            Against::Destination {
                store,
                prefix: there,
            } => baseline::of_destination(&store, there, prefix, order).await,
        }
    }
}

/// Names to be looked at, each with whether its blob is to be read.
struct Feed<'run> {
    audit: &'run Audit,
    pairs: Pairs<'run>,
    sampler: Sampler<Pair>,
    has_ended: bool,
}

impl Feed<'_> {
    /// The next one; may be dropped and asked for again.
    async fn next(&mut self) -> Result<Option<(Pair, bool)>, SyncError> {
        while !self.has_ended {
            let pair = match self.pairs.next().await? {
                Some(Step::Pair(pair)) => *pair,
                Some(Step::Skipped(note)) => {
                    self.audit.skip(&note);
                    continue;
                }
                Some(Step::Failed(error)) => {
                    self.audit.failed(error)?;
                    continue;
                }
                None => {
                    self.has_ended = true;
                    break;
                }
            };
            if !is_worth_reading(&pair) {
                return Ok(Some((pair, false)));
            }
            let name = pair.name.clone();
            if let Some(decided) = self.sampler.take(&name, pair) {
                return Ok(Some(decided));
            }
        }
        Ok(self.sampler.drain().map(|pair| (pair, true)))
    }
}
