//! Staging through bad weather: answers that fail, connections that break, processes that are killed.

use longshore_drydock::{Fault, Operation};
use longshore_tests::pier::{Pier, noise};
use rand::{Rng, SeedableRng};

const MIB: usize = 1 << 20;

/// Every n-th request fails in some way; the run ends well all the same, and everything is right.
fn weather(fault: fn() -> Fault) {
    for every in [2, 3, 5, 11] {
        let pier = Pier::new();
        (0..12).for_each(|i| pier.write(&format!("{i}"), noise(i, 3000)));
        pier.write("large", noise(99, 30 * MIB));
        pier.control().add_fault(fault().every(every));
        let ran = pier.sync(&[]).run();
        assert_eq!(ran.code, Some(0), "every {every}: {}", ran.stdout);
        pier.control().clear_faults();
        pier.assert_staged(&["0", "11", "large"]);
        pier.control().reset_counters();
        assert_eq!(pier.synced().summary()["unchanged"]["files"], 13);
        assert_eq!(pier.counters().writes(), 0);
    }
}

#[test]
fn busy_answers() {
    weather(|| Fault::status(503, "ServerBusy"));
}

#[test]
fn internal_errors() {
    weather(|| Fault::status(500, "InternalError"));
}

#[test]
fn connections_reset_before_the_body() {
    weather(|| Fault::reset(0));
}

#[test]
fn connections_reset_in_the_body() {
    weather(|| Fault::reset(2000));
}

#[test]
fn answers_lost_after_the_work_was_done() {
    weather(Fault::lose_answer);
}

/// Kills at random moments of a large upload; `LONGSHORE_TEST_KILLS=1024x10` makes it ten kills of 1 GiB.
#[test]
fn killed_at_any_moment_an_upload_is_continued() {
    let (size, kills) = kills();
    let mut random = rand::rngs::SmallRng::seed_from_u64(7);
    for kill in 0..kills {
        let pier = Pier::new();
        pier.write("setup.iso", noise(kill, size));
        let moment = random.random_range(0..size as u64 * 9 / 10);
        let mut child = pier.sync(&[]).start();
        while pier.counters().of(Operation::PutBlock).bytes_in < moment {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert_eq!(pier.blob("setup.iso"), None, "nothing half done is seen");

        pier.synced();
        pier.assert_staged(&["setup.iso"]);
        let staged = pier.counters().of(Operation::PutBlock);
        // What was accepted is never sent again, and what was under way at the kill is bounded by the memory budget.
        let in_flight = 128 * MIB as u64;
        assert!(
            staged.accepted_bytes <= size as u64 + in_flight,
            "{staged:?}"
        );
        assert!(staged.bytes_in <= size as u64 + in_flight, "{staged:?}");
        assert_eq!(pier.synced().summary()["unchanged"]["files"], 1);
    }
}

#[expect(clippy::disallowed_methods, reason = "the one setting of this test")]
fn kills() -> (usize, u64) {
    let setting = std::env::var("LONGSHORE_TEST_KILLS").unwrap_or_else(|_| "160x3".to_owned());
    let (size, kills) = setting.split_once('x').expect("SIZE_IN_MIBxKILLS");
    (
        size.parse::<usize>().expect("a size") * MIB,
        kills.parse().expect("a number"),
    )
}
