//! All bytes of one file, by whatever way the server's first answer allows.

use std::num::NonZeroUsize;
use std::sync::atomic::Ordering;

use futures::{StreamExt, TryStreamExt, stream};
use jiff::Timestamp;
use reqwest::{Method, Response, StatusCode};

use super::client::Ask;
use super::lane::{Lanes, Stop, Version};
use super::plan::pieces;
use super::{Expected, Found, Probe, UpstreamError};
use crate::cellar::Notes;

/// A file all of whose bytes are in its part.
#[derive(Debug)]
pub(super) struct Arrived {
    pub(super) etag: Option<String>,
    pub(super) modified: Option<Timestamp>,
    /// How many bytes earlier runs had fetched.
    pub(super) resumed: u64,
}

/// How a file may be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// By ranges, where the server is up to it.
    Ranges,
    /// In one answer, from its first byte to its last.
    Whole,
}

impl Lanes<'_> {
    /// Brings in what is missing.
    pub(super) async fn arrive(&self, way: Way, expected: &Expected) -> Result<Arrived, Stop> {
        let noted = match way {
            Way::Ranges => self.track.left_over().await?,
            Way::Whole => None,
        };
        self.answers.store(0, Ordering::Relaxed);
        let (response, noted) = self.open_first(noted).await?;
        let headers = response.headers();
        let probe = match noted {
            Some(_) => Probe::of_part(headers),
            None => Probe::of_whole(headers),
        };
        self.check_size(probe.size, expected)?;
        let resumed = noted.as_ref().map_or(0, Notes::present);
        self.progress.add_resumed(resumed);
        let size = probe.size.unwrap_or(0);
        self.progress
            .correct_expected(self.told.swap(size, Ordering::Relaxed), size);
        let notes = match noted {
            Some(notes) => Some(notes),
            None => {
                let validator = Probe::validator(headers).filter(|_| way == Way::Ranges);
                let notes = validator
                    .zip(probe.size)
                    .map(|(text, size)| Notes::new(text, size));
                self.track.begin(notes.clone()).await?;
                notes
            }
        };
        match notes {
            Some(notes) => self.by_ranges(&notes, &probe, response).await?,
            None => self.whole(response, &probe, expected).await?,
        }
        Ok(Arrived {
            etag: probe.etag,
            modified: probe.modified,
            resumed,
        })
    }

    /// The first answer: to what is missing if there are notes that still hold, to all of it otherwise.
    async fn open_first(&self, noted: Option<Notes>) -> Result<(Response, Option<Notes>), Stop> {
        // If nothing is missing the last byte is asked for, to hear whether it is still the same file.
        let missing = noted.as_ref().map(|notes| {
            let first = notes.missing().into_iter().next();
            first.unwrap_or(notes.size.saturating_sub(1)..notes.size)
        });
        let missing = missing.filter(|range| !range.is_empty());
        let ask = Ask {
            method: &Method::GET,
            url: self.url,
            range: missing
                .as_ref()
                .map(|range| (range.start, Some(range.end - 1))),
            validator: noted.as_ref().map(|notes| notes.validator.as_str()),
        };
        let response = self.upstream.sender.send(ask).await.map_err(Stop::Again)?;
        match (noted, missing, response.status()) {
            (Some(notes), Some(range), StatusCode::PARTIAL_CONTENT) => {
                let version = Version {
                    validator: &notes.validator,
                    size: notes.size,
                };
                self.check(&response, &range, version)?;
                Ok((response, Some(notes)))
            }
            (Some(_), _, StatusCode::RANGE_NOT_SATISFIABLE) => Err(Stop::Changed),
            (_, _, StatusCode::OK) => Ok((response, None)),
            (_, _, status) => Err(Stop::Final(UpstreamError::Status {
                url: self.url.into(),
                status: status.as_u16(),
            })),
        }
    }

    /// Another size tells that it is another file before any of it was fetched.
    fn check_size(&self, size: Option<u64>, expected: &Expected) -> Result<(), Stop> {
        match size {
            Some(size) if expected.size.is_some_and(|expected| expected != size) => {
                Err(Stop::Final(self.mismatch(expected, size)))
            }
            _ => Ok(()),
        }
    }

    fn mismatch(&self, expected: &Expected, size: u64) -> UpstreamError {
        UpstreamError::Mismatch {
            url: self.url.into(),
            expected: Box::new(*expected),
            found: Box::new(Found {
                size,
                digests: None,
            }),
        }
    }

    /// Several ranges at once where the server offers that, else one after another; the first answer is under way.
    async fn by_ranges(
        &self,
        notes: &Notes,
        probe: &Probe,
        response: Response,
    ) -> Result<(), Stop> {
        let version = Version {
            validator: &notes.validator,
            size: notes.size,
        };
        let options = &self.upstream.options;
        let connections = if probe.accepts_ranges {
            options.connections
        } else {
            NonZeroUsize::MIN
        };
        let pieces = pieces(&notes.missing(), connections, options.segment);
        let answers = std::iter::once(response)
            .map(Some)
            .chain(std::iter::repeat_with(|| None));
        stream::iter(pieces.into_iter().zip(answers))
            .map(|(range, first)| self.bring(range, version, first))
            .buffer_unordered(connections.get())
            .try_collect()
            .await
    }

    /// One answer that cannot be resumed.
    async fn whole(
        &self,
        response: Response,
        probe: &Probe,
        expected: &Expected,
    ) -> Result<(), Stop> {
        let mut at = 0;
        // Where no size is known, one byte too many is enough to know that it is another file.
        let end = probe
            .size
            .or(expected.size.map(|size| size.saturating_add(1)));
        let outcome = self.pour(response, &mut at, end).await;
        match outcome {
            Err(UpstreamError::Truncated { cause: None, .. }) if probe.size.is_none() => Ok(()),
            Ok(()) => Ok(()),
            Err(error) => Err(Stop::Again(error)),
        }
    }
}
