//! A deadline for each attempt that grows with its body.
//!
//! The SDK's own client gives up 60 s after a request began, however much of its body is still to be sent. Here a
//! large block on a slow line has the time that it needs, and a dead connection is noticed all the same, also while
//! an answer is being read.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Request};
use futures::StreamExt as _;
use futures::stream;
use tokio::time::Instant;

/// A deadline for one call, put into its [`Context`]: for work that the service does before it answers.
#[derive(Clone, Copy, Debug)]
pub struct AttemptDeadline(pub Duration);

/// Says that an attempt took longer than its deadline.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("no answer within {} s", .0.as_secs())]
pub(crate) struct AttemptTimedOut(pub(crate) Duration);

/// Ends attempts that take too long, as an I/O error, so that they are tried again.
#[derive(Debug)]
pub(crate) struct DeadlinePolicy {
    /// What an attempt without a body may take.
    pub(crate) base: Duration,
    /// The slowest line that is still waited for. All bodies under way share it.
    pub(crate) bytes_per_second: u64,
    /// The bytes of all bodies under way.
    pub(crate) under_way: Arc<AtomicU64>,
}

/// A body under way, until it is dropped.
struct Body<'a> {
    under_way: &'a AtomicU64,
    length: u64,
}

impl<'a> Body<'a> {
    fn new(under_way: &'a AtomicU64, length: u64) -> Self {
        under_way.fetch_add(length, Ordering::Relaxed);
        Self { under_way, length }
    }
}

impl Drop for Body<'_> {
    fn drop(&mut self) {
        self.under_way.fetch_sub(self.length, Ordering::Relaxed);
    }
}

impl DeadlinePolicy {
    /// What the attempt may take, given all that is under way now; an attempt without a body waits for nobody.
    fn allowance(&self, base: Duration, body: &Body<'_>) -> Duration {
        let sharing = match body.length {
            0 => 0,
            _ => self.under_way.load(Ordering::Relaxed),
        };
        base + Duration::from_secs(sharing.div_ceil(self.bytes_per_second))
    }
}

#[async_trait]
impl Policy for DeadlinePolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let given = ctx.value::<AttemptDeadline>();
        let base = given.map_or(self.base, |given| given.0);
        let body = Body::new(&self.under_way, request.body().len().unwrap_or_default());
        let start = Instant::now();
        let mut attempt = next[0].send(ctx, request, &next[1..]);
        let mut allowed = self.allowance(base, &body);
        loop {
            tokio::select! {
                result = &mut attempt => return result.map(|response| watched(response, base)),
                () = tokio::time::sleep_until(start + allowed) => {}
            }
            // Bodies that began later slowed this one down, so it has more time.
            match self.allowance(base, &body) {
                more if more > allowed => allowed = more,
                _ => return Err(timed_out(allowed)),
            }
        }
    }
}

fn timed_out(after: Duration) -> Error {
    Error::with_error(
        ErrorKind::Io,
        io::Error::new(io::ErrorKind::TimedOut, AttemptTimedOut(after)),
        "the attempt timed out",
    )
}

/// Ends a body that stops arriving.
fn watched(response: AsyncRawResponse, patience: Duration) -> AsyncRawResponse {
    let (status, headers, body) = response.deconstruct();
    let body = stream::try_unfold(body, move |mut body| async move {
        match tokio::time::timeout(patience, body.next()).await {
            Ok(Some(chunk)) => Ok(Some((chunk?, body))),
            Ok(None) => Ok(None),
            Err(_) => Err(timed_out(patience)),
        }
    });
    AsyncRawResponse::new(status, headers, Box::pin(body))
}
