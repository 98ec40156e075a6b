//! Counting: what was asked, how often again, and how much went over the line.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use azure_core::http::policies::{Policy, PolicyResult};
use azure_core::http::{AsyncRawResponse, Context, Method, Request, StatusCode};
use futures::TryStreamExt as _;
use serde::Serialize;

/// What a request does, as far as counting goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum OperationClass {
    /// List blobs or containers.
    List,
    /// Get a blob or a part of it.
    Read,
    /// Properties, metadata, block lists: anything read that is not content.
    Inspect,
    /// Put a whole blob.
    PutBlob,
    /// Put one block.
    PutBlock,
    /// Put a block list.
    Commit,
    /// Delete anything.
    Delete,
    /// Anything else that writes.
    OtherWrite,
}

impl OperationClass {
    const ALL: [Self; 8] = [
        Self::List,
        Self::Read,
        Self::Inspect,
        Self::PutBlob,
        Self::PutBlock,
        Self::Commit,
        Self::Delete,
        Self::OtherWrite,
    ];

    fn of(request: &Request) -> Self {
        let pairs = || request.url().query_pairs();
        let comp = pairs()
            .find(|(name, _)| name == "comp")
            .map(|(_, value)| value.into_owned());
        let restype = pairs().any(|(name, _)| name == "restype");
        match (request.method(), comp.as_deref()) {
            (Method::Get, Some("list")) => Self::List,
            (Method::Get, None) if !restype => Self::Read,
            (Method::Get | Method::Head, _) => Self::Inspect,
            (Method::Put, Some("block")) => Self::PutBlock,
            (Method::Put, Some("blocklist")) => Self::Commit,
            (Method::Put, None) if !restype => Self::PutBlob,
            (Method::Delete, _) => Self::Delete,
            _ => Self::OtherWrite,
        }
    }
}

#[derive(Debug, Default)]
struct Counters {
    requests: [AtomicU64; OperationClass::ALL.len()],
    retries: AtomicU64,
    throttles: AtomicU64,
    bytes_sent: AtomicU64,
    bytes_received: AtomicU64,
}

/// The running totals of a connection; clones share them.
#[derive(Clone, Debug, Default)]
pub struct RequestMeter(Arc<Counters>);

impl RequestMeter {
    /// All totals at this moment.
    pub fn snapshot(&self) -> MeterSnapshot {
        let load = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        MeterSnapshot {
            requests: OperationClass::ALL
                .into_iter()
                .zip(self.0.requests.iter().map(load))
                .collect(),
            retries: load(&self.0.retries),
            throttles: load(&self.0.throttles),
            bytes_sent: load(&self.0.bytes_sent),
            bytes_received: load(&self.0.bytes_received),
        }
    }

    /// How often the service asked to slow down: who adapts concurrency watches this grow.
    pub fn throttles(&self) -> u64 {
        self.0.throttles.load(Ordering::Relaxed)
    }

    pub(super) fn count_retry(&self) {
        self.0.retries.fetch_add(1, Ordering::Relaxed);
    }
}

/// Totals at one moment. Every attempt counts, as it does on the bill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct MeterSnapshot {
    /// Attempts by what they did.
    pub requests: Vec<(OperationClass, u64)>,
    /// Attempts that repeated an earlier one.
    pub retries: u64,
    /// Answers that asked to slow down.
    pub throttles: u64,
    /// Bytes of the bodies that were answered.
    pub bytes_sent: u64,
    /// Bytes of the bodies that came back, as far as they were read.
    pub bytes_received: u64,
}

impl MeterSnapshot {
    /// Attempts of one class.
    pub fn requests_of(&self, class: OperationClass) -> u64 {
        self.requests
            .iter()
            .filter(|(counted, _)| *counted == class)
            .map(|(_, count)| count)
            .sum()
    }

    /// Attempts of every class.
    pub fn total_requests(&self) -> u64 {
        self.requests.iter().map(|(_, count)| count).sum()
    }
}

/// Counts attempts.
#[derive(Debug)]
pub(crate) struct MeterPolicy(pub(crate) RequestMeter);

#[async_trait]
impl Policy for MeterPolicy {
    async fn send(
        &self,
        ctx: &Context,
        request: &mut Request,
        next: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        let counters = &self.0.0;
        let class = OperationClass::of(request);
        counters.requests[class as usize].fetch_add(1, Ordering::Relaxed);
        let response = next[0].send(ctx, request, &next[1..]).await?;
        let sent = request.body().len().unwrap_or_default();
        counters.bytes_sent.fetch_add(sent, Ordering::Relaxed);
        if matches!(
            response.status(),
            StatusCode::TooManyRequests | StatusCode::ServiceUnavailable
        ) {
            counters.throttles.fetch_add(1, Ordering::Relaxed);
        }
        Ok(self.counted(response))
    }
}

impl MeterPolicy {
    fn counted(&self, response: AsyncRawResponse) -> AsyncRawResponse {
        let counters = Arc::clone(&self.0.0);
        let (status, headers, body) = response.deconstruct();
        let body = body.inspect_ok(move |chunk| {
            counters
                .bytes_received
                .fetch_add(chunk.len() as u64, Ordering::Relaxed);
        });
        AsyncRawResponse::new(status, headers, Box::pin(body))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_told_apart() {
        let check = |method, url: &str, expect| {
            let request = Request::new(url.parse().unwrap(), method);
            assert_eq!(OperationClass::of(&request), expect, "{method} {url}");
        };
        check(
            Method::Get,
            "http://h/c?restype=container&comp=list",
            OperationClass::List,
        );
        check(Method::Get, "http://h/c/b", OperationClass::Read);
        check(
            Method::Get,
            "http://h/c/b?comp=blocklist",
            OperationClass::Inspect,
        );
        check(
            Method::Get,
            "http://h/c?restype=container",
            OperationClass::Inspect,
        );
        check(Method::Head, "http://h/c/b", OperationClass::Inspect);
        check(
            Method::Put,
            "http://h/c/b?sv=1&sig=x",
            OperationClass::PutBlob,
        );
        check(
            Method::Put,
            "http://h/c/b?comp=block&blockid=QQ",
            OperationClass::PutBlock,
        );
        check(
            Method::Put,
            "http://h/c/b?comp=blocklist",
            OperationClass::Commit,
        );
        check(
            Method::Put,
            "http://h/c?restype=container",
            OperationClass::OtherWrite,
        );
        check(
            Method::Put,
            "http://h/c/b?comp=metadata",
            OperationClass::OtherWrite,
        );
        check(Method::Delete, "http://h/c/b", OperationClass::Delete);
    }
}
