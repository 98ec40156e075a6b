//! Bringing a vendor's file in without its bytes passing through here: the service fetches it, and it is then proved.
//!
//! What the vendor sends goes into a temporary blob, is read back from there and hashed; only what is pinned is copied,
//! again by the service, to the blob that a release may name. Whatever the service cannot do is no failure: the bytes
//! then come through this machine, which also finds out what is wrong with them. It must not know how that is done.
//!
//! | module | holds |
//! | --- | --- |
//! | `copy` | one blob, written by the service on its own |
//! | `read_back` | what a blob holds |
//! | `halt` | why it ends early |

mod copy;
mod halt;
mod read_back;

use std::sync::Arc;

use longshore_content::{BlockLayout, Digests, FileContent};
use longshore_manifest::{BlobPath, Locked};
use longshore_store::{
    BlobName, BlobStore, BlockName, Condition, CopySource, DeleteOptions, ETag, MAX_PUT_FROM,
    Metadata, StoreError, WriteOptions,
};
use longshore_sync::content_type;
use url::Url;

use crate::expand::Origin;
use crate::pin::Pinned;
use crate::{Event, ItemError, Shelf, Tools};
use copy::Copy;
use halt::{Halt, through_here};
use read_back::{Version, read_back};

/// Where temporary blobs are, below the shelf. Nothing that begins with `_` is an artifact of a library.
const INCOMING: &str = "_incoming";

/// The service asks for so much in one request. More comes faster by ranges, and one long request may be cut.
const ONE_REQUEST: u64 = 32 << 20;

/// In how many answers a vendor sent a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    One,
    /// They may be of different states of the file.
    Several,
}

/// Lets the service fetch what is pinned, and tells whether it did; if not, the bytes have to come through here.
pub(crate) async fn ingest(
    tools: &Tools,
    shelf: &Shelf,
    (pinned, blob): (&Pinned<'_>, &BlobPath),
) -> Result<bool, ItemError> {
    let Pinned { wanted, pin } = pinned;
    let Origin::Url(url) = &wanted.origin else {
        return Ok(false);
    };
    if tools.cellar.get(&pin.sha256, Some(pin.size)).is_some() {
        return Ok(false);
    }
    let name = |path: String| BlobName::new(format!("{}{path}", shelf.prefix()));
    let ingest = Ingest {
        tools,
        store: shelf.store(),
        pin,
        incoming: name(format!("{INCOMING}/{}", pin.sha256))
            .map_err(|error| ItemError::Ingest(error.into()))?,
        to: name(blob.to_string()).map_err(|error| ItemError::Ingest(error.into()))?,
    };
    let outcome = ingest.run(&tools.address(url)).await;
    ingest.clean_up().await;
    match outcome {
        Ok(()) => {
            tools.report(&Event::Ingested {
                key: &wanted.key,
                size: pin.size,
            });
            Ok(true)
        }
        Err(Halt::ThroughHere(cause)) => {
            tracing::info!(file = %wanted.key, cause, "not fetched by the service");
            Ok(false)
        }
        Err(Halt::Item(error)) => Err(error),
    }
}

/// One file on its way from a vendor to the service.
struct Ingest<'a> {
    tools: &'a Tools,
    store: &'a Arc<dyn BlobStore>,
    pin: &'a Locked,
    /// The temporary blob.
    incoming: BlobName,
    /// The blob that it is to be.
    to: BlobName,
}

impl Ingest<'_> {
    async fn run(&self, url: &Url) -> Result<(), Halt> {
        let answers = self.fetch(url).await?;
        let (content, version) = self.prove(answers).await?;
        self.keep(&content, &version).await
    }

    /// Has the service fetch the file into the temporary blob, over what an earlier run may have left there.
    async fn fetch(&self, url: &Url) -> Result<Answers, Halt> {
        // The service follows no redirect.
        let located = self.tools.upstream.locate(url).await?;
        let source = CopySource::public(located.url, Some(self.pin.size))?;
        let copy = Copy {
            store: &**self.store,
            cancel: &self.tools.cancel,
            to: &self.incoming,
            source: &source,
            options: WriteOptions::default(),
        };
        if self.pin.size > ONE_REQUEST && located.probe.accepts_ranges {
            let layout = BlockLayout::for_file(self.pin.size).map_err(through_here)?;
            let names: Result<Vec<_>, _> = layout
                .blocks()
                .map(|block| BlockName::new(block.index.to_be_bytes()))
                .collect();
            copy.by_blocks(&layout, &names.map_err(through_here)?)
                .await?;
            return Ok(Answers::Several);
        }
        if self.pin.size > MAX_PUT_FROM {
            return Err(through_here(
                "it is too large for one request, and the vendor answers no ranges",
            ));
        }
        copy.whole().await?;
        Ok(Answers::One)
    }

    /// Makes sure that the temporary blob holds what is pinned.
    async fn prove(&self, answers: Answers) -> Result<(FileContent, ETag), Halt> {
        let there = self.store.properties(&self.incoming).await?;
        let version = Version {
            name: &self.incoming,
            etag: &there.etag,
            size: there.size,
        };
        let content = read_back(&**self.store, version, &self.tools.cancel).await?;
        if content.digests == self.digests() {
            return Ok((content, there.etag));
        }
        Err(match answers {
            Answers::One => Halt::Item(ItemError::Mismatch {
                expected: self.pin.sha256,
                found: content.digests.sha256,
            }),
            Answers::Several => through_here("what came in several answers is not what is pinned"),
        })
    }

    /// Has the service make the blob of what was proved, by the blocks and with the metadata of every upload.
    async fn keep(&self, content: &FileContent, version: &ETag) -> Result<(), Halt> {
        let source = self.store.copy_source(&self.incoming, Some(version));
        let source = source.await?;
        let copy = Copy {
            store: &**self.store,
            cancel: &self.tools.cancel,
            to: &self.to,
            source: &source,
            options: WriteOptions {
                condition: Condition::Absent,
                content_type: content_type(self.pin.file.as_str()),
                metadata: Metadata::of(&content.digests),
            },
        };
        let outcome = if content.layout.is_single() {
            copy.whole().await
        } else {
            let names: Vec<_> = content.blocks.iter().map(|&id| id.into()).collect();
            copy.by_blocks(&content.layout, &names).await
        };
        self.settle(outcome).await
    }

    /// Takes the outcome of the last write: after an answer that got lost, or beside somebody who does the same, what is
    /// there counts.
    async fn settle(&self, outcome: Result<(), Halt>) -> Result<(), Halt> {
        let Err(halt) = outcome else {
            return Ok(());
        };
        match self.store.properties(&self.to).await {
            Ok(there)
                if there.size == self.pin.size
                    && there.metadata.digests() == Some(self.digests()) =>
            {
                Ok(())
            }
            Ok(_) | Err(_) => Err(halt),
        }
    }

    /// What is pinned.
    fn digests(&self) -> Digests {
        Digests {
            blake3: self.pin.blake3,
            sha256: self.pin.sha256,
        }
    }

    /// Removes the temporary blob, whatever happened. Should it stay, the next run writes over it.
    async fn clean_up(&self) {
        let deleted = self.store.delete(&self.incoming, DeleteOptions::default());
        match deleted.await {
            Ok(()) | Err(StoreError::NotFound { .. }) => {}
            Err(error) => {
                tracing::warn!(blob = %self.incoming, %error, "a temporary blob stays");
            }
        }
    }
}
