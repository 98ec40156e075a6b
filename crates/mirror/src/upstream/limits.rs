//! How fast it may go: requests and bytes a second, for a whole run.

use std::num::{NonZeroU32, NonZeroU64};

use governor::{DefaultDirectRateLimiter, Quota, RateLimiter};

use super::UpstreamOptions;

/// The pace of a run.
#[derive(Debug)]
pub(super) struct Limits {
    requests: Option<DefaultDirectRateLimiter>,
    bytes: Option<(DefaultDirectRateLimiter, NonZeroU32)>,
}

impl Limits {
    pub(super) fn new(options: &UpstreamOptions) -> Self {
        let requests = options.max_requests.map(|most| {
            // One after another: a burst of a second's requests is what throttling servers count.
            RateLimiter::direct(Quota::per_second(most).allow_burst(NonZeroU32::MIN))
        });
        let bytes = options.max_bandwidth.map(|most| {
            let burst = burst(most);
            (RateLimiter::direct(Quota::per_second(burst)), burst)
        });
        Self { requests, bytes }
    }

    /// Waits until a request may be sent.
    pub(super) async fn request(&self) {
        if let Some(limiter) = &self.requests {
            limiter.until_ready().await;
        }
    }

    /// Waits until so many bytes more may have been taken.
    pub(super) async fn bytes(&self, count: usize) {
        let Some((limiter, burst)) = &self.bytes else {
            return;
        };
        let mut left = u32::try_from(count).unwrap_or(u32::MAX);
        while let Some(part) = NonZeroU32::new(left.min(burst.get())) {
            // It fails only for more than a burst.
            let _ = limiter.until_n_ready(part).await;
            left -= part.get();
        }
    }
}

/// More than 4 GiB a second is no limit that anybody meets.
fn burst(most: NonZeroU64) -> NonZeroU32 {
    NonZeroU32::try_from(most).unwrap_or(NonZeroU32::MAX)
}
