//! A line and a service to try a [`Controller`] on, as a small model of queues: no sleeping, no clock, no threads.
//!
//! A request is carried by the line, one after the other at its bandwidth, then worked at by one of so many workers,
//! and its answer comes a round trip after it began to travel. A service that is asked by too many at once says so.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::Duration;

use super::{Controller, Observation, Outcome};

/// What lies between the run and the store.
#[derive(Debug, Clone, Copy)]
pub(super) struct Line {
    /// The time there and back.
    pub(super) round_trip: f64,
    /// Bytes a second.
    pub(super) bandwidth: f64,
    /// How many requests are worked at at once, and for how long each.
    pub(super) workers: usize,
    pub(super) service: f64,
    /// How many there may be before the service asks to slow down.
    pub(super) allowed: usize,
    /// By how much times vary, as a share.
    pub(super) jitter: f64,
}

/// What a run came to.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Result {
    /// Requests that were done, a second.
    pub(super) rate: f64,
    /// How many were allowed on average.
    pub(super) limit: f64,
    /// Requests that were asked to slow down, as a share.
    pub(super) throttled: f64,
}

/// A request under way: when it ends, when it began, its size, and whether it was asked to slow down.
type Travelling = Reverse<(u64, u64, u64, bool)>;

pub(super) struct Simulation {
    line: Line,
    now: u64,
    line_free: u64,
    workers: BinaryHeap<Reverse<u64>>,
    under_way: BinaryHeap<Travelling>,
    random: u64,
}

fn nanoseconds(seconds: f64) -> u64 {
    u64::try_from(Duration::from_secs_f64(seconds).as_nanos()).unwrap()
}

impl Simulation {
    pub(super) fn new(line: Line, seed: u64) -> Self {
        Self {
            line,
            now: 0,
            line_free: 0,
            workers: std::iter::repeat_n(Reverse(0), line.workers).collect(),
            under_way: BinaryHeap::new(),
            random: seed | 1,
        }
    }

    pub(super) fn change(&mut self, line: Line) {
        self.line = line;
        self.workers = std::iter::repeat_n(Reverse(self.now), line.workers).collect();
    }

    /// Sends requests of these sizes for so many seconds, as many at once as `limit` says after each that ended.
    pub(super) fn run(
        &mut self,
        seconds: f64,
        size: impl Fn(u64) -> u64,
        mut limit: impl FnMut(Option<&Observation>) -> usize,
    ) -> Result {
        let (begin, end) = (self.now, self.now + nanoseconds(seconds));
        let (mut allowed, mut sum, mut done, mut throttled, mut number) =
            (limit(None), 0.0, 0_u32, 0_u32, 0);
        while self.now < end {
            while self.under_way.len() < allowed {
                number += 1;
                self.send(size(number));
            }
            let seen = self.next();
            match seen.outcome {
                Outcome::Throttled => throttled += 1,
                _ => done += 1,
            }
            sum += f64::from(u32::try_from(allowed).unwrap());
            allowed = limit(Some(&seen));
        }
        let took = Duration::from_nanos(self.now - begin).as_secs_f64();
        let all = f64::from(done + throttled);
        Result {
            rate: f64::from(done) / took,
            limit: sum / all,
            throttled: f64::from(throttled) / all,
        }
    }

    /// The same with a controller in charge.
    pub(super) fn run_with(
        &mut self,
        controller: &mut Controller,
        seconds: f64,
        size: impl Fn(u64) -> u64,
    ) -> Result {
        self.run(seconds, size, |seen| {
            if let Some(seen) = seen {
                controller.ended(seen);
            }
            controller.limit()
        })
    }

    fn send(&mut self, size: u64) {
        let line = self.line;
        if self.under_way.len() >= line.allowed {
            let end = self.now + nanoseconds(line.round_trip + line.service);
            return self.under_way.push(Reverse((end, self.now, size, true)));
        }
        let bytes = Duration::from_nanos(size).as_secs_f64() * 1e9;
        self.line_free = self.line_free.max(self.now) + nanoseconds(bytes / line.bandwidth);
        let Reverse(free) = self.workers.pop().unwrap();
        let vary = 1.0 + line.jitter * (2.0 * self.random() - 1.0);
        let done = free.max(self.line_free) + nanoseconds(line.service * vary);
        self.workers.push(Reverse(done));
        let vary = 1.0 + line.jitter * self.random();
        let end = done + nanoseconds(line.round_trip * vary);
        self.under_way.push(Reverse((end, self.now, size, false)));
    }

    fn next(&mut self) -> Observation {
        let under_way = self.under_way.len();
        let Reverse((end, began, bytes, throttled)) = self.under_way.pop().unwrap();
        self.now = end;
        Observation {
            at: Duration::from_nanos(end),
            took: Duration::from_nanos(end - began),
            bytes,
            under_way,
            outcome: if throttled {
                Outcome::Throttled
            } else {
                Outcome::Done
            },
        }
    }

    /// A number in `0..1` (xorshift).
    fn random(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        f64::from(u32::try_from(self.random >> 32).unwrap()) / f64::from(u32::MAX)
    }
}
