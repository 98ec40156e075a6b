//! The HTTP client: one pool for a whole run.
//!
//! It is ours and not the SDK's default because that one gives up 60 s after a request began, decompresses what the
//! SDK then cannot cut into ranges, and sends requests for the machine itself through a proxy.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Transport};
use reqwest::redirect::Policy;
use url::{Host, Url};

use crate::error::{AzureError, Cause};

/// How long an idle connection is kept; the service closes its own after some minutes.
const POOL_IDLE: Duration = Duration::from_secs(90);

/// Builds the transport of a connection.
///
/// # Errors
///
/// [`AzureError::Setup`] if the TLS library or the proxy settings of the system cannot be used.
pub(crate) fn build(
    concurrency: usize,
    connect_timeout: Duration,
) -> Result<Transport, AzureError> {
    let builder = || {
        reqwest::Client::builder()
            .no_gzip()
            .no_deflate()
            .no_brotli()
            .no_zstd()
            .redirect(Policy::none())
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(connect_timeout)
            .pool_max_idle_per_host(concurrency)
            .pool_idle_timeout(POOL_IDLE)
    };
    let setup = |error: reqwest::Error| AzureError::Setup {
        cause: Cause::of(&error),
    };
    Ok(Transport::new(Arc::new(Router {
        outward: builder().build().map_err(setup)?,
        inward: builder().no_proxy().build().map_err(setup)?,
    })))
}

/// Sends what stays on this machine past every proxy.
#[derive(Debug)]
struct Router {
    outward: reqwest::Client,
    inward: reqwest::Client,
}

#[async_trait]
impl HttpClient for Router {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let client = if stays_here(request.url()) {
            &self.inward
        } else {
            &self.outward
        };
        client.execute_request(request).await
    }
}

/// Whether a URL is of this machine, or of the metadata service that only this machine can ask.
fn stays_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback() || address.is_link_local(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_reached_without_a_proxy() {
        let check =
            |url: &str, expect| assert_eq!(stays_here(&url.parse().unwrap()), expect, "{url}");
        check("http://127.0.0.1:10000/a", true);
        check("http://[::1]:10000/a", true);
        check("http://a.blob.localhost:10000/", true);
        check("http://169.254.169.254/metadata", true);
        check("https://a.blob.core.windows.net/", false);
        check("http://10.0.0.4/", false);
    }
}
