//! What may be under way at once: requests, and bytes in memory.
//!
//! Both are asked for before the work is made, so a library of any size needs what a small one needs.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use longshore_store::{BlobStore, StoreError};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::Instant;

use crate::adaptive::{Controller, Observation, Outcome};

/// Memory is counted in units of so many bytes.
const UNIT: u64 = 1024;

/// The run is being given up, so there is nothing to wait for.
#[derive(Debug)]
pub(crate) struct Closed;

/// Lets so many requests through at once as the [`Controller`] finds right.
#[derive(Debug, Clone)]
pub(crate) struct Gate(Arc<Turnstile>);

#[derive(Debug)]
struct Turnstile {
    places: Semaphore,
    /// What the clock of the controller counts from.
    start: Instant,
    control: Mutex<Control>,
    /// Tells of answers that the transport deals with by itself.
    store: Arc<dyn BlobStore>,
}

#[derive(Debug)]
struct Control {
    controller: Controller,
    /// How many places there are, taken or free.
    places: usize,
    under_way: usize,
    /// How often the service had asked to slow down when a request ended last.
    throttles: u64,
}

/// The right to have one request under way. Dropped, it says nothing of how the request ended.
#[derive(Debug)]
pub(crate) struct Pass {
    gate: Gate,
    began: Duration,
}

impl Gate {
    /// At most `ceiling` requests to `store` at once.
    pub(crate) fn new(ceiling: usize, store: Arc<dyn BlobStore>) -> Self {
        let controller = Controller::new(ceiling);
        let places = controller.limit();
        Self(Arc::new(Turnstile {
            places: Semaphore::new(places),
            start: Instant::now(),
            control: Mutex::new(Control {
                controller,
                places,
                under_way: 0,
                throttles: store.throttles(),
            }),
            store,
        }))
    }

    /// Waits for the right to make a request.
    pub(crate) async fn pass(&self) -> Pass {
        // Nobody closes it.
        if let Ok(place) = self.0.places.acquire().await {
            place.forget();
        }
        self.0.control().under_way += 1;
        Pass {
            gate: self.clone(),
            began: self.0.start.elapsed(),
        }
    }
}

impl Pass {
    /// The request ended, and had carried so many bytes; the right to make one goes to the next.
    pub(crate) fn done<T>(self, bytes: u64, result: &Result<T, StoreError>) {
        let turnstile = &*self.gate.0;
        let at = turnstile.start.elapsed();
        let counted = turnstile.store.throttles();
        let mut control = turnstile.control();
        let asked = std::mem::replace(&mut control.throttles, counted) < counted;
        let under_way = control.under_way;
        control.controller.ended(&Observation {
            at,
            took: at.saturating_sub(self.began),
            bytes,
            under_way,
            outcome: match result {
                Ok(_) if !asked => Outcome::Done,
                // Whoever was asked to slow down, it was said to all.
                Err(StoreError::Throttled { .. } | StoreError::TimedOut { .. }) | Ok(_) => {
                    Outcome::Throttled
                }
                Err(_) => Outcome::Failed,
            },
        });
    }
}

impl Drop for Pass {
    fn drop(&mut self) {
        self.gate.0.leave();
    }
}

impl Turnstile {
    fn control(&self) -> MutexGuard<'_, Control> {
        self.control.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Gives a place back, and as many more or fewer as the limit has moved by.
    fn leave(&self) {
        let mut control = self.control();
        control.under_way -= 1;
        let limit = control.controller.limit();
        let free = (limit + 1).saturating_sub(control.places);
        // A place that goes away goes with a request that ends, so that none is taken from those that are under way.
        control.places = control.places + free - 1;
        drop(control);
        self.places.add_permits(free);
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
    use longshore_store::MemoryStore;

    use super::*;
    use crate::adaptive::START;

    fn gate(ceiling: usize) -> Gate {
        Gate::new(ceiling, Arc::new(MemoryStore::new()))
    }

    /// All passes that are to be had at once.
    fn passes(gate: &Gate) -> Vec<Pass> {
        std::iter::from_fn(|| gate.pass().now_or_never()).collect()
    }

    #[tokio::test]
    async fn a_gate_lets_so_many_through_and_the_next_when_one_is_done() {
        let gate = gate(3);
        let mut all = passes(&gate);
        assert_eq!(all.len(), 3);
        all.pop().unwrap().done(1, &Ok(()));
        drop(all.pop());
        assert_eq!(passes(&gate).len(), 2);
    }

    #[tokio::test]
    async fn a_gate_that_is_asked_to_slow_down_lets_fewer_through() {
        let gate = gate(64);
        let throttled = || {
            let cause = "503".into();
            Err::<(), _>(StoreError::Throttled { cause })
        };
        let all = passes(&gate);
        assert_eq!(all.len(), START);
        for pass in all {
            pass.done(1, &throttled());
        }
        assert_eq!(passes(&gate).len(), START / 2);
    }

    #[tokio::test(start_paused = true)]
    async fn a_gate_opens_wider_while_that_helps() {
        let gate = gate(64);
        let mut most = 0;
        while most < 64 {
            let all = passes(&gate);
            most = all.len();
            // Whatever there is takes the same time, so more at once are more a second.
            tokio::time::advance(Duration::from_millis(20)).await;
            for pass in all {
                pass.done(1, &Ok(()));
            }
        }
    }

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
