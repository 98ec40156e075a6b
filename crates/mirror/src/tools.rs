//! What a run over a library works with.

use std::sync::Arc;

use async_trait::async_trait;
use jiff::Timestamp;
use longshore_store::{BlobName, BlobStore};
use longshore_sync::{Cancel, FileDigests};
use url::Url;

use crate::cellar::Cellar;
use crate::upstream::{FetchProgress, Pages, Upstream, UpstreamError};
use crate::{Event, Reporter};

/// Opens blobs elsewhere, as a manifest writes them.
#[async_trait]
pub trait Places: std::fmt::Debug + Send + Sync + 'static {
    /// The container of a blob, and its name there.
    ///
    /// # Errors
    ///
    /// Whatever says why it cannot be opened, without a secret.
    async fn open(
        &self,
        text: &str,
    ) -> Result<(Arc<dyn BlobStore>, BlobName), Box<dyn std::error::Error + Send + Sync>>;
}

/// A part of the web that is reached elsewhere: what begins with one address is asked for at another.
///
/// Locks and releases keep the address of the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rewrite {
    /// What an address begins with.
    pub from: String,
    /// What takes its place.
    pub to: String,
}

/// What a run over a library works with.
pub struct Tools {
    /// Vendors' servers.
    pub upstream: Upstream,
    /// Where files rest on their way.
    pub cellar: Cellar,
    /// Blobs elsewhere.
    pub places: Arc<dyn Places>,
    /// Other addresses of vendors.
    pub rewrites: Vec<Rewrite>,
    /// What files of this machine hold.
    pub digests: FileDigests,
    /// Who hears what happens.
    pub reporter: Arc<dyn Reporter>,
    /// How the run is stopped.
    pub cancel: Cancel,
    /// The numbers of downloads.
    pub progress: Arc<FetchProgress>,
    /// When the run takes place.
    pub now: Timestamp,
}

impl Tools {
    /// Where to ask for what a manifest names.
    pub(crate) fn address(&self, url: &Url) -> Url {
        let text = url.as_str();
        let other = self.rewrites.iter().find_map(|rewrite| {
            let rest = text.strip_prefix(rewrite.from.as_str())?;
            format!("{}{rest}", rewrite.to).parse().ok()
        });
        other.unwrap_or_else(|| url.clone())
    }

    pub(crate) fn report(&self, event: &Event<'_>) {
        self.reporter.report(event);
    }
}

#[async_trait]
impl Pages for Tools {
    async fn text(&self, url: &Url) -> Result<String, UpstreamError> {
        self.upstream.text(&self.address(url)).await
    }
}

impl std::fmt::Debug for Tools {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tools")
            .field("upstream", &self.upstream)
            .field("cellar", &self.cellar)
            .finish_non_exhaustive()
    }
}
