//! What of a file is on the disk, told to the notes beside it often enough.
//!
//! A range is noted only after its bytes were flushed, so that notes are true after a kill and after a power cut.

use std::ops::Range;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;

use super::UpstreamError;
use crate::cellar::{CellarError, Notes, Part};

/// An arriving file and what is known of it.
#[derive(Debug)]
pub(super) struct Track {
    part: Arc<Part>,
    checkpoint: u64,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// None while what arrives could not be resumed.
    notes: Option<Notes>,
    unsaved: u64,
}

impl Track {
    pub(super) fn new(part: Part, checkpoint: u64) -> Self {
        Self {
            part: Arc::new(part),
            checkpoint,
            state: Mutex::new(State {
                notes: None,
                unsaved: 0,
            }),
        }
    }

    /// Where the file is.
    pub(super) fn path(&self) -> PathBuf {
        self.part.path().to_owned()
    }

    /// What an earlier run left, if it can be gone on with.
    pub(super) async fn left_over(&self) -> Result<Option<Notes>, UpstreamError> {
        let notes = self.on_disk(|part| Ok(part.notes())).await?;
        self.state().notes.clone_from(&notes);
        Ok(notes)
    }

    /// Begins anew, with notes if what arrives can be resumed.
    pub(super) async fn begin(&self, notes: Option<Notes>) -> Result<(), UpstreamError> {
        self.on_disk(Part::empty).await?;
        *self.state() = State { notes, unsaved: 0 };
        Ok(())
    }

    /// Writes bytes that have arrived; a kill right after this may still lose them.
    pub(super) async fn write(&self, bytes: Bytes, offset: u64) -> Result<(), UpstreamError> {
        let length = bytes.len() as u64;
        self.on_disk(move |part| part.write_at(&bytes, offset))
            .await?;
        if self.wrote(offset..offset + length) {
            self.save().await?;
        }
        Ok(())
    }

    /// Remembers a range; tells whether it is time to write that down.
    fn wrote(&self, range: Range<u64>) -> bool {
        let mut state = self.state();
        state.unsaved += range.end - range.start;
        if let Some(notes) = &mut state.notes {
            notes.add(range);
        }
        let is_due = state.notes.is_some() && state.unsaved >= self.checkpoint;
        if is_due {
            state.unsaved = 0;
        }
        is_due
    }

    /// Notes down all that has arrived.
    pub(super) async fn save(&self) -> Result<(), UpstreamError> {
        let notes = self.state().notes.clone();
        match notes.filter(|notes| notes.present() > 0) {
            Some(notes) => self.on_disk(move |part| part.note(&notes)).await,
            None => Ok(()),
        }
    }

    /// Does something with the file where blocking is allowed.
    pub(super) async fn on_disk<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Part) -> Result<T, CellarError> + Send + 'static,
    ) -> Result<T, UpstreamError> {
        let part = Arc::clone(&self.part);
        blocking(move || work(&part)).await
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Does something that blocks; a panic in it goes on here.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CellarError> + Send + 'static,
) -> Result<T, UpstreamError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => Ok(outcome?),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        // The runtime is being shut down.
        Err(_) => Err(UpstreamError::Cancelled),
    }
}
