//! One range of a file: asked for, written to its place, asked for again from where it broke off.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use bytes::{Bytes, BytesMut};
use reqwest::{Method, Response, StatusCode};
use url::Url;

use super::answer::content_range;
use super::client::Ask;
use super::patience::Patience;
use super::track::Track;
use super::{FetchProgress, Probe, Upstream, UpstreamError};

/// How much is written at once.
const WRITE: usize = 512 << 10;

/// So many bytes are a success, after which all tries are left again.
const GAIN: u64 = 64 << 10;

/// Why the lanes of a file stop before it is whole.
#[derive(Debug)]
pub(super) enum Stop {
    /// It is another file than that of which there are parts here.
    Changed,
    /// The server does not give parts of it after all.
    NoRanges,
    /// It may be begun again.
    Again(UpstreamError),
    /// It is over.
    Final(UpstreamError),
}

impl From<UpstreamError> for Stop {
    fn from(error: UpstreamError) -> Self {
        Self::Final(error)
    }
}

/// What all lanes of a file share.
#[derive(Debug)]
pub(super) struct Lanes<'a> {
    pub(super) upstream: &'a Upstream,
    pub(super) url: &'a Url,
    pub(super) track: &'a Track,
    pub(super) progress: &'a FetchProgress,
    /// What came over the network for this file.
    pub(super) received: AtomicU64,
    /// How many answers the file is put together from.
    pub(super) answers: AtomicUsize,
    /// How long the server said last that the file is.
    pub(super) told: AtomicU64,
}

/// Which state of a file the lanes fetch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Version<'a> {
    pub(super) validator: &'a str,
    pub(super) size: u64,
}

impl Lanes<'_> {
    /// Brings in one range; `first` is an answer that begins with it.
    pub(super) async fn bring(
        &self,
        range: Range<u64>,
        version: Version<'_>,
        mut first: Option<Response>,
    ) -> Result<(), Stop> {
        let mut patience = Patience::new(&self.upstream.options);
        let mut at = range.start;
        loop {
            let before = at;
            let outcome = match first.take() {
                Some(response) => Ok(response),
                None => self.open(at..range.end, version).await,
            };
            let error = match outcome {
                Ok(response) => match self.pour(response, &mut at, Some(range.end)).await {
                    Ok(()) => return Ok(()),
                    Err(error) => error,
                },
                Err(Stop::Again(error)) => error,
                Err(stop) => return Err(stop),
            };
            if at - before >= GAIN {
                patience.renew();
            }
            patience.after(error).await?;
        }
    }

    /// Asks for one range of one state of the file.
    async fn open(&self, range: Range<u64>, version: Version<'_>) -> Result<Response, Stop> {
        let ask = Ask {
            method: &Method::GET,
            url: self.url,
            range: Some((range.start, Some(range.end - 1))),
            validator: Some(version.validator),
        };
        let response = self.upstream.sender.send(ask).await.map_err(Stop::Again)?;
        self.check(&response, &range, version)?;
        Ok(response)
    }

    /// Whether an answer is what was asked for.
    pub(super) fn check(
        &self,
        response: &Response,
        range: &Range<u64>,
        version: Version<'_>,
    ) -> Result<(), Stop> {
        let headers = response.headers();
        let validator = Probe::validator(headers);
        let is_other = validator.is_some_and(|validator| validator != version.validator);
        let told = content_range(headers);
        match (response.status(), told) {
            // An answer to a range beyond the end carries the file's size and often no validator.
            (StatusCode::RANGE_NOT_SATISFIABLE, told) => {
                let size = told.and_then(|(_, size)| size);
                let size = size.map_or("another".to_owned(), |size| size.to_string());
                Err(self.contradicts(format!("{} bytes, then {size}", version.size)))
            }
            _ if is_other => Err(Stop::Changed),
            (StatusCode::PARTIAL_CONTENT, Some((Some(part), size))) => {
                if size.is_some_and(|size| size != version.size) {
                    return Err(Stop::Changed);
                }
                let fits = part.start == range.start && part.end <= version.size;
                if fits && part.start < part.end {
                    return Ok(());
                }
                Err(self.contradicts(format!("bytes {} to {}", part.start, part.end)))
            }
            (StatusCode::PARTIAL_CONTENT, _) => Err(self.contradicts("no range".to_owned())),
            _ => Err(Stop::NoRanges),
        }
    }

    fn contradicts(&self, said: String) -> Stop {
        Stop::Final(UpstreamError::WrongLength {
            url: self.url.into(),
            said,
        })
    }

    /// Writes an answer from `at` on, up to `end` or its own end; `at` tells how far that came, even if it fails.
    pub(super) async fn pour(
        &self,
        mut response: Response,
        at: &mut u64,
        end: Option<u64>,
    ) -> Result<(), UpstreamError> {
        self.answers.fetch_add(1, Ordering::Relaxed);
        let mut buffer = BytesMut::new();
        let outcome = loop {
            let position = *at + buffer.len() as u64;
            if end.is_some_and(|end| position >= end) {
                break Ok(());
            }
            match chunk(&mut response, self.url, position).await {
                Ok(Some(chunk)) => buffer.extend_from_slice(&self.take(chunk, position, end).await),
                Ok(None) if end.is_none() => break Ok(()),
                Ok(None) => {
                    break Err(UpstreamError::Truncated {
                        url: self.url.into(),
                        received: position,
                        cause: None,
                    });
                }
                Err(error) => break Err(error),
            }
            if buffer.len() >= WRITE {
                self.write(&mut buffer, at).await?;
            }
        };
        self.write(&mut buffer, at).await?;
        outcome
    }

    /// Counts what has arrived, in its pace, and cuts off what another lane brings.
    async fn take(&self, chunk: Bytes, position: u64, end: Option<u64>) -> Bytes {
        let count = chunk.len() as u64;
        self.received.fetch_add(count, Ordering::Relaxed);
        self.progress.add_received(count);
        self.upstream.sender.limits.bytes(chunk.len()).await;
        let wanted = end.map_or(count, |end| count.min(end - position));
        chunk.slice(..usize::try_from(wanted).unwrap_or(chunk.len()))
    }

    async fn write(&self, buffer: &mut BytesMut, at: &mut u64) -> Result<(), UpstreamError> {
        if buffer.is_empty() {
            return Ok(());
        }
        let bytes = buffer.split().freeze();
        let length = bytes.len() as u64;
        self.track.write(bytes, *at).await?;
        *at += length;
        Ok(())
    }
}

/// The next bytes of an answer of which `received` are here.
pub(super) async fn chunk(
    response: &mut Response,
    url: &Url,
    received: u64,
) -> Result<Option<Bytes>, UpstreamError> {
    response.chunk().await.map_err(|error| {
        let cause = Some(error.without_url());
        let url = url.into();
        if cause.as_ref().is_some_and(reqwest::Error::is_timeout) {
            UpstreamError::TimedOut { url, cause }
        } else {
            UpstreamError::Truncated {
                url,
                received,
                cause,
            }
        }
    })
}
