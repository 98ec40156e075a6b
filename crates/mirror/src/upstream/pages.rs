//! Small texts from vendors: the page that lists versions, an answer of an API.

use async_trait::async_trait;
use url::Url;

use super::UpstreamError;

/// Where small texts come from. [`Upstream`](super::Upstream) asks the net; a test has them in a map.
#[async_trait]
pub trait Pages: Send + Sync {
    /// The text at `url`.
    ///
    /// # Errors
    ///
    /// As [`Upstream::text_within`](super::Upstream::text_within).
    async fn text(&self, url: &Url) -> Result<String, UpstreamError>;
}
