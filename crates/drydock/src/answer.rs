//! Answers: what an operation gives back, and the headers and error bodies that all answers share.

use std::time::SystemTime;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, HeaderValue, SERVER};
use http::{HeaderMap, Response, StatusCode};
use rand::Rng;

use crate::body::AnswerBody;
use crate::failure::Failure;
use crate::reading::Reading;
use crate::storage::{LeaseState, Stamp};
use crate::time;
use crate::xml::escape;

/// What an operation gives back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) content: AnswerContent,
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) enum AnswerContent {
    /// None; a HEAD sets its Content-Length itself.
    Empty,
    /// A document.
    Document(Bytes),
    /// A piece of a blob.
    Blob(Reading),
}

impl Answer {
    /// An answer without a body.
    pub(crate) fn new(status: StatusCode) -> Self {
        Self {
            status,
            headers: HeaderMap::with_capacity(16),
            content: AnswerContent::Empty,
        }
    }

    /// 200 with an XML document.
    pub(crate) fn xml(document: String) -> Self {
        let mut answer = Self::new(StatusCode::OK);
        answer.set("content-type", "application/xml");
        answer.content = AnswerContent::Document(document.into());
        answer
    }

    /// Adds a header. A value that no header can hold is left out: it cannot have come from one.
    pub(crate) fn set(&mut self, name: &'static str, value: &str) {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(HeaderName::from_static(name), value);
        }
    }

    /// Adds a header.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.set(name, value);
        self
    }

    /// Adds the state of a lease.
    pub(crate) fn set_lease(&mut self, lease: LeaseState) {
        self.set("x-ms-lease-status", lease.status());
        self.set("x-ms-lease-state", lease.name());
        if let Some(duration) = lease.duration() {
            self.set("x-ms-lease-duration", duration);
        }
    }

    /// Adds ETag and Last-Modified.
    pub(crate) fn with_stamp(self, stamp: Stamp) -> Self {
        self.with("etag", &stamp.etag())
            .with("last-modified", &stamp.http_date())
    }

    /// Adds metadata.
    pub(crate) fn with_metadata<'a>(
        mut self,
        metadata: impl Iterator<Item = (&'a str, &'a str)>,
    ) -> Self {
        for (name, value) in metadata {
            let name = HeaderName::from_bytes(format!("x-ms-meta-{name}").as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(value)) {
                self.headers.insert(name, value);
            }
        }
        self
    }

    /// The refusal, with its XML body.
    pub(crate) fn refusal(failure: &Failure, request_id: &str) -> Self {
        let mut answer = Self::new(failure.status);
        answer.set("x-ms-error-code", &failure.code);
        if let Some(seconds) = failure.retry_after {
            answer.set("retry-after", &seconds.to_string());
        }
        if let Some((name, value)) = &failure.header {
            answer.set(name, value);
        }
        if failure.status != StatusCode::NOT_MODIFIED {
            answer.set("content-type", "application/xml");
            answer.content = AnswerContent::Document(error_document(failure, request_id).into());
        }
        answer
    }

    /// Adds what every answer has, and makes it ready to send.
    pub(crate) fn finish(mut self, common: &Common, head: bool) -> Response<AnswerBody> {
        self.headers
            .insert(SERVER, HeaderValue::from_static(SERVER_NAME));
        self.set("x-ms-request-id", &common.request_id);
        self.set("x-ms-version", &common.version);
        if let Some(id) = &common.client_request_id {
            self.headers.insert("x-ms-client-request-id", id.clone());
        }
        let body = match self.content {
            AnswerContent::Empty => AnswerBody::empty(),
            AnswerContent::Document(bytes) if head => {
                // The length would be that of the document; without a body it only confuses clients.
                drop(bytes);
                self.headers.remove(CONTENT_TYPE);
                AnswerBody::empty()
            }
            AnswerContent::Document(bytes) => {
                self.headers.insert(CONTENT_LENGTH, bytes.len().into());
                AnswerBody::document(bytes)
            }
            AnswerContent::Blob(reading) => {
                self.headers
                    .insert(CONTENT_LENGTH, reading.remaining().into());
                AnswerBody::blob(reading)
            }
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

const SERVER_NAME: &str = concat!("Longshore-Drydock/", env!("CARGO_PKG_VERSION"));

/// What an answer repeats of its request.
#[derive(Debug, Clone)]
pub(crate) struct Common {
    pub(crate) request_id: String,
    pub(crate) version: String,
    pub(crate) client_request_id: Option<HeaderValue>,
}

impl Common {
    /// For a request with these headers.
    pub(crate) fn of(headers: &HeaderMap, default_version: &str) -> Self {
        let version = headers
            .get("x-ms-version")
            .and_then(|value| value.to_str().ok());
        Self {
            request_id: random_id(),
            version: version.unwrap_or(default_version).to_owned(),
            client_request_id: headers.get("x-ms-client-request-id").cloned(),
        }
    }
}

/// A random id in the layout of a UUID.
pub(crate) fn random_id() -> String {
    let id: u128 = rand::rng().random();
    let text = format!("{id:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &text[..8],
        &text[8..12],
        &text[12..16],
        &text[16..20],
        &text[20..]
    )
}

fn error_document(failure: &Failure, request_id: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><Error><Code>{}</Code><Message>{}\nRequestId:{request_id}\nTime:{}</Message></Error>",
        escape(&failure.code),
        escape(&failure.message),
        time::precise(SystemTime::now()),
    )
}
