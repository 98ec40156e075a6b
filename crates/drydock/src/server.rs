//! The HTTP server: connections, and the way of a request through routing, faults, authorization, intake and operation.

use std::io;
use std::net::{IpAddr, TcpListener};
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::oneshot;

use crate::answer::{Answer, Common};
use crate::auth;
use crate::body::{AnswerBody, Cut, Upload};
use crate::call::{Call, Harbour, ServiceVersion};
use crate::control::{self, Plan};
use crate::failure::Failure;
use crate::intake::{self, Refusal, Taken};
use crate::operations;
use crate::seeding;

/// What a connection reads ahead: large bodies then come in large pieces.
const READ_AHEAD: usize = 512 * 1024;

/// Serves until it is told to stop.
pub(crate) async fn serve(
    listener: TcpListener,
    harbour: Arc<Harbour>,
    mut stop: oneshot::Receiver<()>,
) {
    let listener = match tokio::net::TcpListener::from_std(listener) {
        Ok(listener) => listener,
        Err(error) => {
            tracing::error!(%error, "the listener could not be used");
            return;
        }
    };
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Sent, or its sender is gone: both mean the end.
            _ = &mut stop => return,
        };
        match accepted {
            Ok((stream, peer)) => {
                tokio::spawn(connection(stream, peer.ip(), Arc::clone(&harbour)));
            }
            // Out of file descriptors, or a client that gave up: the next one may succeed.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn connection(stream: TcpStream, peer: IpAddr, harbour: Arc<Harbour>) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "a connection without TCP_NODELAY");
    }
    let reset = Arc::new(AtomicBool::new(false));
    let stream = TokioIo::new(Resettable {
        stream,
        reset: Arc::clone(&reset),
    });
    let service = service_fn(|request| respond(&harbour, peer, &reset, request));
    let served = http1::Builder::new()
        .max_buf_size(READ_AHEAD)
        .serve_connection(stream, service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "a connection ended early");
    }
}

/// A connection that can end with a reset instead of a farewell.
#[derive(Debug)]
struct Resettable {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Resettable {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Acquire) {
            // Closing a socket that lingers for no time sends RST. If that fails the client sees an early end.
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Resettable {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Resettable {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(context)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.get_mut().stream).poll_shutdown(context)
    }
}

async fn respond(
    harbour: &Arc<Harbour>,
    peer: IpAddr,
    reset: &AtomicBool,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Cut> {
    if request.uri().path().starts_with(control::PREFIX) {
        return control_answer(harbour, peer, request).await;
    }
    let answered = answer(harbour, peer, request).await;
    if answered.is_err() {
        reset.store(true, Ordering::Release);
    }
    answered
}

/// Answers a request of the blob service.
async fn answer(
    harbour: &Arc<Harbour>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Cut> {
    let (head, incoming) = request.into_parts();
    let common = Common::of(&head.headers, ServiceVersion::LATEST.as_str());
    let is_head = head.method == http::Method::HEAD;
    let call = match Call::parse(harbour, head, peer) {
        Ok(call) => call,
        Err(failure) => {
            let answer = Answer::refusal(&failure, &common.request_id);
            return Ok(answer.finish(&common, is_head));
        }
    };
    let operation = call.operation;
    let tally = harbour.control.tally();
    let _under_way = tally.request(operation);
    let plan = harbour
        .control
        .fault_book()
        .plan(operation, &call.full_name());
    if !plan.delay.is_zero() {
        tokio::time::sleep(plan.delay).await;
    }
    let outcome = Passage {
        call,
        incoming,
        plan: &plan,
    }
    .run()
    .await;
    let answer = match outcome {
        Ok(answer) => answer,
        Err(Refusal::Failure(failure)) => {
            tracing::debug!(%operation, status = failure.status.as_u16(), code = %failure.code, "refused");
            Answer::refusal(&failure, &common.request_id)
        }
        Err(Refusal::Cut(cut)) => {
            tally.cut(operation);
            return Err(cut);
        }
    };
    if plan.lose_answer {
        tally.cut(operation);
        return Err(Cut::Fault);
    }
    tally.answered(operation, answer.status.as_u16());
    let response = answer.finish(&common, is_head);
    Ok(response.map(|body| body.watched(&harbour.control, operation, &plan)))
}

/// One request on its way from its head to its answer.
struct Passage<'a> {
    call: Call,
    incoming: Incoming,
    plan: &'a Plan,
}

impl Passage<'_> {
    async fn run(self) -> Result<Answer, Refusal> {
        let Self {
            mut call,
            incoming,
            plan,
        } = self;
        let control = call.harbour.control.clone();
        let announced = intake::announced_length(&call.headers)?;
        let length = announced.unwrap_or(0);
        let mut upload = Upload::new(incoming, length, &control, call.operation, plan);
        if let Err(failure) = admit(&mut call, announced, plan) {
            // A client that waits for a word before it sends has not sent anything.
            if !call.headers.contains_key("expect") {
                upload.drain().await?;
            }
            return Err(failure.into());
        }
        let taken = match intake::take(&call, &mut upload).await {
            Err(Refusal::Failure(failure)) => {
                // What is left of the body would cost the client its connection, and the request after this one.
                upload.drain().await?;
                return Err(failure.into());
            }
            taken => taken?,
        };
        let carried = matches!(taken, Taken::Content(_));
        let answer = operations::perform(&call, taken)?;
        if carried {
            control.tally().accepted(call.operation, length);
        }
        Ok(answer)
    }
}

/// Everything that can refuse a request before its body is read.
fn admit(call: &mut Call, length: Option<u64>, plan: &Plan) -> Result<(), Failure> {
    if let Some(refusal) = &plan.refusal {
        return Err(refusal.clone());
    }
    call.principal = auth::authorize(call)?;
    operations::check_served(call)?;
    intake::check_length(call, length)?;
    operations::check_container(call)
}

async fn control_answer(
    harbour: &Arc<Harbour>,
    peer: IpAddr,
    request: Request<Incoming>,
) -> Result<Response<AnswerBody>, Cut> {
    let (head, incoming) = request.into_parts();
    let trusted = peer.is_loopback() && head.headers.contains_key("x-drydock-control");
    let seeds = head.method == http::Method::POST && head.uri.path() == control::SEED;
    let (status, text) = if !trusted {
        (http::StatusCode::FORBIDDEN, String::new())
    } else if seeds {
        control::seeded(seeding::sow_lines(&harbour.store, incoming).await)
    } else {
        let body = incoming.collect().await?.to_bytes();
        control::answer(&harbour.control, &head.method, head.uri.path(), &body)
    };
    let mut response = Response::new(AnswerBody::document(text.into()));
    *response.status_mut() = status;
    response.headers_mut().insert(
        http::header::CONTENT_TYPE,
        http::HeaderValue::from_static("application/json"),
    );
    Ok(response)
}
