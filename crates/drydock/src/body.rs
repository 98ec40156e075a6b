//! Bodies on their way in and out: counted, and where a fault says so, corrupted or cut.
//!
//! Pieces are read from and written to files on the server's own threads. They move between the page cache and a socket
//! on this machine, which takes less time than handing each one to another thread would.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::{Body, Frame, SizeHint};
use http_body_util::BodyExt;
use hyper::body::Incoming;

use crate::control::{Control, Plan};
use crate::operation::Operation;
use crate::reading::Reading;

/// Why a connection ends without an answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    /// A fault says so.
    #[error("drydock was told to cut the connection")]
    Fault,
    /// The client's side failed.
    #[error("the request's body did not arrive")]
    Client(#[from] hyper::Error),
    /// The content could not be read.
    #[error("the content could not be read")]
    Content(#[from] io::Error),
}

/// The body of a request.
#[derive(Debug)]
pub(crate) struct Upload {
    incoming: Incoming,
    control: Control,
    operation: Operation,
    received: u64,
    length: u64,
    reset_after: Option<u64>,
    corrupt_at: Option<u64>,
}

impl Upload {
    /// The body of a request of `length` bytes, with what its plan does to it.
    pub(crate) fn new(
        incoming: Incoming,
        length: u64,
        control: &Control,
        operation: Operation,
        plan: &Plan,
    ) -> Self {
        Self {
            incoming,
            control: control.clone(),
            operation,
            received: 0,
            length,
            reset_after: plan.reset_after,
            corrupt_at: plan.corrupt_at.map(|at| at.min(length.saturating_sub(1))),
        }
    }

    /// The next piece; none at the end.
    pub(crate) async fn next_piece(&mut self) -> Result<Option<Bytes>, Cut> {
        if self.reset_after.is_some_and(|limit| self.received >= limit) {
            return Err(Cut::Fault);
        }
        loop {
            let Some(frame) = self.incoming.frame().await else {
                return if self.reset_after.is_some() {
                    Err(Cut::Fault)
                } else {
                    Ok(None)
                };
            };
            let Ok(piece) = frame?.into_data() else {
                continue;
            };
            self.control
                .tally()
                .received(self.operation, piece.len() as u64);
            let start = self.received;
            self.received += piece.len() as u64;
            return Ok(Some(flip(piece, start, self.corrupt_at)));
        }
    }

    /// Reads and forgets the rest, so that the client hears the answer instead of a broken pipe.
    pub(crate) async fn drain(mut self) -> Result<(), Cut> {
        while self.next_piece().await?.is_some() {}
        Ok(())
    }

    /// How many bytes were announced.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }
}

/// Flips a bit of byte `at` of the body, if it lies in the piece that begins at `start`.
fn flip(piece: Bytes, start: u64, at: Option<u64>) -> Bytes {
    let offset = at.and_then(|at| at.checked_sub(start));
    let offset = offset.and_then(|offset| usize::try_from(offset).ok());
    let Some(offset) = offset.filter(|offset| *offset < piece.len()) else {
        return piece;
    };
    let mut piece = BytesMut::from(piece);
    piece[offset] ^= 1;
    piece.freeze()
}

/// The body of an answer.
#[derive(Debug)]
pub(crate) struct AnswerBody {
    source: Source,
    watch: Option<Watch>,
}

#[derive(Debug)]
enum Source {
    Empty,
    Document(Bytes),
    Blob(Reading),
}

/// Counts an answer's bytes, and does what its plan says.
#[derive(Debug)]
struct Watch {
    control: Control,
    operation: Operation,
    sent: u64,
    cut_after: Option<u64>,
    /// What was sent before the cut must have left before the connection ends.
    flushed: bool,
    corrupt_at: Option<u64>,
}

impl AnswerBody {
    /// No body.
    pub(crate) fn empty() -> Self {
        Self::of(Source::Empty)
    }

    /// A document.
    pub(crate) fn document(bytes: Bytes) -> Self {
        Self::of(Source::Document(bytes))
    }

    /// A piece of a blob.
    pub(crate) fn blob(reading: Reading) -> Self {
        Self::of(Source::Blob(reading))
    }

    /// Counts for this operation, and does what the plan says.
    pub(crate) fn watched(mut self, control: &Control, operation: Operation, plan: &Plan) -> Self {
        self.watch = Some(Watch {
            control: control.clone(),
            operation,
            sent: 0,
            cut_after: plan.cut_answer_after,
            flushed: false,
            corrupt_at: plan.corrupt_answer_at,
        });
        self
    }

    const fn of(source: Source) -> Self {
        Self {
            source,
            watch: None,
        }
    }

    fn next_piece(&mut self) -> io::Result<Option<Bytes>> {
        match &mut self.source {
            Source::Empty => Ok(None),
            Source::Document(bytes) => {
                let bytes = std::mem::take(bytes);
                self.source = Source::Empty;
                Ok(Some(bytes).filter(|bytes| !bytes.is_empty()))
            }
            Source::Blob(reading) => reading.next_piece(),
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = Cut;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Cut>>> {
        let this = self.get_mut();
        if let Some(watch) = &mut this.watch
            && watch.cut_after == Some(watch.sent)
        {
            if watch.flushed {
                watch.control.tally().cut(watch.operation);
                return Poll::Ready(Some(Err(Cut::Fault)));
            }
            // One pause lets the connection write what it holds.
            watch.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        let piece = match this.next_piece() {
            Ok(Some(piece)) => piece,
            Ok(None) => return Poll::Ready(None),
            Err(error) => return Poll::Ready(Some(Err(error.into()))),
        };
        let piece = match &mut this.watch {
            Some(watch) => watch.pass(piece),
            None => piece,
        };
        Poll::Ready(Some(Ok(Frame::data(piece))))
    }

    fn is_end_stream(&self) -> bool {
        let cut = self
            .watch
            .as_ref()
            .is_some_and(|watch| watch.cut_after.is_some());
        !cut && match &self.source {
            Source::Empty => true,
            Source::Document(bytes) => bytes.is_empty(),
            Source::Blob(reading) => reading.remaining() == 0,
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match &self.source {
            Source::Empty => 0,
            Source::Document(bytes) => bytes.len() as u64,
            Source::Blob(reading) => reading.remaining(),
        })
    }
}

impl Watch {
    fn pass(&mut self, piece: Bytes) -> Bytes {
        let mut piece = flip(piece, self.sent, self.corrupt_at);
        if let Some(limit) = self.cut_after {
            let left = usize::try_from(limit.saturating_sub(self.sent)).unwrap_or(usize::MAX);
            piece.truncate(left);
        }
        self.sent += piece.len() as u64;
        self.control
            .tally()
            .sent(self.operation, piece.len() as u64);
        piece
    }
}
