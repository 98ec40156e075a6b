//! Requests that no proxy stands in the way of: over hyper's connections, each driven by whoever uses it.
//!
//! A general HTTP client gives every connection a task of its own and hands requests over to it and answers back. For
//! files of a few KiB these hand-overs, each a wake-up and often of another thread, cost more than the request itself.
//! Here a request takes a [`Link`] for itself, works it until its answer is there, and gives it back.

use std::pin::{Pin, pin};
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;
use std::{future, io};

use azure_core::error::{Error, ErrorKind};
use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::{AsyncRawResponse, Request};
use bytes::Bytes;
use futures::Stream;
use http::header::{CONTENT_LENGTH, HOST, HeaderMap, HeaderValue};
use http_body_util::Full;
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;
use url::{Position, Url};

use super::SetupFailed;
use super::pool::Pool;

type Connector = HttpsConnector<HttpConnector>;
type Sender = http1::SendRequest<Full<Bytes>>;
type Line = http1::Connection<MaybeHttpsStream<TokioIo<TcpStream>>, Full<Bytes>>;
type Sent = http::Request<Full<Bytes>>;

/// What errors of this client begin with; whoever shows one leaves it out.
const WRAPPER: &str = "error sending request";

/// Sends requests over connections of its own.
#[derive(Debug)]
pub(super) struct Direct {
    connector: OnceLock<Connector>,
    connect_timeout: Duration,
    pool: Arc<Pool<Link>>,
}

impl Direct {
    pub(super) fn new(idle: usize, connect_timeout: Duration) -> Self {
        Self {
            connector: OnceLock::new(),
            connect_timeout,
            pool: Arc::new(Pool::new(idle)),
        }
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(
        &self,
        request: &Request,
        body: Bytes,
    ) -> azure_core::Result<AsyncRawResponse> {
        let origin = &request.url()[..Position::BeforePath];
        let mut sent = converted(request, body)?;
        while let Some(mut link) = self.pool.take(origin) {
            if !link.is_alive().await {
                continue;
            }
            match link.exchange(sent).await {
                Ok(answer) => return Ok(self.answered(origin, link, answer)),
                // The service closed the connection before any of the request was on it.
                Err((_, Some(unsent))) => sent = unsent,
                Err((error, None)) => return Err(broken(error)),
            }
        }
        let mut link = self.connect(request.url()).await?;
        match link.exchange(sent).await {
            Ok(answer) => Ok(self.answered(origin, link, answer)),
            Err((error, _)) => Err(broken(error)),
        }
    }

    fn answered(
        &self,
        origin: &str,
        link: Link,
        answer: http::Response<Incoming>,
    ) -> AsyncRawResponse {
        let (head, incoming) = answer.into_parts();
        let (status, headers) = (head.status.as_u16().into(), headers(&head.headers));
        if incoming.is_end_stream() {
            self.pool.give(origin, link);
            return AsyncRawResponse::from_bytes(status, headers, Bytes::new());
        }
        let body = Body {
            incoming,
            link: Some(link),
            pool: Arc::clone(&self.pool),
            origin: origin.to_owned(),
        };
        AsyncRawResponse::new(status, headers, Box::pin(body))
    }

    async fn connect(&self, url: &Url) -> azure_core::Result<Link> {
        let uri = url[..Position::BeforePath]
            .parse()
            .map_err(|error: http::uri::InvalidUri| unusable(error))?;
        let mut connector = self.connector()?.clone();
        let stream = tokio::time::timeout(self.connect_timeout, connector.call(uri)).await;
        let stream = stream
            .unwrap_or_else(|elapsed| Err(io::Error::new(io::ErrorKind::TimedOut, elapsed).into()))
            .map_err(|error| Error::with_error(ErrorKind::Connection, error, WRAPPER))?;
        let (sender, line) = http1::handshake(stream).await.map_err(broken)?;
        Ok(Link { sender, line })
    }

    fn connector(&self) -> azure_core::Result<&Connector> {
        if let Some(connector) = self.connector.get() {
            return Ok(connector);
        }
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        http.set_nodelay(true);
        http.set_connect_timeout(Some(self.connect_timeout));
        let connector = HttpsConnectorBuilder::new()
            .try_with_platform_verifier()
            .map_err(SetupFailed::because)?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        // Two first requests may both build one; one of the two is kept.
        Ok(self.connector.get_or_init(|| connector))
    }
}

/// A connection: what goes in, and the machinery that has to be worked for anything to happen.
#[derive(Debug)]
struct Link {
    sender: Sender,
    line: Line,
}

impl Link {
    /// Whether another request may go over it; one that the service has closed shows here.
    async fn is_alive(&mut self) -> bool {
        future::poll_fn(|context| {
            let over = Pin::new(&mut self.line).poll(context).is_ready();
            let ready = matches!(self.sender.poll_ready(context), Poll::Ready(Ok(())));
            Poll::Ready(!over && ready)
        })
        .await
    }

    /// Sends a request and waits for its answer's head. An error comes with the request if nothing of it was sent.
    async fn exchange(
        &mut self,
        request: Sent,
    ) -> Result<http::Response<Incoming>, (hyper::Error, Option<Sent>)> {
        let mut answer = pin!(self.sender.try_send_request(request));
        let (line, mut over) = (&mut self.line, false);
        future::poll_fn(|context| {
            // An answer that ends the connection ends this too, and is there all the same.
            over = over || Pin::new(&mut *line).poll(context).is_ready();
            answer.as_mut().poll(context)
        })
        .await
        .map_err(|mut error| {
            let unsent = error.take_message();
            (error.into_error(), unsent)
        })
    }
}

/// The body of an answer. The connection is free for the next request when all of it was read.
struct Body {
    incoming: Incoming,
    link: Option<Link>,
    pool: Arc<Pool<Link>>,
    origin: String,
}

impl Stream for Body {
    type Item = azure_core::Result<Bytes>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        loop {
            if let Some(link) = &mut this.link
                && Pin::new(&mut link.line).poll(context).is_ready()
            {
                // It ended with this answer, of which the rest may be here already.
                this.link = None;
            }
            match Pin::new(&mut this.incoming).poll_frame(context) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(piece) = frame.into_data() {
                        return Poll::Ready(Some(Ok(piece)));
                    }
                }
                Poll::Ready(Some(Err(error))) => {
                    this.link = None;
                    return Poll::Ready(Some(Err(broken(error))));
                }
                Poll::Ready(None) => {
                    if let Some(link) = this.link.take() {
                        this.pool.give(&this.origin, link);
                    }
                    return Poll::Ready(None);
                }
            }
        }
    }
}

fn broken(error: hyper::Error) -> Error {
    Error::with_error(ErrorKind::Io, error, WRAPPER)
}

/// A request that cannot be put into HTTP.
fn unusable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::with_error(ErrorKind::Other, error, WRAPPER)
}

fn converted(request: &Request, body: Bytes) -> azure_core::Result<Sent> {
    let url = request.url();
    let mut sent = http::Request::new(Full::new(body));
    let method = request.method().as_str().as_bytes();
    *sent.method_mut() = http::Method::from_bytes(method).map_err(unusable)?;
    *sent.uri_mut() = url[Position::BeforePath..Position::AfterQuery]
        .parse()
        .map_err(|error: http::uri::InvalidUri| unusable(error))?;
    let headers = sent.headers_mut();
    headers.reserve(24);
    let host = &url[Position::BeforeHost..Position::AfterPort];
    headers.insert(HOST, value(host)?);
    for (name, text) in request.headers().iter() {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes()).map_err(unusable)?;
        // The length is that of the body, whatever was said of it.
        if name != CONTENT_LENGTH || body_is_empty(request) {
            headers.insert(name, value(text.as_str())?);
        }
    }
    Ok(sent)
}

fn body_is_empty(request: &Request) -> bool {
    request.body().is_empty() == Some(true)
}

fn value(text: &str) -> azure_core::Result<HeaderValue> {
    HeaderValue::from_str(text).map_err(unusable)
}

/// The headers of an answer; what is no text is left out.
fn headers(map: &HeaderMap) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in map {
        if let Ok(value) = value.to_str() {
            headers.insert(HeaderName::from(name.as_str().to_owned()), value.to_owned());
        }
    }
    headers
}

#[cfg(test)]
mod tests;
