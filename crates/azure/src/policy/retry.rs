//! Trying again: with full jitter, as long as the service asks, and not at all where it cannot help.
//!
//! The SDK's own retries are switched off and this policy stands in their place: it sees every error, honours
//! `Retry-After` on every status, and gives up early while no answer was ever received. A run whose host name is
//! wrong must fail in seconds; one whose line drops for a minute must not. All writes of Longshore may be repeated,
//! see DESIGN, section 3.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{ERROR_CODE, HeaderName, Headers, RETRY_AFTER};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{Context, Request, StatusCode};
use tokio::time::Instant;
use tracing::debug;

use super::RequestMeter;
use super::headers::header;
use crate::error::is_timeout;

const AGAIN: &[StatusCode] = &[
    StatusCode::RequestTimeout,
    StatusCode::TooManyRequests,
    StatusCode::InternalServerError,
    StatusCode::BadGateway,
    StatusCode::ServiceUnavailable,
    StatusCode::GatewayTimeout,
];
const IN_MILLISECONDS: [HeaderName; 2] = [
    HeaderName::from_static("retry-after-ms"),
    HeaderName::from_static("x-ms-retry-after-ms"),
];
/// How often a connection is tried again while nobody ever answered, and for how long.
const FIRST_CONNECTION: (u32, Duration) = (2, Duration::from_secs(5));
/// The same for an exchange that breaks: whoever listens there may not speak this protocol.
const FIRST_EXCHANGE: (u32, Duration) = (4, Duration::from_secs(45));
/// At most this is added to what the service asked for, so that not all come back at once.
const CROWD_JITTER: Duration = Duration::from_secs(1);

/// How long to wait between attempts, and for how long in all.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    /// The most that the first wait can be; it doubles from there.
    pub(crate) initial: Duration,
    /// The most that any wait can be, unless the service asks for more.
    pub(crate) cap: Duration,
    /// How many attempts may follow the first.
    pub(crate) retries: u32,
    /// The time within which attempts may begin, counted from the first failure.
    pub(crate) budget: Duration,
}

impl Backoff {
    /// A wait anywhere between nothing and the doubled bound: `fraction` is in `0..1`.
    fn wait(&self, attempt: u32, fraction: f64) -> Duration {
        let bound = self
            .initial
            .saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX));
        bound.min(self.cap).mul_f64(fraction)
    }
}

/// Where the jitter comes from: a number in `0..1`.
pub(crate) type Jitter = Arc<dyn Fn() -> f64 + Send + Sync>;

/// Tries again.
pub(crate) struct RetryPolicy {
    backoff: Backoff,
    jitter: Jitter,
    meter: RequestMeter,
    /// Whether anything ever answered on this connection.
    contact: AtomicBool,
}

impl fmt::Debug for RetryPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RetryPolicy")
            .field("backoff", &self.backoff)
            .finish_non_exhaustive()
    }
}

impl RetryPolicy {
    pub(crate) fn new(backoff: Backoff, jitter: Jitter, meter: RequestMeter) -> Self {
        Self {
            backoff,
            jitter,
            meter,
            contact: AtomicBool::new(false),
        }
    }

    /// How long to wait before the next attempt; none if there is to be none.
    fn next_wait(&self, result: &PolicyResult, run: &Run) -> Option<Duration> {
        let asked = match result {
            Ok(response) if is_passing(response.status(), response.headers()) => {
                asked_for(response.headers(), SystemTime::now())
            }
            Ok(_) => return None,
            Err(error) if self.is_hopeless(error, run) => return None,
            Err(_) => None,
        };
        let fraction = (self.jitter)();
        let own = self.backoff.wait(run.retries, fraction);
        let wait = asked.map_or(own, |asked| {
            own.max(asked.saturating_add(CROWD_JITTER.min(asked).mul_f64(fraction)))
        });
        let over = run
            .first_failure
            .map_or(Duration::ZERO, |failure| failure.elapsed())
            .saturating_add(wait);
        // A line that is down fails at once, so attempts would soon be used up: there the time alone decides.
        let down = result.as_ref().is_err_and(|error| !is_timeout(error));
        let uncounted = self.backoff.retries > 0 && down;
        let left = uncounted || run.retries < self.backoff.retries;
        (left && over <= self.backoff.budget).then_some(wait)
    }

    fn is_hopeless(&self, error: &Error, run: &Run) -> bool {
        let (retries, patience) = match error.kind() {
            ErrorKind::Connection => FIRST_CONNECTION,
            ErrorKind::Io => FIRST_EXCHANGE,
            _ => return true,
        };
        let answered = self.contact.load(Ordering::Relaxed);
        !answered && (run.retries >= retries || run.start.elapsed() > patience)
    }
}

/// One call and its attempts so far.
struct Run {
    start: Instant,
    first_failure: Option<Instant>,
    retries: u32,
}

#[async_trait]
impl Policy for RetryPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let mut run = Run {
            start: Instant::now(),
            first_failure: None,
            retries: 0,
        };
        loop {
            let result = next[0].send(ctx, request, &next[1..]).await;
            if result.is_ok() {
                self.contact.store(true, Ordering::Relaxed);
            }
            let Some(wait) = self.next_wait(&result, &run) else {
                return result;
            };
            debug!(
                attempt = run.retries + 1,
                wait_ms = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
                status = result
                    .as_ref()
                    .ok()
                    .map(|response| u16::from(response.status())),
                "trying again"
            );
            // The answer's connection is free to be used again before the wait, not after it.
            drop(result);
            run.first_failure.get_or_insert_with(Instant::now);
            run.retries += 1;
            self.meter.count_retry();
            tokio::time::sleep(wait).await;
            request.body_mut().reset().await?;
        }
    }
}

/// Whether another attempt may be answered otherwise. Emulators call what they lack an internal error.
fn is_passing(status: StatusCode, headers: &Headers) -> bool {
    AGAIN.contains(&status) && header(headers, &ERROR_CODE) != Some("FeatureNotSupported")
}

/// How long the service asked to wait, in any of its ways of saying so.
fn asked_for(headers: &Headers, now: SystemTime) -> Option<Duration> {
    let milliseconds = IN_MILLISECONDS
        .iter()
        .filter_map(|name| header(headers, name)?.trim().parse().ok())
        .map(Duration::from_millis)
        .max();
    milliseconds.or_else(|| {
        let text = header(headers, &RETRY_AFTER)?.trim();
        if let Ok(seconds) = text.parse() {
            return Some(Duration::from_secs(seconds));
        }
        let date = httpdate::parse_http_date(text).ok()?;
        Some(date.duration_since(now).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests;
