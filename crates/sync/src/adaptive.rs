//! How many requests are under way at once: found by trying, as the run goes.
//!
//! **What it measures.** Time is cut into windows. A window lasts until as many requests have ended as may be under way
//! at once, and not less than a moment, so that every place was used about once. Of each window two numbers are kept:
//! its *throughput*, work a second, where the work of a request is its bytes and a fixed amount for the request itself;
//! and its *stretch*, how much longer its requests took than requests of their size take at best. That best, the
//! *floor*, is kept for each power of two of the size, so that small files and large blocks can be sent in one run.
//! Floors rise a little with each window, so that a line that became worse is noticed. A third fact needs no window: the
//! service asked to slow down.
//!
//! **How it moves.** As long as throughput grows with the number, it goes up, by its square root each time: quick where
//! there is far to go, careful above. When a step up brought nothing, the requests only wait for each other now: if their
//! stretch shows it, the number goes down by a tenth, and on down while throughput holds. It goes up again as soon as
//! throughput falls with it. Where it can go no further, the other way is tried now and then. So it ends up going to and fro around the smallest number that fills the line, also
//! where the run began far above it and no request was ever seen alone. Asked to slow down, it halves at once. Other
//! answers to requests that were sent before that are old news, and do not halve it again. From then on it is careful: near the
//! number that was too much steps are of one, and that number is not reached again until it is forgotten, after a while. A window in which the number was
//! not made use of, because there was too little to send, says nothing and changes nothing.
//!
//! It starts at [`START`], never leaves `FLOOR..=ceiling`, and knows no clock: whoever uses it says when things ended.

#[cfg(test)]
mod simulation;
#[cfg(test)]
mod tests;

use std::time::Duration;

/// Where every run starts: enough for most lines, and soon left for those that carry more.
pub(crate) const START: usize = 12;
/// With fewer, an answer's way back would leave the line empty.
const FLOOR: f64 = 2.0;
/// The shortest window.
const MOMENT: Duration = Duration::from_millis(50);
/// The fewest requests of a window.
const FEWEST: u64 = 8;
/// The work of a request without bytes, in bytes.
const REQUEST: f64 = 64.0 * 1024.0;
/// What a step must bring, as a share of what it could have brought.
const WORTH: f64 = 0.3;
/// Requests that take this many times their floor do not wait for each other yet.
const AT_EASE: f64 = 1.15;
/// A step down.
const DOWN: f64 = 0.9;
/// By how much floors rise with each window.
const AGING: f64 = 1.01;
/// From this share of a number that was too much, steps are small.
const NEAR: f64 = 0.7;
/// For how many windows that number is remembered.
const MEMORY: u32 = 50;
/// After how many windows at the ceiling fewer are tried.
const REST: u32 = 20;
/// Sizes by powers of two.
const SIZES: usize = 48;

/// How a request ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It was done.
    Done,
    /// The service asked to slow down, or was too slow to answer in time.
    Throttled,
    /// It failed for a reason that has nothing to do with how many there are.
    Failed,
}

/// What is known of a request that ended.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Observation {
    /// When it ended, on the clock of whoever asks.
    pub(crate) at: Duration,
    /// How long it took.
    pub(crate) took: Duration,
    /// How many bytes it carried.
    pub(crate) bytes: u64,
    /// How many were under way when it ended, itself included.
    pub(crate) under_way: usize,
    /// How it ended.
    pub(crate) outcome: Outcome,
}

/// Finds the number of requests that may be under way at once.
#[derive(Debug)]
pub(crate) struct Controller {
    limit: f64,
    ceiling: f64,
    floors: [Option<f64>; SIZES],
    window: Window,
    /// The last window at another limit.
    before: Option<Reading>,
    /// What was too much, and for how many windows that is still remembered.
    too_much: Option<(f64, u32)>,
    /// For how many windows it could not go further up.
    resting: u32,
    /// When the limit was halved last: what began earlier is old news.
    halved: Duration,
}

/// What a window came to.
#[derive(Debug, Clone, Copy)]
struct Reading {
    limit: f64,
    throughput: f64,
}

/// A window that is being filled.
#[derive(Debug, Default)]
struct Window {
    start: Duration,
    ended: u64,
    work: f64,
    peak: usize,
    /// Seconds and number of requests, by size.
    took: Vec<(usize, f64, u32)>,
}

impl Controller {
    /// Starts a run that may have at most `ceiling` requests under way.
    pub(crate) fn new(ceiling: usize) -> Self {
        let ceiling = as_number(ceiling.max(1));
        Self {
            limit: as_number(START).min(ceiling),
            ceiling,
            floors: [None; SIZES],
            window: Window::default(),
            before: None,
            too_much: None,
            resting: 0,
            halved: Duration::ZERO,
        }
    }

    /// How many requests may be under way now.
    pub(crate) fn limit(&self) -> usize {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "it lies between 1 and the ceiling"
        )]
        let limit = self.limit.round() as usize;
        limit.max(1)
    }

    /// Takes note of a request that ended.
    pub(crate) fn ended(&mut self, seen: &Observation) {
        match seen.outcome {
            Outcome::Failed => {}
            Outcome::Throttled => self.slow_down(seen.at, seen.at.saturating_sub(seen.took)),
            Outcome::Done => {
                self.window.take(seen);
                self.close_window(seen.at);
            }
        }
    }

    /// Halves, because a request that began at `began` was asked to slow down.
    pub(crate) fn slow_down(&mut self, at: Duration, began: Duration) {
        if self.halved > Duration::ZERO && began < self.halved {
            return;
        }
        self.too_much = Some((self.limit, MEMORY));
        self.before = None;
        self.halved = at;
        self.move_to(self.limit / 2.0, at);
    }

    fn close_window(&mut self, now: Duration) {
        let window = &self.window;
        let length = now.saturating_sub(window.start);
        if window.ended < FEWEST.max(self.limit() as u64) || length < MOMENT {
            return;
        }
        let window = std::mem::take(&mut self.window);
        self.window.start = now;
        let stretch = self.stretch(&window);
        // What the limit did not hold back says nothing about the limit.
        if as_number(window.peak) < self.limit.round() {
            return;
        }
        let now_at = Reading {
            limit: self.limit,
            throughput: window.work / length.as_secs_f64(),
        };
        let next = self.next_limit(now_at, stretch);
        self.follow(next, now_at, now);
        self.forget();
    }

    /// Goes to `next`, as far as that is possible.
    fn follow(&mut self, next: f64, reading: Reading, now: Duration) {
        let lowest = FLOOR.min(self.ceiling);
        if next < lowest && self.limit <= lowest {
            // There is no further down, and the line may have become better since: up is tried anew.
            self.before = None;
        } else if next < self.highest() || self.limit < self.highest() {
            self.before = Some(reading);
            self.move_to(next, now);
        } else if self.resting < REST {
            self.resting += 1;
        } else {
            // There is no further up, and the line may have become worse since.
            self.before = Some(reading);
            self.move_to(self.limit * DOWN, now);
        }
    }

    /// Where to go from here.
    fn next_limit(&self, now: Reading, stretch: f64) -> f64 {
        let Some(before) = self.before else {
            return now.limit + self.step();
        };
        let grew = (now.throughput / before.throughput).ln();
        let could_grow = (now.limit / before.limit).ln();
        let worth = grew / could_grow >= WORTH;
        let went_up = now.limit > before.limit;
        let up = worth || went_up && stretch <= AT_EASE;
        if up {
            now.limit + self.step()
        } else {
            now.limit * DOWN
        }
    }

    fn step(&self) -> f64 {
        match self.too_much {
            Some((limit, _)) if self.limit >= limit * NEAR => 1.0,
            _ => self.limit.sqrt(),
        }
    }

    /// What is not to be gone beyond for now.
    fn highest(&self) -> f64 {
        self.too_much
            .map_or(self.ceiling, |(limit, _)| self.ceiling.min(limit - 1.0))
    }

    fn move_to(&mut self, limit: f64, now: Duration) {
        self.limit = limit.min(self.highest()).max(FLOOR.min(self.ceiling));
        self.resting = 0;
        self.window = Window {
            start: now,
            ..Window::default()
        };
    }

    fn forget(&mut self) {
        self.too_much = self
            .too_much
            .and_then(|(limit, left)| Some((limit, left.checked_sub(1)?)));
    }

    /// How much longer the window's requests took than their floors, which it may lower.
    fn stretch(&mut self, window: &Window) -> f64 {
        for floor in self.floors.iter_mut().flatten() {
            *floor *= AGING;
        }
        let (mut took, mut at_best) = (0.0, 0.0);
        for &(size, seconds, count) in &window.took {
            let mean = seconds / f64::from(count);
            let floor = self.floors[size].get_or_insert(mean);
            *floor = floor.min(mean);
            took += seconds;
            at_best += *floor * f64::from(count);
        }
        if at_best > 0.0 { took / at_best } else { 1.0 }
    }
}

impl Window {
    fn take(&mut self, seen: &Observation) {
        self.ended += 1;
        self.work += REQUEST + as_number(seen.bytes);
        self.peak = self.peak.max(seen.under_way);
        // Those that began at another limit count as work, but their time was not made here.
        if seen.at.saturating_sub(seen.took) < self.start {
            return;
        }
        let size = size_class(seen.bytes);
        let seconds = seen.took.as_secs_f64();
        match self.took.iter_mut().find(|(known, ..)| *known == size) {
            Some((_, sum, count)) => {
                *sum += seconds;
                *count += 1;
            }
            None => self.took.push((size, seconds, 1)),
        }
    }
}

/// The power of two that a size lies below.
fn size_class(bytes: u64) -> usize {
    let bits = u64::BITS - bytes.leading_zeros();
    (bits as usize).min(SIZES - 1)
}

fn as_number(count: impl TryInto<u32>) -> f64 {
    f64::from(count.try_into().unwrap_or(u32::MAX))
}
