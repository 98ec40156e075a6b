//! How vendors' files come in, over a network that breaks and from servers that lie.
//!
//! [`Upstream::fetch`] brings a file into a [`Cellar`](crate::Cellar): in several ranges at once where the server can
//! tell one state of a file from another, in one stream that can be resumed elsewhere, from the start again where
//! neither is possible. What it hands out was read back and has the digests that it says; a file that is not the one
//! that is pinned never gets a name there. See `docs/adr/0009-upstream-downloads.md`.
//!
//! | module | holds |
//! | --- | --- |
//! | `options`, `error`, `pages`, `progress` | what a caller says and hears |
//! | `client`, `limits`, `patience`, `answer` | one request, its pace, its repetition, what came of it |
//! | `fetch`, `arrival`, `lane`, `track`, `plan` | a file from its first byte to its place |

mod answer;
mod arrival;
mod client;
mod error;
mod fetch;
mod lane;
mod limits;
mod options;
mod pages;
mod patience;
mod plan;
mod progress;
mod track;

use async_trait::async_trait;
use reqwest::{Method, Response, StatusCode};
use tokio::sync::Semaphore;
use url::Url;

use client::{Ask, Sender};
use patience::Patience;

pub use answer::Probe;
pub use error::{Expected, Found, RedirectProblem, UpstreamError};
pub use fetch::{Fetch, Fetched};
pub use options::UpstreamOptions;
pub use pages::Pages;
pub use progress::{FetchProgress, FetchSnapshot};

/// How long a page may be that is asked for through [`Pages`].
const PAGE_LIMIT: u64 = 16 << 20;

/// A file, and where it is in the end.
#[derive(Debug)]
pub(crate) struct Located {
    /// The last address, which may be signed for a while and is a secret then.
    pub(crate) url: Url,
    pub(crate) probe: Probe,
}

impl Located {
    fn new(response: &Response, probe: Probe) -> Self {
        Self {
            url: response.url().clone(),
            probe,
        }
    }
}

/// The vendors' servers, as seen from here: one pool of connections and one pace for a whole run.
#[derive(Debug)]
pub struct Upstream {
    options: UpstreamOptions,
    sender: Sender,
    /// How many files may come in at once.
    files: Semaphore,
}

impl Upstream {
    /// Sets up the client. Certificates are judged by the system, or by `SSL_CERT_FILE` where that is set; proxies are
    /// those of the system and of `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY`.
    ///
    /// # Errors
    ///
    /// [`UpstreamError::Setup`] if there can be no client.
    pub fn new(options: UpstreamOptions) -> Result<Self, UpstreamError> {
        Ok(Self {
            sender: Sender::new(&options)?,
            files: Semaphore::new(options.concurrency.get()),
            options,
        })
    }

    /// What the server says about a file: by HEAD, or by asking for its first byte where HEAD is refused.
    ///
    /// # Errors
    ///
    /// What the server's answer means, or what kept it from coming; never one of a disk or of content.
    pub async fn probe(&self, url: &Url) -> Result<Probe, UpstreamError> {
        Ok(self.locate(url).await?.probe)
    }

    /// The same, with the address to which all redirects lead.
    pub(crate) async fn locate(&self, url: &Url) -> Result<Located, UpstreamError> {
        let head = self.ask(&Method::HEAD, url, None).await;
        match head {
            Ok(response) => Ok(Located::new(&response, Probe::of_whole(response.headers()))),
            Err(
                UpstreamError::Denied { status: 403, .. }
                | UpstreamError::Status {
                    status: 405 | 501, ..
                },
            ) => {
                let response = self.ask(&Method::GET, url, Some((0, Some(0)))).await?;
                let probe = match response.status() {
                    StatusCode::PARTIAL_CONTENT => Probe::of_part(response.headers()),
                    StatusCode::RANGE_NOT_SATISFIABLE => Probe {
                        size: Some(0),
                        ..Probe::of_part(response.headers())
                    },
                    _ => Probe::of_whole(response.headers()),
                };
                Ok(Located::new(&response, probe))
            }
            Err(error) => Err(error),
        }
    }

    /// The text at `url`, of at most `limit` bytes; what is no UTF-8 in it is replaced.
    ///
    /// # Errors
    ///
    /// [`UpstreamError::TooLong`], or as [`Upstream::probe`].
    pub async fn text_within(&self, url: &Url, limit: u64) -> Result<String, UpstreamError> {
        let mut patience = Patience::new(&self.options);
        loop {
            match self.text_once(url, limit).await {
                Ok(text) => return Ok(text),
                Err(error) => patience.after(error).await?,
            }
        }
    }

    async fn text_once(&self, url: &Url, limit: u64) -> Result<String, UpstreamError> {
        let ask = Ask {
            method: &Method::GET,
            url,
            range: None,
            validator: None,
        };
        let mut response = self.sender.send(ask).await?;
        let mut text = Vec::new();
        while let Some(chunk) = lane::chunk(&mut response, url, text.len() as u64).await? {
            self.sender.limits.bytes(chunk.len()).await;
            text.extend_from_slice(&chunk);
            if text.len() as u64 > limit {
                return Err(UpstreamError::TooLong {
                    url: url.into(),
                    limit,
                });
            }
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    }

    /// Asks until there is an answer, or no hope of one.
    async fn ask(
        &self,
        method: &Method,
        url: &Url,
        range: Option<(u64, Option<u64>)>,
    ) -> Result<Response, UpstreamError> {
        let mut patience = Patience::new(&self.options);
        let ask = Ask {
            method,
            url,
            range,
            validator: None,
        };
        loop {
            match self.sender.send(ask).await {
                Ok(response) => return Ok(response),
                // Some servers do not know HEAD and say so with an error that looks as if it passed.
                Err(error @ UpstreamError::Status { status: 501, .. }) => return Err(error),
                Err(error) => patience.after(error).await?,
            }
        }
    }
}

#[async_trait]
impl Pages for Upstream {
    async fn text(&self, url: &Url) -> Result<String, UpstreamError> {
        self.text_within(url, PAGE_LIMIT).await
    }
}
