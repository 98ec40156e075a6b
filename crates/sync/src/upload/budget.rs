//! What may be under way at once: requests, and bytes in memory.
//!
//! Both are asked for before the work is made, so a library of any size needs what a small one needs.

use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Memory is counted in units of so many bytes.
const UNIT: u64 = 1024;

/// The run is being given up, so there is nothing to wait for.
#[derive(Debug)]
pub(crate) struct Closed;

/// Lets so many requests through at once. The one place where an adaptive limit is to move the number.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Semaphore>);

/// The right to have one request under way.
#[derive(Debug)]
pub(crate) struct Pass {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Gate {
    pub(crate) fn new(limit: usize) -> Self {
        Self(Arc::new(Semaphore::new(limit.max(1))))
    }

    /// Waits for the right to make a request.
    pub(crate) async fn pass(&self) -> Pass {
        Pass {
            _permit: Arc::clone(&self.0).acquire_owned().await.ok(),
        }
    }
}

/// Hands out memory for file contents, up to a limit, and takes it back for the next one.
#[derive(Debug, Clone)]
pub(crate) struct Buffers {
    budget: Arc<Semaphore>,
    total: u32,
    free: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// The right to hold some bytes in memory.
#[derive(Debug)]
pub(crate) struct Reservation {
    _permit: OwnedSemaphorePermit,
}

impl Buffers {
    pub(crate) fn new(bytes: u64) -> Self {
        let total = u32::try_from(bytes.div_ceil(UNIT))
            .unwrap_or(u32::MAX >> 4)
            .clamp(1, u32::MAX >> 4);
        Self {
            budget: Arc::new(Semaphore::new(total as usize)),
            total,
            free: Arc::default(),
        }
    }

    /// Waits for the right to hold so many bytes. More than the whole budget is granted when nobody else has any.
    pub(crate) async fn reserve(&self, bytes: u64) -> Result<Reservation, Closed> {
        let units = u32::try_from(bytes.div_ceil(UNIT))
            .unwrap_or(u32::MAX)
            .clamp(1, self.total);
        let permit = Arc::clone(&self.budget)
            .acquire_many_owned(units)
            .await
            .map_err(|_| Closed)?;
        Ok(Reservation { _permit: permit })
    }

    /// A buffer of so many bytes, of any content, from memory that was used before where there is some.
    pub(crate) fn take(&self, length: usize, reservation: Reservation) -> Buffer {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = free.pop().unwrap_or_default();
        drop(free);
        memory.resize(length, 0);
        Buffer {
            memory,
            pool: Arc::clone(&self.free),
            _reservation: reservation,
        }
    }

    /// Ends all waiting, for good.
    pub(crate) fn close(&self) {
        self.budget.close();
    }
}

/// Memory on loan.
#[derive(Debug)]
pub(crate) struct Buffer {
    memory: Vec<u8>,
    pool: Arc<Mutex<Vec<Vec<u8>>>>,
    _reservation: Reservation,
}

impl Buffer {
    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut self.memory
    }

    /// The bytes, shared from now on; the memory goes back when the last share is gone.
    pub(crate) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.memory
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let memory = std::mem::take(&mut self.memory);
        self.pool
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(memory);
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn memory_is_granted_up_to_the_budget_and_comes_back() {
        let buffers = Buffers::new(10 * UNIT);
        let mut buffer = buffers.take(6 * 1024, buffers.reserve(6 * UNIT).await.unwrap());
        buffer.as_mut_slice().fill(7);
        let bytes = buffer.freeze();
        let share = bytes.slice(..1);
        assert!(buffers.reserve(5 * UNIT).now_or_never().is_none());
        drop(bytes);
        assert!(buffers.reserve(5 * UNIT).now_or_never().is_none());
        drop(share);
        let again = buffers.take(2 * 1024, buffers.reserve(5 * UNIT).await.unwrap());
        assert_eq!(again.as_ref().len(), 2 * 1024);
        assert!(buffers.free.lock().unwrap().is_empty());
    }

    #[tokio::test]
    async fn what_is_larger_than_the_budget_gets_all_of_it() {
        let buffers = Buffers::new(4 * UNIT);
        let whole = buffers.reserve(400 * UNIT).await.unwrap();
        assert!(buffers.reserve(1).now_or_never().is_none());
        drop(whole);
        assert!(buffers.reserve(1).now_or_never().is_some());
    }

    #[tokio::test]
    async fn closing_ends_the_waiting() {
        let buffers = Buffers::new(UNIT);
        let _all = buffers.reserve(UNIT).await.unwrap();
        buffers.close();
        assert!(buffers.reserve(UNIT).await.is_err());
    }
}
