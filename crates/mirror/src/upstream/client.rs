//! Requests to vendors: one pool for a run, redirects followed by our rules, statuses and failures as errors.
//!
//! It must not know files. Nothing is decompressed: a range of what is compressed is a range of something else.

use std::error::Error as _;

use jiff::Timestamp;
use longshore_azure::SafeUrl;
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, AUTHORIZATION, HeaderMap, HeaderValue, IF_RANGE, LOCATION, RANGE,
};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, Response, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use url::{Host, Url};

use super::answer::retry_after;
use super::limits::Limits;
use super::{RedirectProblem, UpstreamError, UpstreamOptions};

const USER_AGENT: &str = concat!("longshore/", env!("CARGO_PKG_VERSION"));

/// The one host that is shown the token.
const GITHUB: &str = "api.github.com";

/// How many redirects lead to a file at most.
const MAX_REDIRECTS: usize = 10;

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'a> {
    pub(super) method: &'a Method,
    pub(super) url: &'a Url,
    /// The first byte and the last, if not all of them are wanted.
    pub(super) range: Option<(u64, Option<u64>)>,
    /// The state of the file of which the range is wanted.
    pub(super) validator: Option<&'a str>,
}

/// Sends requests.
#[derive(Debug)]
pub(super) struct Sender {
    /// For this machine itself, which no proxy can reach.
    here: Client,
    /// For all others, through the proxy of the system if there is one.
    there: Client,
    allow_http: bool,
    github_token: Option<SecretString>,
    pub(super) limits: Limits,
}

impl Sender {
    pub(super) fn new(options: &UpstreamOptions) -> Result<Self, UpstreamError> {
        let builder = || {
            Client::builder()
                .user_agent(USER_AGENT)
                .no_gzip()
                .no_deflate()
                .no_brotli()
                .no_zstd()
                .redirect(Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .http1_only()
                .tcp_nodelay(true)
                .connect_timeout(options.connect_timeout)
                .read_timeout(options.stall)
        };
        let build = |builder: reqwest::ClientBuilder| builder.build().map_err(UpstreamError::Setup);
        Ok(Self {
            here: build(builder().no_proxy())?,
            there: build(builder())?,
            allow_http: options.allow_http,
            github_token: options.github_token.clone(),
            limits: Limits::new(options),
        })
    }

    /// Asks, and follows where that leads; an answer is one of success, or one to a range that there is not.
    pub(super) async fn send(&self, ask: Ask<'_>) -> Result<Response, UpstreamError> {
        let mut url = ask.url.clone();
        for _ in 0..=MAX_REDIRECTS {
            self.check_scheme(&url, ask.url)?;
            let response = self.send_once(ask, &url).await?;
            if !is_redirect(response.status()) {
                return judged(ask.url, response);
            }
            url = target(&url, response.headers()).map_err(|problem| redirect(ask.url, problem))?;
            tracing::debug!(from = %SafeUrl::from(ask.url), to = %SafeUrl::from(&url), "redirected");
        }
        Err(redirect(ask.url, RedirectProblem::TooMany))
    }

    async fn send_once(&self, ask: Ask<'_>, url: &Url) -> Result<Response, UpstreamError> {
        self.limits.request().await;
        let client = if is_here(url) {
            &self.here
        } else {
            &self.there
        };
        let request = client
            .request(ask.method.clone(), url.clone())
            .headers(self.headers(ask, url));
        request.send().await.map_err(|error| failed(ask.url, error))
    }

    fn headers(&self, ask: Ask<'_>, url: &Url) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        let is_github = url.scheme() == "https" && url.host_str() == Some(GITHUB);
        headers.insert(
            ACCEPT,
            HeaderValue::from_static(if is_github {
                "application/vnd.github+json, */*;q=0.5"
            } else {
                "*/*"
            }),
        );
        let token = self.github_token.as_ref().filter(|_| is_github);
        if let Some(Ok(mut value)) =
            token.map(|token| HeaderValue::try_from(format!("Bearer {}", token.expose_secret())))
        {
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        if let Some((first, last)) = ask.range {
            let last = last.map(|last| last.to_string()).unwrap_or_default();
            // Digits and a hyphen are a value that any header takes.
            if let Ok(range) = HeaderValue::try_from(format!("bytes={first}-{last}")) {
                headers.insert(RANGE, range);
            }
            let condition = ask
                .validator
                .and_then(|text| HeaderValue::from_str(text).ok());
            headers.extend(condition.map(|condition| (IF_RANGE, condition)));
        }
        headers
    }

    fn check_scheme(&self, url: &Url, asked: &Url) -> Result<(), UpstreamError> {
        match url.scheme() {
            "https" => Ok(()),
            "http" if self.allow_http && asked.scheme() == "http" => Ok(()),
            "http" if asked.scheme() == "https" => Err(redirect(asked, RedirectProblem::Downgrade)),
            _ => Err(UpstreamError::Insecure { url: asked.into() }),
        }
    }
}

/// Where a redirect leads, without credentials that somebody wrote into it.
fn target(from: &Url, headers: &HeaderMap) -> Result<Url, RedirectProblem> {
    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok());
    let mut url = location
        .and_then(|location| from.join(location).ok())
        .filter(Url::has_host)
        .ok_or(RedirectProblem::Unreadable)?;
    if from.scheme() == "https" && url.scheme() == "http" {
        return Err(RedirectProblem::Downgrade);
    }
    // These fail only for URLs without a host.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    Ok(url)
}

fn redirect(url: &Url, problem: RedirectProblem) -> UpstreamError {
    UpstreamError::Redirect {
        url: url.into(),
        problem,
    }
}

fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Whether a URL is of this machine.
fn is_here(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// The answer, or what its status says.
fn judged(url: &Url, response: Response) -> Result<Response, UpstreamError> {
    let status = response.status();
    if status.is_success() || status == StatusCode::RANGE_NOT_SATISFIABLE {
        return Ok(response);
    }
    let after = retry_after(response.headers(), Timestamp::now());
    let url = url.into();
    let number = status.as_u16();
    Err(match number {
        404 | 410 => UpstreamError::Gone { url },
        // GitHub answers so when somebody asked too often, and says when it will be better.
        401 | 403 if after.is_none() => UpstreamError::Denied {
            url,
            status: number,
        },
        408 => UpstreamError::TimedOut { url, cause: None },
        401 | 403 | 429 => UpstreamError::Throttled {
            url,
            status: number,
            after,
        },
        500.. if after.is_some() => UpstreamError::Throttled {
            url,
            status: number,
            after,
        },
        _ => UpstreamError::Status {
            url,
            status: number,
        },
    })
}

/// What kept an answer from coming.
fn failed(url: &Url, error: reqwest::Error) -> UpstreamError {
    // A cause must not show the query of the URL either.
    let cause = error.without_url();
    let url = url.into();
    if cause.is_timeout() {
        UpstreamError::TimedOut {
            url,
            cause: Some(cause),
        }
    } else if is_tls(&cause) {
        UpstreamError::Tls { url, cause }
    } else {
        UpstreamError::Unreachable { url, cause }
    }
}

/// Whether it was the secure connection that failed. The TLS library is known by its words alone here.
fn is_tls(error: &reqwest::Error) -> bool {
    const WORDS: [&str; 3] = [
        "certificate",
        "received fatal alert",
        "received corrupt message",
    ];
    let mut cause = error.source();
    while let Some(error) = cause {
        let text = error.to_string();
        if WORDS.iter().any(|word| text.contains(word)) {
            return true;
        }
        cause = error.source();
    }
    false
}

#[cfg(test)]
mod tests;
