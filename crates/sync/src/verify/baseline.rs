//! From what a caller names to two streams of names: what is expected, and what is there.

use std::path::Path;
use std::sync::Arc;

use futures::{StreamExt, TryStreamExt, stream};
use longshore_store::{BlobStore, ListOptions, ListPage, ListedBlob, ListingOrder, StoreError};
use tokio::sync::mpsc;

use super::pairs::{Expectations, ExpectedItem, Items, Want};
use super::{Contents, ExpectedDirectory, Facts, Wanted};
use crate::cache::{DigestCache, Reader, Writer};
use crate::source::{Filter, IGNORE_FILE, LocalItem, Walk, WalkContext};
use crate::{Event, ItemError, Note, Reporter, SyncError, SyncOptions};

/// Pages asked for ahead of the comparison.
const PAGES_AHEAD: usize = 2;

/// A directory that can be compared with.
pub(super) struct OpenDirectory {
    directory: ExpectedDirectory,
    pub(super) filter: Arc<Filter>,
    reader: Option<Reader>,
    pub(super) writer: Option<Writer>,
}

impl OpenDirectory {
    /// Makes sure that it is there, and opens its digest cache.
    pub(super) fn open(
        directory: ExpectedDirectory,
        reporter: &dyn Reporter,
    ) -> Result<Self, SyncError> {
        fs_err::read_dir(&directory.path).map_err(|cause| SyncError::Source {
            path: directory.path.clone(),
            cause,
        })?;
        let choice = SyncOptions {
            include: directory.include.clone(),
            exclude: directory.exclude.clone(),
            ..SyncOptions::default()
        };
        let filter = Arc::new(Filter::new(&directory.path, &choice)?);
        let cache = DigestCache::open(&directory.cache, &directory.path).unwrap_or_else(|error| {
            let note = Note::NoCache {
                why: error.to_string(),
            };
            reporter.report(&Event::Noted(&note));
            None
        });
        let (reader, writer) = match cache {
            Some(cache) => (cache.reader(), Some(cache.into_writer())),
            None => (None, None),
        };
        Ok(Self {
            directory,
            filter,
            reader,
            writer,
        })
    }

    /// Walks it, beside whoever takes its files.
    pub(super) fn expectations(&mut self, prefix: &str, order: ListingOrder) -> Expectations {
        let root = self.directory.path.clone();
        let walk = Walk::start(WalkContext {
            root: root.clone(),
            prefix: prefix.to_owned(),
            filter: Arc::clone(&self.filter),
            order,
            follow_symlinks: self.directory.follow_symlinks,
            cache: self.reader.take(),
        });
        let place = root.display().to_string();
        let prefix = prefix.to_owned();
        let items = walked(walk).map(move |item| {
            Ok(match item {
                LocalItem::File(file) => {
                    ExpectedItem::Name(file.name.to_string(), Want::File(file))
                }
                LocalItem::Skipped(name, note) => ExpectedItem::Skipped(name, note),
                LocalItem::Failed(error) => {
                    ExpectedItem::Failed(name_of(&error, &root, &prefix), error)
                }
            })
        });
        Expectations {
            items: items.boxed(),
            place,
            is_complete: true,
        }
    }
}

fn walked(walk: Walk) -> stream::BoxStream<'static, LocalItem> {
    stream::unfold(walk, |mut walk| async move {
        walk.fill().await;
        Some((walk.pop()?, walk))
    })
    .boxed()
}

/// The name below which nothing is known, after an error of the walk; that of everything when nobody can tell.
fn name_of(error: &ItemError, root: &Path, prefix: &str) -> String {
    let whole = prefix.trim_end_matches('/').to_owned();
    let (ItemError::Read { path, .. }
    | ItemError::Name { path, .. }
    | ItemError::Changed { path }
    | ItemError::TooLarge { path, .. }
    | ItemError::LinkLoop { path }) = error
    else {
        return whole;
    };
    // Rules that cannot be read hide their whole directory.
    let path = match path.parent() {
        Some(parent) if path.file_name().is_some_and(|name| name == IGNORE_FILE) => parent,
        _ => path,
    };
    let Ok(relative) = path.strip_prefix(root) else {
        return whole;
    };
    let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy()).collect();
    if parts.is_empty() {
        whole
    } else {
        format!("{prefix}{}", parts.join("/"))
    }
}

/// Nothing is expected.
pub(super) fn nothing() -> Expectations {
    Expectations {
        items: stream::empty().boxed(),
        place: String::new(),
        is_complete: false,
    }
}

/// What somebody else knows.
pub(super) fn of_contents(contents: Contents, prefix: &str) -> Expectations {
    let prefix = prefix.to_owned();
    let items = contents.blobs.map_ok(move |blob| {
        ExpectedItem::Name(format!("{prefix}{}", blob.name), Want::Wanted(blob.wanted))
    });
    Expectations {
        items: items.boxed(),
        place: contents.shown,
        is_complete: contents.is_complete,
    }
}

/// What another destination records.
pub(super) async fn of_destination(
    store: &Arc<dyn BlobStore>,
    there: String,
    here: &str,
    order: ListingOrder,
) -> Result<Expectations, SyncError> {
    let place = store.to_string();
    let unusable = |cause| SyncError::Expected {
        place: store.to_string(),
        cause,
    };
    if store.listing_order().await.map_err(unusable)? != order {
        return Err(SyncError::UnlikeOrders { place });
    }
    let here = here.to_owned();
    let shown = place.clone();
    let items = blobs(store, folder(&there))
        .map_err(move |cause| SyncError::Expected {
            place: shown.clone(),
            cause,
        })
        .map_ok(move |blob| {
            let name = blob.name.strip_prefix(&there).unwrap_or(&blob.name);
            let wanted = Wanted::Content(Facts::from(&blob));
            ExpectedItem::Name(format!("{here}{name}"), Want::Wanted(wanted))
        });
    Ok(Expectations {
        items: items.boxed(),
        place,
        is_complete: true,
    })
}

/// What is there. With `alone`, the prefix `apps/` names also the blob `apps`.
pub(super) fn listing(store: &Arc<dyn BlobStore>, prefix: &str, alone: bool) -> Items<ListedBlob> {
    let options = if alone {
        folder(prefix.trim_end_matches('/'))
    } else {
        folder(prefix)
    };
    let (place, prefix) = (store.to_string(), prefix.to_owned());
    blobs(store, options)
        .try_filter(move |blob| {
            let is_meant = blob.name.starts_with(&prefix)
                || alone && blob.name == prefix.trim_end_matches('/');
            std::future::ready(is_meant)
        })
        .map_err(move |cause| SyncError::Destination {
            destination: place.clone(),
            cause,
        })
        .boxed()
}

fn folder(prefix: &str) -> ListOptions {
    ListOptions {
        prefix: prefix.to_owned(),
        ..ListOptions::default()
    }
}

/// The blobs of a listing, whose pages are asked for a little ahead of whoever takes them.
fn blobs(
    store: &Arc<dyn BlobStore>,
    options: ListOptions,
) -> stream::BoxStream<'static, Result<ListedBlob, StoreError>> {
    let (sender, pages) = mpsc::channel(PAGES_AHEAD);
    let mut listing = store.list_pages(options);
    tokio::spawn(async move {
        while let Some(page) = listing.next().await {
            if sender.send(page).await.is_err() {
                break;
            }
        }
    });
    stream::unfold(pages, |mut pages: mpsc::Receiver<_>| async move {
        let page: Result<ListPage, StoreError> = pages.recv().await?;
        Some((page, pages))
    })
    .map_ok(|page| stream::iter(page.blobs.into_iter().map(Ok)))
    .try_flatten()
    .try_filter(|blob| std::future::ready(!blob.is_directory && !blob.is_uncommitted()))
    .boxed()
}
