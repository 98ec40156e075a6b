//! Why something did not come in, by what a caller can do about it.

use std::path::PathBuf;
use std::time::Duration;

use longshore_azure::SafeUrl;
use longshore_content::{Blake3Digest, Digests, Sha256Digest};

use crate::cellar::CellarError;

/// What a file must be; whatever is not known is not asked of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Expected {
    /// Its size in bytes.
    pub size: Option<u64>,
    /// Its SHA-256.
    pub sha256: Option<Sha256Digest>,
    /// Its BLAKE3.
    pub blake3: Option<Blake3Digest>,
}

/// What a file was found to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// Its size in bytes.
    pub size: u64,
    /// Its digests; none when its size alone told that it is another one.
    pub digests: Option<Digests>,
}

impl Expected {
    /// Whether this is the file.
    pub fn fits(&self, found: &Found) -> bool {
        let fits = |digests: &Digests| {
            self.sha256.is_none_or(|sha256| sha256 == digests.sha256)
                && self.blake3.is_none_or(|blake3| blake3 == digests.blake3)
        };
        self.size.is_none_or(|size| size == found.size) && found.digests.as_ref().is_none_or(fits)
    }
}

/// What is wrong with a redirect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RedirectProblem {
    /// It leads to another redirect, again and again.
    #[error("too many redirects")]
    TooMany,
    /// It leads from a URL with TLS to one without.
    #[error("it leads from https to http")]
    Downgrade,
    /// It does not say where to go.
    #[error("it names no URL to go to")]
    Unreadable,
}

/// Why something did not come in.
///
/// The URL in it is the one that was asked for; queries are not shown, as they may carry signatures.
#[derive(Debug, thiserror::Error)]
pub enum UpstreamError {
    /// There is nothing at the URL (404, 410).
    #[error("nothing is there any more: {url}")]
    Gone {
        /// What was asked for.
        url: SafeUrl,
    },
    /// The server wants somebody else to ask, or another place (401, 403).
    #[error("the server refuses access (HTTP {status}): {url}")]
    Denied {
        /// What was asked for.
        url: SafeUrl,
        /// The answer's status.
        status: u16,
    },
    /// The server asks for patience, longer than there is (429, 503 with a time).
    #[error("the server asks to come back later (HTTP {status}): {url}")]
    Throttled {
        /// What was asked for.
        url: SafeUrl,
        /// The answer's status.
        status: u16,
        /// How long it wants to be left alone.
        after: Option<Duration>,
    },
    /// Nothing came for too long.
    #[error("the server went silent: {url}")]
    TimedOut {
        /// What was asked for.
        url: SafeUrl,
        /// What happened.
        #[source]
        cause: Option<reqwest::Error>,
    },
    /// There was no connection, or it broke before an answer came.
    #[error("the server cannot be reached: {url}")]
    Unreachable {
        /// What was asked for.
        url: SafeUrl,
        /// What happened.
        #[source]
        cause: reqwest::Error,
    },
    /// The server's certificate is not trusted here, or no secure connection came about.
    #[error("no secure connection came about: {url}")]
    Tls {
        /// What was asked for.
        url: SafeUrl,
        /// What happened.
        #[source]
        cause: reqwest::Error,
    },
    /// The answer ended early, again and again.
    #[error("the answer ended after {received} bytes: {url}")]
    Truncated {
        /// What was asked for.
        url: SafeUrl,
        /// Up to where the file came.
        received: u64,
        /// What happened, if the connection broke.
        #[source]
        cause: Option<reqwest::Error>,
    },
    /// The server contradicts itself about how long the file is, or which part of it this is.
    #[error("the server says {said} and sends something else: {url}")]
    WrongLength {
        /// What was asked for.
        url: SafeUrl,
        /// What it said.
        said: String,
    },
    /// The file became another one while it was fetched, again and again.
    #[error("the file changes while it is fetched: {url}")]
    Changed {
        /// What was asked for.
        url: SafeUrl,
    },
    /// The file is not the one that was expected.
    #[error("not the file that is pinned: {url}")]
    Mismatch {
        /// What was asked for.
        url: SafeUrl,
        /// What it should be.
        expected: Box<Expected>,
        /// What it is.
        found: Box<Found>,
    },
    /// The server sends elsewhere, and that is not gone along with.
    #[error("a redirect is not followed, {problem}: {url}")]
    Redirect {
        /// What was asked for.
        url: SafeUrl,
        /// What is wrong with it.
        problem: RedirectProblem,
    },
    /// The URL has no TLS, or is of no kind that can be fetched.
    #[error("only https is fetched: {url}")]
    Insecure {
        /// What was asked for.
        url: SafeUrl,
    },
    /// A page is longer than any that is read.
    #[error("the page is longer than {limit} bytes: {url}")]
    TooLong {
        /// What was asked for.
        url: SafeUrl,
        /// How much is read at most.
        limit: u64,
    },
    /// The server answers with a status that means nothing here.
    #[error("the server answers HTTP {status}: {url}")]
    Status {
        /// What was asked for.
        url: SafeUrl,
        /// The answer's status.
        status: u16,
    },
    /// Another process is fetching the same file.
    #[error("another process is fetching this file: `{}`", path.display())]
    Busy {
        /// The file that it writes.
        path: PathBuf,
    },
    /// What came cannot be kept.
    #[error("a file on its way cannot be kept")]
    Disk(#[source] CellarError),
    /// There is no HTTP client.
    #[error("the HTTP client cannot be set up")]
    Setup(#[source] reqwest::Error),
    /// The run was stopped.
    #[error("stopped")]
    Cancelled,
}

impl From<CellarError> for UpstreamError {
    fn from(error: CellarError) -> Self {
        match error {
            CellarError::Busy { path } => Self::Busy { path },
            error => Self::Disk(error),
        }
    }
}

impl UpstreamError {
    /// What to do next, where something can be done.
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Gone { .. } => {
                "see whether the vendor moved it, and correct the `url` of the artifact"
            }
            Self::Denied { .. } => {
                "the URL may need a login, or its signature has run out; open it in a browser"
            }
            Self::Throttled { .. } => {
                "run again later; what has arrived is kept; for GitHub a token allows more"
            }
            Self::TimedOut { .. } | Self::Truncated { .. } => {
                "run again: what has arrived is kept where the server allows it"
            }
            Self::Unreachable { .. } => {
                "check the network, and HTTPS_PROXY and NO_PROXY if there is a proxy"
            }
            Self::Tls { .. } => {
                "if a proxy opens TLS, its root must be trusted here: install it, or name its file in SSL_CERT_FILE"
            }
            Self::WrongLength { .. } => {
                "a proxy or the vendor's server is broken; try another network, or tell the vendor"
            }
            Self::Changed { .. } => "the vendor seems to be publishing; run again later",
            Self::Mismatch { .. } => {
                "the vendor put other bytes at this URL; look at them before you lock the artifact anew"
            }
            Self::Redirect { .. } => "name the URL in the manifest to which the vendor leads now",
            Self::Insecure { .. } => "use the https URL, or allow plain http for this run",
            Self::Busy { .. } => "wait until the other run is done",
            Self::Disk(_) => "check the space and the permissions of the cache directory",
            Self::TooLong { .. } | Self::Status { .. } | Self::Setup(_) | Self::Cancelled => {
                return None;
            }
        })
    }

    /// Whether the same request may succeed later.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Throttled { .. }
            | Self::TimedOut { .. }
            | Self::Unreachable { .. }
            | Self::Truncated { .. }
            | Self::Busy { .. } => true,
            Self::Status { status, .. } => *status >= 500,
            _ => false,
        }
    }

    /// How long the server wants to be left alone.
    pub(super) fn after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { after, .. } => *after,
            _ => None,
        }
    }
}
