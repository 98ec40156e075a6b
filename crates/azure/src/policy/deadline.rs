//! A deadline for each attempt that grows with its body.
//!
//! The SDK's own client gives up 60 s after a request began, however much of its body is still to be sent. Here a
//! large block on a slow line has the time that it needs, and a dead connection is noticed all the same, also while
//! an answer is being read.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::error::{Error, ErrorKind};
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Request};
use futures::StreamExt as _;
use futures::stream;

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
    /// The slowest line that is still waited for.
    pub(crate) bytes_per_second: u64,
}

impl DeadlinePolicy {
    fn deadline(&self, ctx: &Context, request: &Request) -> Duration {
        let base = ctx
            .value::<AttemptDeadline>()
            .map_or(self.base, |given| given.0);
        let body = request.body().len().unwrap_or_default();
        base + Duration::from_secs(body.div_ceil(self.bytes_per_second))
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
        let deadline = self.deadline(ctx, request);
        match tokio::time::timeout(deadline, next[0].send(ctx, request, &next[1..])).await {
            Ok(result) => result.map(|response| watched(response, self.base)),
            Err(_) => Err(timed_out(deadline)),
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
