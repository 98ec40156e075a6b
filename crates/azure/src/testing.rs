//! A client that answers as a test tells it to, and remembers what it was asked.

use std::fmt;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use azure_core::http::headers::Headers;
use azure_core::http::{AsyncRawResponse, HttpClient, Request, StatusCode};

type Answer = dyn Fn(usize, &Request) -> azure_core::Result<AsyncRawResponse> + Send + Sync;

/// Answers the n-th request, counted from zero.
pub(crate) struct Stub {
    answer: Box<Answer>,
    seen: Mutex<Vec<Request>>,
}

impl fmt::Debug for Stub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Stub")
    }
}

impl Stub {
    pub(crate) fn new(
        answer: impl Fn(usize, &Request) -> azure_core::Result<AsyncRawResponse> + Send + Sync + 'static,
    ) -> Arc<Self> {
        Arc::new(Self {
            answer: Box::new(answer),
            seen: Mutex::default(),
        })
    }

    pub(crate) fn seen(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

#[async_trait]
impl HttpClient for Stub {
    async fn execute_request(&self, request: &Request) -> azure_core::Result<AsyncRawResponse> {
        let number = {
            let mut seen = self.seen.lock().unwrap();
            seen.push(request.clone());
            seen.len() - 1
        };
        (self.answer)(number, request)
    }
}

pub(crate) fn status(status: StatusCode) -> AsyncRawResponse {
    with_headers(status, &[])
}

pub(crate) fn with_headers(status: StatusCode, pairs: &[(&'static str, &str)]) -> AsyncRawResponse {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        headers.insert(*name, (*value).to_owned());
    }
    AsyncRawResponse::from_bytes(status, headers, Vec::new())
}
