//! Staging again what is staged, and going back and forward between releases.

use longshore_manifest::Release;
use serde_json::json;

use crate::world::{World, artifact, ended, events, good, path};

/// Every version has bytes of its own.
fn seed(version: &str) -> u64 {
    version.bytes().map(u64::from).sum()
}

/// The version of the first file.
fn version_of(release: &Release) -> &str {
    release.content.artifacts[0].version.as_str()
}

fn manifest(world: &World, version: &str) -> String {
    world.offer("alpha", version, good(seed(version), 300_000));
    world.offer("beta", "1.0", good(2, 20));
    world.manifest(
        "tools",
        &[artifact("alpha", version), artifact("beta", "1.0")],
    )
}

#[test]
fn a_second_run_sends_nothing_and_makes_no_release() {
    let world = World::new();
    let manifest = manifest(&world, "1.0");
    let first = ended(world.stage(&manifest, &[]).run(), 0);
    assert_eq!(
        first.summary()["uploaded"],
        json!({ "files": 2, "bytes": 300_020 })
    );
    assert_eq!(first.summary()["flipped"], true);
    let (release, lock) = (world.release(), world.lock("tools"));
    for more in [&[][..], &["--locked"], &["--update"]] {
        world.pier.control().reset_counters();
        world.vendor.reset_counts();
        let again = ended(world.stage(&manifest, more).run(), 0);
        let summary = again.summary();
        assert_eq!(summary["uploaded"]["files"], 0, "{again:?}");
        assert_eq!(summary["bytes_sent"], 0, "{again:?}");
        assert_eq!(summary["present"], 2, "{again:?}");
        assert_eq!(summary["flipped"], false, "{again:?}");
        assert_eq!(summary["release"], release.release.to_string());
        assert_eq!(world.pier.counters().writes(), 0, "{more:?}");
        assert_eq!(
            summary["requests"]["total"],
            world.pier.counters().total_requests()
        );
        if more != ["--update"] {
            assert_eq!(
                world.vendor.count(&path("alpha", "1.0")).sent,
                0,
                "{more:?}"
            );
            assert_eq!(world.lock("tools"), lock, "{more:?}");
        }
        assert_eq!(world.release(), release);
    }
}

#[test]
fn another_machine_with_the_lock_makes_the_same_release() {
    let world = World::new();
    let manifest = manifest(&world, "1.0");
    let release = world.staged(&manifest, &[]);
    world.vendor.reset_counts();
    let cellar = world.pier.folder().join("elsewhere");
    let cellar = cellar.to_str().unwrap();
    let ran = ended(
        world
            .stage(&manifest, &["--locked", "--cellar", cellar])
            .run(),
        0,
    );
    assert_eq!(ran.summary()["flipped"], false);
    assert_eq!(world.vendor.count(&path("alpha", "1.0")).sent, 0);
    assert_eq!(world.release(), release);
}

fn roll(world: &World, manifest: &str, to: &Release) {
    let digest = to.release.to_string();
    let run = world.look(&["releases", "rollback"], manifest, &["--to", &digest]);
    let ran = ended(run.run(), 0);
    assert_eq!(events(&ran, "rolled-back")[0]["flipped"], true, "{ran:?}");
    assert_eq!(&world.release(), to);
}

#[test]
fn releases_are_rolled_back_and_forward() {
    let world = World::new();
    let old = world.staged(&manifest(&world, "1.0"), &[]);
    let manifest = manifest(&world, "2.0");
    let new = world.staged(&manifest, &[]);
    assert_ne!(old.release, new.release);
    let writes = world.pier.counters().writes();
    roll(&world, &manifest, &old);
    roll(&world, &manifest, &new);
    roll(&world, &manifest, &old);
    assert_eq!(
        world.pier.counters().writes() - writes,
        3,
        "the pointer is all that is written"
    );
    let back = ended(
        world.look(&["releases", "rollback"], &manifest, &[]).run(),
        0,
    );
    assert_eq!(events(&back, "rolled-back")[0]["flipped"], true);
    assert_eq!(world.release(), new);
    let diff = world.look(&["releases", "diff"], &manifest, &["--detailed-exitcode"]);
    ended(diff.run(), 2);
    let unknown = world.look(&["releases", "rollback"], &manifest, &["--to", "abcdef"]);
    assert_eq!(unknown.run().code, Some(1));
    assert_eq!(world.release(), new);
}

#[test]
fn another_version_of_the_same_bytes_is_not_sent_again() {
    let world = World::new();
    for version in ["1.0", "2.0"] {
        world.offer("alpha", version, good(1, 50_000));
        let manifest = world.manifest("tools", &[artifact("alpha", version)]);
        let ran = ended(world.stage(&manifest, &[]).run(), 0);
        let sent = if version == "1.0" { 50_000 } else { 0 };
        assert_eq!(ran.summary()["bytes_sent"], sent, "{ran:?}");
        assert_eq!(version_of(&world.release()), version);
    }
}

#[test]
fn a_dry_run_writes_nothing() {
    let world = World::new();
    let manifest = manifest(&world, "1.0");
    let ran = ended(world.stage(&manifest, &["--dry-run"]).run(), 0);
    assert_eq!(ran.summary()["would_stage"]["files"], 2, "{ran:?}");
    assert_eq!(world.pier.counters().writes(), 0);
    assert!(world.is_unpublished());
    assert!(!world.pier.folder().join("tools.lock").exists());
}

#[test]
fn a_mirror_brings_all_in_and_publishes_nothing() {
    let world = World::new();
    let manifest = manifest(&world, "1.0");
    let destination = world.pier.destination();
    let mirror = world.ask("mirror", &manifest, &["--destination", &destination]);
    let ran = ended(mirror.run(), 0);
    assert_eq!(ran.summary()["uploaded"]["files"], 2, "{ran:?}");
    assert!(world.is_unpublished());
    world.vendor.reset_counts();
    let ran = ended(world.stage(&manifest, &[]).run(), 0);
    assert_eq!(ran.summary()["bytes_sent"], 0, "{ran:?}");
    assert_eq!(ran.summary()["flipped"], true, "{ran:?}");
    assert_eq!(world.vendor.count(&path("alpha", "1.0")).sent, 0);
    assert_eq!(world.release().content.artifacts.len(), 2);
}

#[test]
fn a_prune_without_leave_to_delete_deletes_nothing() {
    let world = World::new();
    let first = world.staged(&manifest(&world, "1.0"), &[]);
    world.staged(&manifest(&world, "2.0"), &[]);
    let manifest = manifest(&world, "3.0");
    world.staged(&manifest, &[]);
    let limits = [
        "--keep-versions",
        "1",
        "--keep-releases",
        "1",
        "--older-than",
        "0s",
    ];
    let prune = |more: &[&str]| world.look(&["prune"], &manifest, &[&limits[..], more].concat());
    let writes = world.pier.counters().writes();
    ended(prune(&["--detailed-exitcode"]).run(), 2);
    assert_eq!(world.pier.counters().writes(), writes);
    ended(prune(&["--delete", "--max-delete", "1"]).run(), 5);
    assert_eq!(world.pier.counters().writes(), writes);
    assert!(world.pier.blob("alpha/1.0/setup.exe").is_some());
    let pruned = ended(prune(&["--delete", "--max-delete", "100%"]).run(), 0);
    assert!(
        world.pier.blob("alpha/1.0/setup.exe").is_none(),
        "{pruned:?}"
    );
    let gone = first.release.to_string();
    let gone = world.look(&["releases", "rollback"], &manifest, &["--to", &gone]);
    ended(gone.run(), 1);
    assert_eq!(version_of(&world.release()), "3.0");
    // The way back stays open, whatever the limits say.
    ended(
        world.look(&["releases", "rollback"], &manifest, &[]).run(),
        0,
    );
    assert_eq!(version_of(&world.release()), "2.0");
}
