use proptest::prelude::*;

use super::simulation::{Line, Result, Simulation};
use super::*;

const CEILING: usize = 64;
const SMALL: u64 = 8 << 10;
const BLOCK: u64 = 8 << 20;

/// A service on the same machine or next to it, with few processors.
const LAN: Line = Line {
    round_trip: 0.0002,
    bandwidth: 1.25e9,
    workers: 4,
    service: 0.0004,
    allowed: usize::MAX,
    jitter: 0.3,
};
/// A service far away that nothing limits.
const WAN: Line = Line {
    round_trip: 0.1,
    bandwidth: 1.25e9,
    workers: 1000,
    service: 0.004,
    ..LAN
};
/// An office with 50 Mbit/s.
const NARROW: Line = Line {
    round_trip: 0.03,
    bandwidth: 50e6 / 8.0,
    ..WAN
};
/// A service that wants no more than 20 requests at once.
const STRICT: Line = Line {
    round_trip: 0.02,
    allowed: 20,
    ..WAN
};

/// The fixed numbers that the controller is compared with.
const FIXED: [usize; 13] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 40, 52, CEILING];

/// What the best fixed number would have come to, and the smallest number that comes near it.
fn best(line: Line, seconds: f64, size: u64) -> (f64, f64) {
    let rates = FIXED.map(|limit| {
        let mut simulation = Simulation::new(line, 7);
        simulation.run(seconds, |_| size, |_| limit).rate
    });
    let most = rates.iter().copied().fold(0.0, f64::max);
    let enough = rates.iter().position(|rate| *rate >= 0.95 * most).unwrap();
    (most, as_number(FIXED[enough]))
}

/// Runs until the controller knows the line, then measures.
fn settled(line: Line, seed: u64, (warm_up, seconds): (f64, f64), size: u64) -> Result {
    let mut simulation = Simulation::new(line, seed);
    let mut controller = Controller::new(CEILING);
    simulation.run_with(&mut controller, warm_up, |_| size);
    simulation.run_with(&mut controller, seconds, |_| size)
}

fn check(name: &str, line: Line, times: (f64, f64), size: u64) {
    let (rate, enough) = best(line, times.1, size);
    for seed in 1..=4 {
        let found = settled(line, seed * 7919, times, size);
        assert!(
            found.rate >= 0.85 * rate,
            "{name}, seed {seed}: {found:?}, best {rate} with {enough}"
        );
        let most = (2.0 * enough).max(enough + 8.0);
        assert!(
            found.limit <= most,
            "{name}, seed {seed}: {found:?}, best {rate} with {enough}"
        );
    }
}

#[test]
fn a_near_service_is_kept_busy_without_a_crowd() {
    check("near", LAN, (3.0, 1.5), SMALL);
    check("near", LAN, (8.0, 8.0), BLOCK);
}

#[test]
fn a_far_service_gets_all_that_is_allowed() {
    check("far", WAN, (6.0, 6.0), SMALL);
    let found = settled(WAN, 1, (6.0, 6.0), SMALL);
    assert!(found.limit >= 0.9 * as_number(CEILING), "{found:?}");
}

#[test]
fn a_narrow_line_is_filled_and_not_flooded() {
    check("narrow", NARROW, (20.0, 20.0), SMALL);
    check("narrow", NARROW, (600.0, 600.0), BLOCK);
}

#[test]
fn a_service_that_throttles_is_asked_for_nearly_what_it_allows() {
    for seed in 1..=4 {
        let found = settled(STRICT, seed * 104_729, (10.0, 30.0), SMALL);
        assert!(
            (13.0..=20.5).contains(&found.limit),
            "seed {seed}: {found:?}"
        );
        assert!(found.throttled < 0.03, "seed {seed}: {found:?}");
    }
}

#[test]
fn a_line_that_changes_is_found_anew() {
    let size = |number: u64| {
        if number.is_multiple_of(40) {
            BLOCK
        } else {
            SMALL
        }
    };
    let mut simulation = Simulation::new(WAN, 5);
    let mut controller = Controller::new(CEILING);
    simulation.run_with(&mut controller, 12.0, size);
    simulation.change(LAN);
    simulation.run_with(&mut controller, 6.0, |_| SMALL);
    let near = simulation.run_with(&mut controller, 6.0, |_| SMALL);
    simulation.change(WAN);
    simulation.run_with(&mut controller, 10.0, |_| SMALL);
    let again = simulation.run_with(&mut controller, 6.0, |_| SMALL);
    assert!(near.limit < 20.0, "{near:?}");
    assert!(again.limit > 50.0, "{again:?}");
}

fn observation(at: u64, took: u64, under_way: usize, outcome: Outcome) -> Observation {
    Observation {
        at: Duration::from_millis(at),
        took: Duration::from_millis(took),
        bytes: SMALL,
        under_way,
        outcome,
    }
}

#[test]
fn one_crowd_of_refusals_halves_once() {
    let mut controller = Controller::new(CEILING);
    for at in 100..110 {
        controller.ended(&observation(at, 90, 10, Outcome::Throttled));
    }
    assert_eq!(controller.limit(), START / 2);
    controller.ended(&observation(120, 5, 10, Outcome::Throttled));
    assert_eq!(controller.limit(), START / 4);
    for at in 0..100 {
        controller.ended(&observation(200 + 10 * at, 5, 10, Outcome::Throttled));
    }
    assert_eq!(controller.limit(), 2);
}

#[test]
fn what_is_not_used_is_not_changed() {
    let mut controller = Controller::new(CEILING);
    for at in 0..10_000 {
        controller.ended(&observation(10 * at, 10, START / 2, Outcome::Done));
        controller.ended(&observation(10 * at, 10, START, Outcome::Failed));
    }
    assert_eq!(controller.limit(), START);
    for at in 10_000..10_100 {
        controller.ended(&observation(10 * at, 10, START, Outcome::Done));
    }
    assert!(controller.limit() > START);
}

#[test]
fn the_ceiling_is_never_left() {
    for ceiling in [0, 1, 2, 5] {
        let mut simulation = Simulation::new(WAN, 3);
        let mut controller = Controller::new(ceiling);
        let found = simulation.run_with(&mut controller, 5.0, |_| SMALL);
        let most = as_number(ceiling.max(1));
        assert!((0.9 * most..=most).contains(&found.limit), "{found:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn any_line_is_nearly_filled(
        round_trip in 0.002..0.2_f64,
        megabits in 20.0..5000.0_f64,
        workers in 1..100_usize,
        service in 0.001..0.02_f64,
        jitter in 0.0..0.6_f64,
        seed: u64,
    ) {
        let line = Line {
            round_trip,
            bandwidth: megabits * 1e6 / 8.0,
            workers,
            service,
            allowed: usize::MAX,
            jitter,
        };
        let (rate, enough) = best(line, 4.0, SMALL);
        let found = settled(line, seed, (10.0, 8.0), SMALL);
        prop_assert!(found.rate >= 0.8 * rate, "{found:?}, best {rate} with {enough}");
    }
}
