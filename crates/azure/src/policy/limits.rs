//! At most so many requests and bytes a second, over all requests of a connection.

use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Request};
use futures::StreamExt as _;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use tokio::sync::Mutex;
use tokio::time::Instant;

/// A byte limit is counted in at most so many units a second, because governor counts in 32 bits.
const MOST_UNITS: u64 = 1_000_000;
/// How much of a second may pass at once: small enough to be smooth, large enough for few wake-ups.
const BURSTS_PER_SECOND: u32 = 10;

/// Holds requests back until the limits allow them.
#[derive(Debug)]
pub(crate) struct LimitsPolicy {
    requests: Option<Limiter>,
    bytes: Option<Arc<Limiter>>,
}

impl LimitsPolicy {
    pub(crate) fn new(requests: Option<NonZeroU32>, bytes: Option<NonZeroU64>) -> Self {
        Self {
            requests: requests.map(|rate| Limiter::new(rate, 1)),
            bytes: bytes.map(|rate| Arc::new(Limiter::for_bytes(rate))),
        }
    }
}

#[async_trait]
impl Policy for LimitsPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        if let Some(limiter) = &self.requests {
            limiter.acquire(1).await;
        }
        let Some(limiter) = &self.bytes else {
            return next[0].send(ctx, request, &next[1..]).await;
        };
        limiter
            .acquire(request.body().len().unwrap_or_default())
            .await;
        let response = next[0].send(ctx, request, &next[1..]).await?;
        Ok(slowed(response, Arc::clone(limiter)))
    }
}

/// Charges what comes back as it is read, so that a download is slowed down too.
fn slowed(response: AsyncRawResponse, limiter: Arc<Limiter>) -> AsyncRawResponse {
    let (status, headers, body) = response.deconstruct();
    let body = body.then(move |chunk| {
        let limiter = Arc::clone(&limiter);
        async move {
            let chunk = chunk?;
            limiter.acquire(chunk.len() as u64).await;
            Ok(chunk)
        }
    });
    AsyncRawResponse::new(status, headers, Box::pin(body))
}

/// One limit: who comes first is served first, and nobody waits while holding more than a turn.
#[derive(Debug)]
struct Limiter {
    cells: RateLimiter<NotKeyed, InMemoryState, TokioClock, NoOpMiddleware<Duration>>,
    burst: NonZeroU32,
    bytes_per_cell: u64,
    clock: TokioClock,
    turn: Mutex<()>,
}

impl Limiter {
    fn new(rate: NonZeroU32, bytes_per_cell: u64) -> Self {
        let burst = NonZeroU32::new(rate.get() / BURSTS_PER_SECOND).unwrap_or(NonZeroU32::MIN);
        let clock = TokioClock(Instant::now());
        Self {
            cells: RateLimiter::direct_with_clock(
                Quota::per_second(rate).allow_burst(burst),
                clock,
            ),
            burst,
            bytes_per_cell,
            clock,
            turn: Mutex::new(()),
        }
    }

    fn for_bytes(rate: NonZeroU64) -> Self {
        let bytes_per_cell = rate.get().div_ceil(MOST_UNITS);
        let cells = u32::try_from(rate.get() / bytes_per_cell).unwrap_or(u32::MAX);
        Self::new(
            NonZeroU32::new(cells).unwrap_or(NonZeroU32::MIN),
            bytes_per_cell,
        )
    }

    /// Waits until this amount may pass, charged in bursts so that no amount is too large.
    async fn acquire(&self, amount: u64) {
        let mut cells = amount.div_ceil(self.bytes_per_cell);
        while cells > 0 {
            let wanted = u32::try_from(cells)
                .unwrap_or(u32::MAX)
                .min(self.burst.get());
            if let Some(wanted) = NonZeroU32::new(wanted) {
                self.acquire_burst(wanted).await;
            }
            cells -= u64::from(wanted);
        }
    }

    async fn acquire_burst(&self, cells: NonZeroU32) {
        // The mutex is fair and held while waiting: no herd wakes up for one cell.
        let _turn = self.turn.lock().await;
        while let Ok(Err(early)) = self.cells.check_n(cells) {
            let wait = early.wait_time_from(self.clock.now());
            // Timers are rounded; a wait of nothing would spin.
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }
}

/// Tokio's clock, so that paused time pauses the limits too.
#[derive(Clone, Copy, Debug)]
struct TokioClock(Instant);

impl Clock for TokioClock {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_for(limiter: &Limiter, amounts: &[u64]) -> f64 {
        let start = Instant::now();
        for amount in amounts {
            limiter.acquire(*amount).await;
        }
        start.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_larger_than_a_second_passes_at_the_rate() {
        for rate in [64 * 1024, 1 << 20, 3_000_000_000_u64] {
            let limiter = Limiter::for_bytes(NonZeroU64::new(rate).unwrap());
            let seconds = seconds_for(&limiter, &[8 * rate]).await;
            assert!((7.5..8.5).contains(&seconds), "{rate}: {seconds}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_rate_of_one_byte_is_kept() {
        let limiter = Limiter::for_bytes(NonZeroU64::MIN);
        let seconds = seconds_for(&limiter, &[5]).await;
        assert!((3.9..5.1).contains(&seconds), "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_pass_at_the_rate_and_nothing_is_free() {
        let limiter = Limiter::new(NonZeroU32::new(100).unwrap(), 1);
        let seconds = seconds_for(&limiter, &[1; 500]).await;
        assert!((4.8..5.2).contains(&seconds), "{seconds}");
        assert!(seconds_for(&limiter, &[0]).await < 0.001);
    }

    #[tokio::test(start_paused = true)]
    async fn those_who_wait_together_share_the_rate() {
        let limiter = Limiter::for_bytes(NonZeroU64::new(1 << 20).unwrap());
        let start = Instant::now();
        let all = (0..8).map(|_| limiter.acquire(1 << 20));
        futures::future::join_all(all).await;
        let seconds = start.elapsed().as_secs_f64();
        assert!((7.5..8.5).contains(&seconds), "{seconds}");
    }
}
