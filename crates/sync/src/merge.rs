//! Two sorted streams made one: what the source has, what the destination has, name by name.

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use longshore_store::{BlobStore, ListOptions, ListPage, ListedBlob, ListingOrder, StoreError};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::source::{LocalFile, LocalItem};
use crate::task::ended;
use crate::{ItemError, Note, Progress, SyncError};

/// Pages fetched ahead of the merge.
const PAGES_AHEAD: usize = 2;

/// One name, and where it was found.
#[derive(Debug)]
pub(crate) enum Pair {
    /// A file, and the blob of its name if there is one.
    File(LocalFile, Option<ListedBlob>),
    /// A blob that the source has no file for.
    Surplus(ListedBlob),
    /// Something in the source that is not staged; its blob, if any, stays.
    Skipped(String, Note),
    /// Something in the source that could not be read.
    Failed(ItemError),
}

/// Starts fetching the listing, a few pages ahead of whoever takes them.
pub(crate) fn list_ahead(
    store: &Arc<dyn BlobStore>,
    options: ListOptions,
) -> mpsc::Receiver<Result<ListPage, StoreError>> {
    let (sender, receiver) = mpsc::channel(PAGES_AHEAD);
    let mut pages = store.list_pages(options);
    tokio::spawn(async move {
        while let Some(page) = pages.next().await {
            if sender.send(page).await.is_err() {
                break;
            }
        }
    });
    receiver
}

/// The walk, running on a thread of its own.
#[derive(Debug)]
pub(crate) struct Walk {
    pub(crate) batches: mpsc::Receiver<Vec<LocalItem>>,
    pub(crate) thread: JoinHandle<()>,
}

impl Walk {
    /// Makes sure that it came to its end: a walk that died must not look like a source that ended.
    async fn finish(&mut self) {
        ended((&mut self.thread).await);
    }
}

/// The merge. Its state survives a dropped [`Merge::fill`].
#[derive(Debug)]
pub(crate) struct Merge {
    order: ListingOrder,
    destination: String,
    local: Source,
    remote: Listing,
}

#[derive(Debug)]
struct Source {
    walk: Walk,
    items: VecDeque<LocalItem>,
    ended: bool,
}

#[derive(Debug)]
struct Listing {
    /// The page that came before the others, to see whether the destination can be used at all.
    first: Option<ListPage>,
    pages: mpsc::Receiver<Result<ListPage, StoreError>>,
    blobs: VecDeque<ListedBlob>,
    last: Option<String>,
    ended: bool,
}

impl Merge {
    pub(crate) fn new(
        order: ListingOrder,
        destination: String,
        walk: Walk,
        (first, pages): (
            Option<ListPage>,
            mpsc::Receiver<Result<ListPage, StoreError>>,
        ),
    ) -> Self {
        Self {
            order,
            destination,
            local: Source {
                walk,
                items: VecDeque::new(),
                ended: false,
            },
            remote: Listing {
                first,
                pages,
                blobs: VecDeque::new(),
                last: None,
                ended: false,
            },
        }
    }

    /// Whether both sides have ended.
    pub(crate) fn is_over(&self) -> bool {
        self.local.ended
            && self.remote.ended
            && self.local.items.is_empty()
            && self.remote.blobs.is_empty()
    }

    /// Waits until [`Merge::next`] can answer.
    pub(crate) async fn fill(&mut self, progress: &Progress) -> Result<(), SyncError> {
        while self.local.items.is_empty() && !self.local.ended {
            match self.local.walk.batches.recv().await {
                Some(batch) => self.local.items.extend(batch),
                None => {
                    self.local.walk.finish().await;
                    self.local.ended = true;
                }
            }
        }
        while self.remote.blobs.is_empty() && !self.remote.ended {
            let page = match self.remote.first.take() {
                Some(page) => Some(Ok(page)),
                None => self.remote.pages.recv().await,
            };
            match page {
                Some(Ok(page)) => self.take(page, progress)?,
                Some(Err(cause)) => {
                    return Err(SyncError::Destination {
                        destination: self.destination.clone(),
                        cause,
                    });
                }
                None => self.remote.ended = true,
            }
        }
        Ok(())
    }

    /// Takes a page, after making sure that it goes on where the last one ended.
    fn take(&mut self, page: ListPage, progress: &Progress) -> Result<(), SyncError> {
        for blob in page.blobs.into_iter().filter(|blob| !blob.is_directory) {
            if let Some(last) = &self.remote.last
                && self.order.compare(last, &blob.name) != Ordering::Less
            {
                return Err(SyncError::ListingOrder {
                    destination: self.destination.clone(),
                    earlier: blob.name,
                    later: last.clone(),
                });
            }
            progress.blobs_listed.add(1);
            self.remote.last = Some(blob.name.clone());
            self.remote.blobs.push_back(blob);
        }
        Ok(())
    }

    /// The next name; none when [`Merge::fill`] must be asked first, or when all is over.
    pub(crate) fn next(&mut self) -> Option<Pair> {
        if self.local.items.is_empty() && !self.local.ended
            || self.remote.blobs.is_empty() && !self.remote.ended
        {
            return None;
        }
        let side = match (self.local.items.front(), self.remote.blobs.front()) {
            (None, None) => return None,
            (None, Some(_)) => Ordering::Greater,
            (Some(LocalItem::Failed(_)), _) | (Some(_), None) => Ordering::Less,
            (Some(LocalItem::File(file)), Some(blob)) => {
                self.order.compare(file.name.as_str(), &blob.name)
            }
            (Some(LocalItem::Skipped(name, _)), Some(blob)) => self.order.compare(name, &blob.name),
        };
        if side == Ordering::Greater {
            return self.remote.blobs.pop_front().map(Pair::Surplus);
        }
        let blob = if side == Ordering::Equal {
            self.remote.blobs.pop_front()
        } else {
            None
        };
        Some(match self.local.items.pop_front()? {
            LocalItem::File(file) => Pair::File(file, blob),
            LocalItem::Skipped(name, note) => Pair::Skipped(name, note),
            LocalItem::Failed(error) => Pair::Failed(error),
        })
    }
}
