//! A vendor who puts other bytes at the same URL.

use longshore_tests::pier::noise;

use crate::world::{World, artifact, assert_named, ended, events, good, path, said};

fn manifest(world: &World) -> String {
    world.offer("alpha", "1.0", good(1, 50_000));
    world.manifest("tools", &[artifact("alpha", "1.0")])
}

/// Other bytes of the same length under another ETag.
fn republish(world: &World) {
    world.offer("alpha", "1.0", good(2, 50_000).etag("\"republished\""));
}

#[test]
fn the_pinned_bytes_stay_and_it_is_told() {
    let world = World::new();
    let manifest = manifest(&world);
    let release = world.staged(&manifest, &[]);
    let lock = world.lock("tools");
    republish(&world);
    for more in [&[][..], &["--locked"]] {
        let ran = ended(world.stage(&manifest, more).run(), 0);
        assert_eq!(ran.summary()["republished"], 1, "{ran:?}");
        assert_eq!(events(&ran, "republished")[0]["id"], "alpha", "{ran:?}");
        assert_eq!(world.release(), release);
        assert_eq!(world.lock("tools"), lock);
    }
    assert_eq!(world.vendor.count(&path("alpha", "1.0")).sent, 50_000);
}

#[test]
fn a_locked_lock_fails_and_says_what_and_why() {
    let world = World::new();
    let manifest = manifest(&world);
    ended(world.ask("lock", &manifest, &[]).run(), 0);
    ended(world.ask("lock", &manifest, &["--locked"]).run(), 0);
    let lock = world.lock("tools");
    republish(&world);
    let ran = ended(world.ask("lock", &manifest, &["--locked"]).run(), 6);
    assert!(said(&ran).contains("alpha"), "{ran:?}");
    assert!(said(&ran).contains("sha256"), "{ran:?}");
    assert_eq!(world.lock("tools"), lock);
}

#[test]
fn another_etag_for_the_same_bytes_is_no_drift() {
    let world = World::new();
    let manifest = manifest(&world);
    ended(world.ask("lock", &manifest, &[]).run(), 0);
    world.offer("alpha", "1.0", good(1, 50_000).etag("\"another server\""));
    ended(world.ask("lock", &manifest, &["--locked"]).run(), 0);
}

#[test]
fn outdated_shows_it() {
    let world = World::new();
    let manifest = manifest(&world);
    ended(world.ask("lock", &manifest, &[]).run(), 0);
    let calm = world.ask("outdated", &manifest, &["--detailed-exitcode"]);
    ended(calm.run(), 0);
    republish(&world);
    let ran = ended(
        world
            .ask("outdated", &manifest, &["--detailed-exitcode"])
            .run(),
        2,
    );
    assert!(ran.stdout.contains("\"republished\""), "{ran:?}");
}

#[test]
fn bytes_that_nobody_staged_in_time_are_a_mismatch() {
    let world = World::new();
    let manifest = manifest(&world);
    ended(world.ask("lock", &manifest, &[]).run(), 0);
    republish(&world);
    let cellar = world.pier.folder().join("elsewhere");
    let more = ["--cellar", cellar.to_str().unwrap()];
    let ran = ended(world.stage(&manifest, &more).run(), 6);
    assert_named(&ran, "alpha", "not the file that is pinned");
    assert!(world.is_unpublished());
}

#[test]
fn a_manifest_that_names_the_digest_takes_no_other_bytes() {
    let world = World::new();
    let digest = crate::consumer::digests(&noise(1, 50_000)).sha256;
    manifest(&world);
    republish(&world);
    let block = format!("{}sha256 = \"{digest}\"\n", artifact("alpha", "1.0"));
    let manifest = world.manifest("strict", &[block]);
    let ran = ended(world.stage(&manifest, &[]).run(), 6);
    assert_named(&ran, "alpha", "not the file that is pinned");
    assert!(world.is_unpublished());
}

#[test]
fn an_update_takes_them_beside_the_old_ones() {
    let world = World::new();
    let manifest = manifest(&world);
    let old = world.staged(&manifest, &[]);
    republish(&world);
    let new = world.staged(&manifest, &["--update"]);
    let (was, is) = (&old.content.artifacts[0], &new.content.artifacts[0]);
    assert_eq!(
        is.sha256,
        crate::consumer::digests(&noise(2, 50_000)).sha256
    );
    assert_ne!(
        was.blob, is.blob,
        "a blob that a release names is never written over"
    );
    ended(
        world.look(&["releases", "rollback"], &manifest, &[]).run(),
        0,
    );
    assert_eq!(world.release(), old);
}

#[test]
fn a_cooldown_leaves_them_out_until_they_are_old() {
    let world = World::new();
    let manifest = manifest(&world);
    let release = world.staged(&manifest, &[]);
    let lock = world.lock("tools");
    republish(&world);
    world.vendor.change(&path("alpha", "1.0"), |served| {
        served.modified("Fri, 31 Dec 2100 10:00:00 GMT")
    });
    let ran = ended(
        world
            .stage(&manifest, &["--cooldown", "7d", "--update"])
            .run(),
        0,
    );
    assert_eq!(events(&ran, "cooling")[0]["id"], "alpha", "{ran:?}");
    assert_eq!(world.release(), release);
    assert_eq!(world.lock("tools"), lock);
}
