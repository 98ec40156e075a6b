//! The HTTP client: one pool for a whole run.
//!
//! It is ours and not the SDK's default because that one gives up 60 s after a request began, decompresses what the
//! SDK then cannot cut into ranges, and sends requests for the machine itself through a proxy.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, HttpClient, Request, Transport};
use reqwest::redirect::Policy;
use url::{Host, Url};

/// How long an idle connection is kept; the service closes its own after some minutes.
const POOL_IDLE: Duration = Duration::from_secs(90);

/// Says that no client could be built here; below it stands why.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub(crate) struct SetupFailed(#[source] reqwest::Error);

/// The transport of a connection.
pub(crate) fn transport(concurrency: usize, connect_timeout: Duration) -> Transport {
    Transport::new(Arc::new(Router {
        concurrency,
        connect_timeout,
        outward: OnceLock::new(),
        inward: OnceLock::new(),
    }))
}

/// Sends what stays on this machine past every proxy.
///
/// A client is built by the first request that needs it: reading the system's certificates takes longer than a
/// short run may.
#[derive(Debug)]
struct Router {
    concurrency: usize,
    connect_timeout: Duration,
    outward: OnceLock<reqwest::Client>,
    inward: OnceLock<reqwest::Client>,
}

impl Router {
    fn client_for(&self, url: &Url) -> azure_core::Result<&reqwest::Client> {
        let here = stays_here(url);
        let cell = if here { &self.inward } else { &self.outward };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        let client = self.build(here).map_err(|error| {
            Error::with_error(ErrorKind::Other, SetupFailed(error), "no HTTP client")
        })?;
        // Two first requests may both build one; one of the two is kept.
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, here: bool) -> reqwest::Result<reqwest::Client> {
        let builder = reqwest::Client::builder()
            .no_gzip()
            .no_deflate()
            .no_brotli()
            .no_zstd()
            .redirect(Policy::none())
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(self.connect_timeout)
            .pool_max_idle_per_host(self.concurrency)
            .pool_idle_timeout(POOL_IDLE);
        if here {
            builder.no_proxy().build()
        } else {
            builder.build()
        }
    }
}

#[async_trait]
impl HttpClient for Router {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        self.client_for(request.url())?
            .execute_request(request)
            .await
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
    fn a_client_is_built_when_it_is_needed_and_kept() {
        let router = Router {
            concurrency: 1,
            connect_timeout: Duration::from_secs(1),
            outward: OnceLock::new(),
            inward: OnceLock::new(),
        };
        for _ in 0..2 {
            router
                .client_for(&"http://127.0.0.1:1/".parse().unwrap())
                .unwrap();
        }
        assert!(router.inward.get().is_some());
        assert!(router.outward.get().is_none());
    }

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
