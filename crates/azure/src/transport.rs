//! The HTTP client: one pool for a whole run.
//!
//! It is ours and not the SDK's default because that one gives up 60 s after a request began, decompresses what the
//! SDK then cannot cut into ranges, and sends requests for the machine itself through a proxy. What goes through a proxy
//! is left to reqwest; all else goes the short way of [`direct`].

mod direct;
mod pool;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::{AsyncRawResponse, Body, HttpClient, Request, Transport};
use hyper_util::client::proxy::matcher::Matcher;
use reqwest::redirect::Policy;
use url::{Host, Url};

use direct::Direct;

/// How long an idle connection is kept; the service closes its own after some minutes.
const POOL_IDLE: Duration = Duration::from_secs(90);

/// Says that no client could be built here; below it stands why.
#[derive(Debug, thiserror::Error)]
#[error("the HTTP client cannot be set up")]
pub(crate) struct SetupFailed(#[source] Box<dyn std::error::Error + Send + Sync>);

impl SetupFailed {
    fn because(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Error {
        Error::with_error(ErrorKind::Other, Self(error.into()), "no HTTP client")
    }
}

/// The transport of a connection.
pub(crate) fn transport(concurrency: usize, connect_timeout: Duration) -> Transport {
    Transport::new(Arc::new(Router::new(concurrency, connect_timeout)))
}

/// Sends what stays on this machine past every proxy.
///
/// What is needed is built by the first request that needs it: reading the system's certificates takes longer than a
/// short run may.
#[derive(Debug)]
struct Router {
    direct: Direct,
    proxies: OnceLock<Matcher>,
    proxied: OnceLock<reqwest::Client>,
    concurrency: usize,
    connect_timeout: Duration,
}

impl Router {
    fn new(concurrency: usize, connect_timeout: Duration) -> Self {
        Self {
            direct: Direct::new(concurrency, connect_timeout),
            proxies: OnceLock::new(),
            proxied: OnceLock::new(),
            concurrency,
            connect_timeout,
        }
    }

    /// Whether a proxy stands between this machine and the URL.
    fn is_proxied(&self, url: &Url) -> bool {
        if stays_here(url) {
            return false;
        }
        let proxies = self.proxies.get_or_init(Matcher::from_system);
        // What is no address for this library is none for the other one either, and that one says why.
        url.as_str()
            .parse()
            .map_or(true, |uri| proxies.intercept(&uri).is_some())
    }

    fn proxied(&self) -> azure_core::Result<&reqwest::Client> {
        if let Some(client) = self.proxied.get() {
            return Ok(client);
        }
        let client = self.build().map_err(SetupFailed::because)?;
        // Two first requests may both build one; one of the two is kept.
        Ok(self.proxied.get_or_init(|| client))
    }

    fn build(&self) -> reqwest::Result<reqwest::Client> {
        reqwest::Client::builder()
            .no_gzip()
            .no_deflate()
            .no_brotli()
            .no_zstd()
            .redirect(Policy::none())
            .http1_only()
            .tcp_nodelay(true)
            .connect_timeout(self.connect_timeout)
            .pool_max_idle_per_host(self.concurrency)
            .pool_idle_timeout(POOL_IDLE)
            .build()
    }
}

#[async_trait]
impl HttpClient for Router {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        match request.body() {
            Body::Bytes(body) if !self.is_proxied(request.url()) => {
                self.direct.send(request, body.clone()).await
            }
            _ => self.proxied()?.execute_request(request).await,
        }
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
        let router = Router::new(1, Duration::from_secs(1));
        assert!(router.proxied.get().is_none());
        for _ in 0..2 {
            router.proxied().unwrap();
        }
        assert!(router.proxied.get().is_some());
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

    #[test]
    fn a_proxy_is_used_for_what_it_is_there_for() {
        let router = Router::new(1, Duration::from_secs(1));
        let matcher = Matcher::builder()
            .all("http://proxy.example:3128")
            .no("intern.example")
            .build();
        assert!(router.proxies.set(matcher).is_ok());
        let check = |url: &str, expect| {
            assert_eq!(router.is_proxied(&url.parse().unwrap()), expect, "{url}");
        };
        check("https://a.blob.core.windows.net/c/b?sig=a%2Fb", true);
        check("https://a.intern.example/c", false);
        check("http://127.0.0.1:10000/a", false);
    }
}
