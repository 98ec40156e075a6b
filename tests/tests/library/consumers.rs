//! A build VM that reads a library again and again while releases come, go back and are pruned.

use std::sync::{Condvar, Mutex};

use crate::consumer::consume;
use crate::world::{LIBRARY, World, artifact, ended, good};

/// How often the library was read, and whether that goes on.
#[derive(Debug, Default)]
struct Reading {
    state: Mutex<State>,
    read: Condvar,
}

#[derive(Debug, Default)]
struct State {
    times: u64,
    is_over: bool,
}

impl Reading {
    /// Waits until the library was read from the beginning to the end after now.
    fn once_more(&self) {
        let state = self.state.lock().unwrap();
        let target = state.times + 2;
        let waited = self
            .read
            .wait_while(state, |state| state.times < target && !state.is_over);
        assert!(!waited.unwrap().is_over, "the consumer gave up");
    }

    /// Counts a time; whether to go on.
    fn note(&self) -> bool {
        let mut state = self.state.lock().unwrap();
        state.times += 1;
        self.read.notify_all();
        !state.is_over
    }
}

/// Ends the other side also when this one fails.
struct Ends<'a>(&'a Reading);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        if let Ok(mut state) = self.0.state.lock() {
            state.is_over = true;
        }
        self.0.read.notify_all();
    }
}

/// Publishes, goes back and forward, and prunes; a consumer may still be busy with the release before the last.
fn publish_and_prune(world: &World, reading: &Reading) {
    for round in 2..7_u64 {
        let version = format!("{round}.0");
        world.offer("alpha", &version, good(round, 150_000));
        let manifest = world.manifest(
            "tools",
            &[artifact("alpha", &version), artifact("beta", "1.0")],
        );
        let new = world.staged(&manifest, &[]);
        reading.once_more();
        ended(
            world.look(&["releases", "rollback"], &manifest, &[]).run(),
            0,
        );
        reading.once_more();
        let forward = new.release.to_string();
        let forward = world.look(&["releases", "rollback"], &manifest, &["--to", &forward]);
        ended(forward.run(), 0);
        reading.once_more();
        let limits = [
            "--keep-versions",
            "1",
            "--keep-releases",
            "2",
            "--older-than",
            "0s",
        ];
        let delete = ["--delete", "--max-delete", "100%"];
        let pruned = world.look(&["prune"], &manifest, &[&limits[..], &delete].concat());
        ended(pruned.run(), 0);
    }
}

#[test]
fn a_consumer_never_sees_a_missing_or_a_wrong_blob() {
    let world = World::new();
    world.offer("alpha", "1.0", good(1, 150_000));
    world.offer("beta", "1.0", good(100, 10_000));
    let manifest = world.manifest(
        "tools",
        &[artifact("alpha", "1.0"), artifact("beta", "1.0")],
    );
    world.staged(&manifest, &[]);
    let reading = Reading::default();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let _ends = Ends(&reading);
            loop {
                let release = consume(LIBRARY, |blob| world.pier.blob(blob)).unwrap();
                assert_eq!(release.content.artifacts.len(), 2);
                if !reading.note() {
                    break;
                }
            }
        });
        let _ends = Ends(&reading);
        publish_and_prune(&world, &reading);
    });
    assert_eq!(
        world.pier.blob("alpha/1.0/setup.exe"),
        None,
        "old versions are pruned"
    );
    assert_eq!(world.release().content.artifacts[0].version.as_str(), "6.0");
}
