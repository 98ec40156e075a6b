//! How the vendors' servers are asked: patience, pace, and what is not done for anybody.

use std::num::{NonZeroU32, NonZeroU64, NonZeroUsize};
use std::time::Duration;

use backon::ExponentialBuilder;
use secrecy::SecretString;

/// What an [`Upstream`](super::Upstream) may do, and how long it waits.
#[derive(Debug, Clone)]
pub struct UpstreamOptions {
    /// How long a connection may take to stand.
    pub connect_timeout: Duration,
    /// How long a server may send nothing before the request counts as failed.
    pub stall: Duration,
    /// How often a request is repeated that may succeed later.
    pub retries: usize,
    /// The first wait between two tries; each further one is twice as long, with jitter.
    pub backoff: Duration,
    /// The longest wait between two tries. A server that asks for more is not asked again.
    pub longest_wait: Duration,
    /// How many bytes a second all downloads together may take.
    pub max_bandwidth: Option<NonZeroU64>,
    /// How many requests a second are sent.
    pub max_requests: Option<NonZeroU32>,
    /// How many ranges of one file are fetched at once.
    pub connections: NonZeroUsize,
    /// How many files are fetched at once.
    pub concurrency: NonZeroUsize,
    /// The shortest range worth a request of its own, in bytes.
    pub segment: NonZeroU64,
    /// After how many bytes it is noted what has arrived: so much, for each connection, is fetched twice after a kill.
    pub checkpoint: NonZeroU64,
    /// Whether a URL without TLS may be asked.
    pub allow_http: bool,
    /// A token for `api.github.com`; no other host ever sees it.
    pub github_token: Option<SecretString>,
}

impl Default for UpstreamOptions {
    fn default() -> Self {
        Self {
            connect_timeout: Duration::from_secs(20),
            stall: Duration::from_mins(1),
            retries: 5,
            backoff: Duration::from_secs(1),
            longest_wait: Duration::from_mins(2),
            max_bandwidth: None,
            max_requests: None,
            connections: NonZeroUsize::MIN.saturating_add(3),
            concurrency: NonZeroUsize::MIN.saturating_add(3),
            segment: NonZeroU64::MIN.saturating_add((8 << 20) - 1),
            checkpoint: NonZeroU64::MIN.saturating_add((16 << 20) - 1),
            allow_http: false,
            github_token: None,
        }
    }
}

impl UpstreamOptions {
    /// The waits between tries.
    pub(super) fn waits(&self) -> ExponentialBuilder {
        ExponentialBuilder::default()
            .with_min_delay(self.backoff)
            .with_max_delay(self.longest_wait)
            .with_max_times(self.retries)
            .with_jitter()
    }
}
