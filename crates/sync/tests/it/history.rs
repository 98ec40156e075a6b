//! Plans over random histories: applied they make the destination equal, whatever happens on the way.

use longshore_store::{Fault, FaultError, FaultKind, FaultWhen};
use longshore_sync::{Cancel, Direction};
use proptest::prelude::*;

use crate::common::{MIB, noise};
use crate::ends::{Ends, all_allowed, lines};

const NAMES: [&str; 7] = ["a", "b", "d/a", "d/b", "d/e/f", "d-x", "z"];

/// One thing that somebody does to the files.
#[derive(Debug, Clone)]
enum Change {
    Write(usize, u8),
    Remove(usize),
    Rename(usize, usize),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (0..NAMES.len(), 0_u8..6).prop_map(|(name, content)| Change::Write(name, content)),
        1 => (0..NAMES.len()).prop_map(Change::Remove),
        2 => (0..NAMES.len(), 0..NAMES.len()).prop_map(|(from, to)| Change::Rename(from, to)),
    ]
}

/// One content of a few, so that the same one stands under several names: empty, small, or of several blocks.
fn content(kind: u8) -> Vec<u8> {
    match kind {
        0 => Vec::new(),
        1..=3 => noise(u64::from(kind), 100),
        kind => noise(u64::from(kind), 9 * MIB),
    }
}

fn make(ends: &Ends, change: &Change) {
    match change {
        Change::Write(name, kind) => ends.write(NAMES[*name], content(*kind)),
        Change::Remove(name) => ends.remove(NAMES[*name]),
        Change::Rename(from, to) => {
            if let Ok(bytes) = fs_err::read(ends.path(NAMES[*from])) {
                ends.remove(NAMES[*from]);
                ends.write(NAMES[*to], bytes);
            }
        }
    }
}

fn direction() -> impl Strategy<Value = Direction> {
    prop_oneof![
        Just(Direction::Up),
        Just(Direction::Down),
        Just(Direction::Across)
    ]
}

/// A call fails before the work, or after it with its answer lost; from there on, or once.
fn fault() -> impl Strategy<Value = Fault> {
    let error = prop_oneof![Just(FaultError::Io), Just(FaultError::TimedOut)];
    let kind = (any::<bool>(), error).prop_map(|(after, error)| {
        if after {
            FaultKind::After(error)
        } else {
            FaultKind::Before(error)
        }
    });
    let when = (1_u64..30, any::<bool>()).prop_map(|(n, once)| {
        if once {
            FaultWhen::Nth(n)
        } else {
            FaultWhen::From(n)
        }
    });
    (kind, when).prop_map(|(kind, when)| Fault {
        operation: None,
        when,
        kind,
    })
}

async fn follow(direction: Direction, rounds: Vec<(Vec<Change>, Option<Fault>)>) {
    let ends = Ends::new(direction);
    ends.write("keep", "k");
    for (changes, fault) in rounds {
        for change in &changes {
            make(&ends, change);
        }
        ends.settle().await;
        let plan = ends.plan(all_allowed()).await.unwrap();
        if let Some(fault) = fault {
            // Whatever became of it, the same plan goes on.
            let _ = ends.apply(&plan, vec![fault]).await;
        }
        let summary = ends.apply(&plan, Vec::new()).await.outcome.unwrap();
        assert_eq!(summary.failed, 0);
        assert!(
            ends.held().await == ends.wanted(),
            "{:?}",
            ends.held().await.keys()
        );

        let again = ends.plan(all_allowed()).await.unwrap();
        assert_eq!(lines(&again).1, [], "nothing is left to do");
        let summary = ends.apply(&plan, Vec::new()).await.outcome.unwrap();
        assert_eq!(
            summary.unchanged.files,
            lines(&plan).0.totals.operations() - lines(&plan).0.totals.delete.files
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn an_applied_plan_makes_the_destination_equal(
        direction in direction(),
        rounds in prop::collection::vec(
            (prop::collection::vec(change(), 0..6), prop::option::of(fault())), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.unwrap().block_on(follow(direction, rounds));
    }

    #[test]
    fn a_sync_that_failed_is_completed_by_the_next(
        direction in direction(),
        rounds in prop::collection::vec(
            (prop::collection::vec(change(), 0..6), prop::option::of(fault())), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
        runtime.unwrap().block_on(async {
            let ends = Ends::new(direction);
            ends.write("keep", "k");
            for (changes, fault) in rounds {
                for change in &changes {
            make(&ends, change);
        }
                ends.settle().await;
                let before = ends.held().await;
                if let Some(fault) = fault {
                    let went = ends.sync(all_allowed(), vec![fault]).await;
                    let failed = went.outcome.map_or(1, |summary| summary.failed);
                    let wanted = ends.wanted();
                    let held = ends.held().await;
                    // What arrived of an unfinished download is kept for the next run.
                    for (name, bytes) in held.iter().filter(|(name, _)| !name.contains(".longshore-part")) {
                        let is = |tree: &crate::ends::Tree| tree.get(name) == Some(bytes);
                        assert!(is(&before) || is(&wanted), "`{name}` is neither old nor new");
                    }
                    if failed > 0 {
                        let gone = before.keys().filter(|name| !wanted.contains_key(*name));
                        let held = ends.held().await;
                        // What failed before the deletes withholds them all.
                        let left = gone.clone().filter(|name| held.contains_key(*name)).count();
                        assert!(left == gone.count() || held.len() >= wanted.len());
                    }
                }
                let summary = ends.sync(all_allowed(), Vec::new()).await.outcome.unwrap();
                assert_eq!(summary.failed, 0);
                assert!(ends.held().await == ends.wanted());
            }
        });
    }
}

#[tokio::test]
async fn a_plan_that_was_interrupted_goes_on() {
    for direction in [Direction::Up, Direction::Down, Direction::Across] {
        let ends = Ends::new(direction);
        for i in 0..40 {
            ends.write(&format!("f{i}"), noise(i, 100));
        }
        ends.write("large", noise(99, 20 * MIB));
        ends.settle().await;
        let plan = ends.plan(all_allowed()).await.unwrap();
        for asked in [1, 2] {
            let cancel = Cancel::new();
            let stop = cancel.clone();
            let interrupt = async move {
                for _ in 0..50 {
                    tokio::task::yield_now().await;
                }
                for _ in 0..asked {
                    stop.escalate();
                }
            };
            let (went, ()) = tokio::join!(ends.apply_with(&plan, Vec::new(), cancel), interrupt);
            went.outcome.unwrap();
        }
        ends.apply(&plan, Vec::new()).await.outcome.unwrap();
        assert!(ends.held().await == ends.wanted(), "{direction:?}");
    }
}
