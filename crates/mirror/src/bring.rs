//! Bringing the bytes of a file to this machine, and finding out what they are.

use std::path::{Path, PathBuf};

use bytes::Bytes;
use futures::stream::BoxStream;
use futures::{StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use longshore_content::{Digests, Sha256Digest};
use longshore_manifest::Locked;
use longshore_store::{BlobName, BlobStore, GetOptions, StoreError};
use url::Url;

use crate::expand::{Origin, Wanted};
use crate::pin::Pinned;
use crate::upstream::{Expected, Fetch};
use crate::{Event, ItemError, Tools};

/// What a source says that it has now.
#[derive(Debug, Default)]
pub(crate) struct Now {
    pub(crate) size: Option<u64>,
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<Timestamp>,
    /// Where the source tells them.
    pub(crate) digests: Option<Digests>,
}

/// What was brought to this machine.
#[derive(Debug)]
pub(crate) struct Brought {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    pub(crate) digests: Digests,
    pub(crate) etag: Option<String>,
    pub(crate) modified: Option<Timestamp>,
}

/// Asks a source elsewhere what it has now; files of this machine are not asked.
pub(crate) async fn probe(tools: &Tools, wanted: &Wanted<'_>) -> Result<Now, ItemError> {
    match &wanted.origin {
        Origin::File { .. } => Ok(Now::default()),
        Origin::Url(url) => {
            let probe = tools.upstream.probe(&tools.address(url)).await?;
            Ok(Now {
                size: probe.size,
                etag: probe.etag,
                modified: probe.modified,
                digests: None,
            })
        }
        Origin::Blob(text) => {
            let (store, name) = open(tools, text).await?;
            let there = store.properties(&name).await;
            let there = there.map_err(|cause| blob_error(text, cause))?;
            Ok(Now {
                size: Some(there.size),
                etag: Some(there.etag.to_string()),
                modified: there.last_modified,
                digests: there.metadata.digests(),
            })
        }
    }
}

/// Where the pinned bytes of a file are on this machine; they are fetched when they are not here yet.
pub(crate) async fn path_of(
    tools: &Tools,
    wanted: &Wanted<'_>,
    pin: &Locked,
) -> Result<PathBuf, ItemError> {
    if let Origin::File { path, .. } = &wanted.origin {
        return Ok(path.clone());
    }
    if let Some(path) = tools.cellar.get(&pin.sha256, Some(pin.size)) {
        return Ok(path);
    }
    let expected = Expected {
        size: Some(pin.size),
        sha256: Some(pin.sha256),
        blake3: Some(pin.blake3),
    };
    Ok(bring(tools, wanted, expected).await?.path)
}

/// Fetches a file from elsewhere into the cellar, whatever it is, or only if it is what is expected.
pub(crate) async fn fetch(
    tools: &Tools,
    wanted: &Wanted<'_>,
    sha256: Option<Sha256Digest>,
) -> Result<Brought, ItemError> {
    let expected = Expected {
        sha256,
        ..Expected::default()
    };
    bring(tools, wanted, expected).await
}

async fn bring(
    tools: &Tools,
    wanted: &Wanted<'_>,
    expected: Expected,
) -> Result<Brought, ItemError> {
    match &wanted.origin {
        Origin::Url(url) => from_vendor(tools, wanted, url, expected).await,
        Origin::Blob(text) => from_blob(tools, wanted, text, expected).await,
        Origin::File { path, .. } => {
            let (size, digests) = digest_file(tools, path).await?;
            Ok(Brought {
                path: path.clone(),
                size,
                digests,
                etag: None,
                modified: None,
            })
        }
    }
}

async fn from_vendor(
    tools: &Tools,
    wanted: &Wanted<'_>,
    url: &Url,
    expected: Expected,
) -> Result<Brought, ItemError> {
    tools.report(&Event::Fetching {
        key: &wanted.key,
        from: url.as_str(),
    });
    let fetch = Fetch {
        url: &tools.address(url),
        expected,
    };
    let fetched = tools
        .upstream
        .fetch(&fetch, &tools.cellar, &tools.progress, &tools.cancel)
        .await?;
    tools.report(&Event::Fetched {
        key: &wanted.key,
        size: fetched.size,
        received: fetched.received,
        resumed: fetched.resumed > 0,
    });
    Ok(Brought {
        path: fetched.path,
        size: fetched.size,
        digests: fetched.digests,
        etag: fetched.etag,
        modified: fetched.modified,
    })
}

/// Reads a blob elsewhere into the cellar. Its digests, where it has some, are checked as everything else is.
async fn from_blob(
    tools: &Tools,
    wanted: &Wanted<'_>,
    text: &str,
    expected: Expected,
) -> Result<Brought, ItemError> {
    tools.report(&Event::Fetching {
        key: &wanted.key,
        from: text,
    });
    let (store, name) = open(tools, text).await?;
    let read = store.get(&name, GetOptions::default()).await;
    let read = read.map_err(|cause| blob_error(text, cause))?;
    let there = read.properties;
    let body = read.body.map_err(|cause| blob_error(text, cause));
    let (path, digests) = keep(tools, body.boxed(), expected.sha256).await?;
    tools.report(&Event::Fetched {
        key: &wanted.key,
        size: there.size,
        received: there.size,
        resumed: false,
    });
    Ok(Brought {
        path,
        size: there.size,
        digests,
        etag: Some(there.etag.to_string()),
        modified: there.last_modified,
    })
}

/// Writes what comes into the cellar, if it is what is expected.
async fn keep(
    tools: &Tools,
    mut body: BoxStream<'_, Result<Bytes, ItemError>>,
    expected: Option<Sha256Digest>,
) -> Result<(PathBuf, Digests), ItemError> {
    let mut arriving = tools.cellar.begin()?;
    while let Some(piece) = body.try_next().await? {
        if tools.cancel.is_draining() {
            return Err(ItemError::Stopped);
        }
        arriving.write(&piece)?;
    }
    let cellar = tools.cellar.clone();
    let kept = tokio::task::spawn_blocking(move || cellar.keep(arriving, expected)).await;
    kept.map_err(|_| ItemError::Stopped)?
}

/// When these bytes of a source were first seen on this machine: now, if never before.
pub(crate) fn first_seen(
    tools: &Tools,
    wanted: &Wanted<'_>,
    brought: &Brought,
) -> Result<Timestamp, ItemError> {
    let Origin::Url(url) = &wanted.origin else {
        // Blobs tell their dates.
        return Ok(tools.now);
    };
    let seen = tools
        .cellar
        .first_seen(url, &brought.digests.sha256, tools.now);
    Ok(seen?)
}

/// Removes a download that the destination holds by now.
pub(crate) fn let_go(tools: &Tools, pinned: &Pinned<'_>) {
    if matches!(pinned.wanted.origin, Origin::File { .. }) {
        return;
    }
    if let Err(error) = tools.cellar.forget(&pinned.pin.sha256) {
        tracing::debug!(%error, "a download that is no longer needed stays");
    }
}

/// Both digests of a file of this machine, and its size.
pub(crate) async fn digest_file(tools: &Tools, path: &Path) -> Result<(u64, Digests), ItemError> {
    let found = tools.digests.of(path).await;
    found.map_err(|cause| ItemError::File {
        path: path.to_owned(),
        cause: cause.into(),
    })
}

async fn open(
    tools: &Tools,
    text: &str,
) -> Result<(std::sync::Arc<dyn BlobStore>, BlobName), ItemError> {
    let opened = tools.places.open(text).await;
    opened.map_err(|cause| ItemError::Blob {
        blob: text.to_owned(),
        cause,
    })
}

fn blob_error(text: &str, cause: StoreError) -> ItemError {
    ItemError::Blob {
        blob: text.to_owned(),
        cause: cause.into(),
    }
}
