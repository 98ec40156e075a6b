//! A file from a vendor's server into the cellar: whole and right, or not at all.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use jiff::Timestamp;
use longshore_content::Digests;
use longshore_sync::Cancel;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::arrival::{Arrived, Way};
use super::lane::{Lanes, Stop};
use super::patience::Patience;
use super::track::{Track, blocking};
use super::{Expected, FetchProgress, Found, Upstream, UpstreamError};
use crate::cellar::{Cellar, CellarError, Part, digests_of};

/// How often a file may become another one while it is fetched.
const CHANGES: usize = 3;

/// What is to be fetched.
#[derive(Debug, Clone, Copy)]
pub struct Fetch<'a> {
    /// Where the vendor has it.
    pub url: &'a Url,
    /// What it must be.
    pub expected: Expected,
}

/// A file that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fetched {
    /// Where it stands in the cellar.
    pub path: PathBuf,
    /// Its size in bytes.
    pub size: u64,
    /// Its digests, as it reads back.
    pub digests: Digests,
    /// The ETag that the server gave it; none if the server was not asked.
    pub etag: Option<String>,
    /// When it was last modified, by the server's word.
    pub modified: Option<Timestamp>,
    /// How many bytes came over the network; none if it was in the cellar.
    pub received: u64,
    /// How many bytes an earlier run had fetched.
    pub resumed: u64,
}

impl Upstream {
    /// Brings a file into the cellar, if it is not there.
    ///
    /// What has arrived stays when this fails, is cancelled or dropped, and is gone on with by the next one, if the
    /// server tells that it is still the same file. A `cancel` that drains ends it at once.
    ///
    /// # Errors
    ///
    /// Any [`UpstreamError`] but `TooLong`; [`UpstreamError::Mismatch`] if it is not what it must be.
    pub async fn fetch(
        &self,
        fetch: &Fetch<'_>,
        cellar: &Cellar,
        progress: &FetchProgress,
        cancel: &Cancel,
    ) -> Result<Fetched, UpstreamError> {
        let job = Job {
            upstream: self,
            fetch,
            cellar,
            progress,
        };
        // The semaphore is never closed.
        let _turn = unless(cancel, async { Ok(self.files.acquire().await) }).await?;
        let part = match unless(cancel, job.open()).await? {
            Opened::Held(fetched) => return Ok(fetched),
            Opened::Part(part) => part,
        };
        let track = Track::new(part, self.options.checkpoint.get());
        let outcome = unless(cancel, job.bring(&track)).await;
        match outcome {
            Ok(_) => {}
            Err(UpstreamError::Mismatch { .. }) => track.on_disk(Part::discard).await?,
            Err(_) => track.save().await?,
        }
        outcome
    }
}

/// Does something, unless the run is stopped first.
async fn unless<T>(
    cancel: &Cancel,
    work: impl Future<Output = Result<T, UpstreamError>>,
) -> Result<T, UpstreamError> {
    tokio::select! {
        biased;
        () = cancel.drained() => Err(UpstreamError::Cancelled),
        outcome = work => outcome,
    }
}

/// One file on its way.
#[derive(Debug)]
struct Job<'a> {
    upstream: &'a Upstream,
    fetch: &'a Fetch<'a>,
    cellar: &'a Cellar,
    progress: &'a FetchProgress,
}

/// What there is of a file before anybody is asked.
#[derive(Debug)]
enum Opened {
    /// All of it.
    Held(Fetched),
    /// A place for it, and perhaps some of it.
    Part(Part),
}

impl Job<'_> {
    /// Looks for the file in the cellar, and takes the right to write it; waits a while if another has that.
    async fn open(&self) -> Result<Opened, UpstreamError> {
        let mut patience = Patience::new(&self.upstream.options);
        loop {
            if let Some(fetched) = self.held().await? {
                return Ok(Opened::Held(fetched));
            }
            let (cellar, url) = (self.cellar.clone(), self.fetch.url.clone());
            match blocking(move || cellar.part(&url)).await {
                Ok(part) => return Ok(Opened::Part(part)),
                Err(error) => patience.after(error).await?,
            }
        }
    }

    /// The file as it is in the cellar; it is read, since whatever lies around for long may be damaged.
    async fn held(&self) -> Result<Option<Fetched>, UpstreamError> {
        let expected = self.fetch.expected;
        let Some(sha256) = expected.sha256 else {
            return Ok(None);
        };
        let Some(path) = self.cellar.get(&sha256, expected.size) else {
            return Ok(None);
        };
        let found = read(path.clone()).await?;
        if !expected.fits(&found) {
            let cellar = self.cellar.clone();
            blocking(move || cellar.forget(&sha256)).await?;
            return Ok(None);
        }
        Ok(found.digests.map(|digests| Fetched {
            path,
            size: found.size,
            digests,
            etag: None,
            modified: None,
            received: 0,
            resumed: 0,
        }))
    }

    /// Brings it in by whatever way works.
    async fn bring(&self, track: &Track) -> Result<Fetched, UpstreamError> {
        let lanes = Lanes {
            upstream: self.upstream,
            url: self.fetch.url,
            track,
            progress: self.progress,
            received: AtomicU64::new(0),
            answers: AtomicUsize::new(0),
            told: AtomicU64::new(0),
        };
        let mut patience = Patience::new(&self.upstream.options);
        let mut way = Way::Ranges;
        let mut changes = 0;
        loop {
            match lanes.arrive(way, &self.fetch.expected).await {
                Ok(arrived) => match self.settle(&lanes, arrived).await? {
                    Some(fetched) => return Ok(fetched),
                    None => way = Way::Whole,
                },
                Err(Stop::Changed) if changes < CHANGES => {
                    changes += 1;
                    track.begin(None).await?;
                }
                Err(Stop::Changed) => {
                    return Err(UpstreamError::Changed {
                        url: self.fetch.url.into(),
                    });
                }
                Err(Stop::NoRanges) => way = Way::Whole,
                Err(Stop::Again(error)) => patience.after(error).await?,
                Err(Stop::Final(error)) => return Err(error),
            }
        }
    }

    /// Gives the file its name, if it is what it must be; none if it may have been put together from two files.
    async fn settle(
        &self,
        lanes: &Lanes<'_>,
        arrived: Arrived,
    ) -> Result<Option<Fetched>, UpstreamError> {
        let track = lanes.track;
        let expected = self.fetch.expected;
        let found = read(track.path()).await?;
        let Some(digests) = found.digests.filter(|_| expected.fits(&found)) else {
            if arrived.resumed > 0 || lanes.answers.load(Ordering::Relaxed) > 1 {
                return Ok(None);
            }
            return Err(UpstreamError::Mismatch {
                url: self.fetch.url.into(),
                expected: Box::new(expected),
                found: Box::new(found),
            });
        };
        let cellar = self.cellar.clone();
        let path = track
            .on_disk(move |part| {
                let place = cellar.prepare(&digests.sha256)?;
                part.put_in_place(&place)?;
                Ok(place)
            })
            .await?;
        Ok(Some(Fetched {
            path,
            size: found.size,
            digests,
            etag: arrived.etag,
            modified: arrived.modified,
            received: lanes.received.load(Ordering::Relaxed),
            resumed: arrived.resumed,
        }))
    }
}

/// Reads a file back; nobody goes on reading when this is dropped.
async fn read(path: PathBuf) -> Result<Found, UpstreamError> {
    let token = CancellationToken::new();
    let _guard = token.clone().drop_guard();
    blocking(move || {
        let size = fs_err::metadata(&path)
            .map_err(CellarError::at(&path))?
            .len();
        let digests = digests_of(&path, &|| token.is_cancelled())?;
        Ok(Found {
            size,
            digests: Some(digests),
        })
    })
    .await
}
