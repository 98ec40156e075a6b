//! Vendors who answer badly after a good release: it stays whole, and the report says what was wrong.

use longshore_manifest::Release;
use longshore_tests::binary::Ran;
use longshore_tests::pier::noise;
use longshore_tests::upstream::Served;

use crate::world::{World, artifact, assert_named, ended, events, good, path};

const SIZE: usize = 200_000;

/// A good release, and then a version that the vendor serves in this way.
struct Case {
    world: World,
    before: Release,
    manifest: String,
}

impl Case {
    fn new(served: Served) -> Self {
        let world = World::new();
        world.offer("alpha", "1.0", good(1, 30_000));
        let before = world.staged(&world.manifest("tools", &[artifact("alpha", "1.0")]), &[]);
        world.offer("alpha", "2.0", served);
        let manifest = world.manifest("tools", &[artifact("alpha", "2.0")]);
        Self {
            world,
            before,
            manifest,
        }
    }

    /// The vendor never does better: the run fails and says why, and the release is the old one.
    fn fails(&self, code: i32, cause: &str) -> Ran {
        let lock = self.world.lock("tools");
        let ran = ended(self.world.stage(&self.manifest, &[]).run(), code);
        assert_named(&ran, "alpha", cause);
        assert_eq!(ran.summary()["exit_code"], code);
        assert_eq!(ran.summary()["failed"], 1, "{ran:?}");
        assert!(ran.summary()["release"].is_null(), "{ran:?}");
        assert_eq!(self.world.release(), self.before);
        assert_eq!(self.world.lock("tools"), lock);
        ran
    }

    /// The vendor does better when asked again: the new release is there, and right.
    fn recovers(&self, content: &[u8]) {
        let release = self.world.staged(&self.manifest, &[]);
        let expected = crate::consumer::digests(content);
        assert_eq!(release.content.artifacts[0].sha256, expected.sha256);
        assert_ne!(release, self.before);
    }
}

#[test]
fn an_answer_that_ends_early_is_completed() {
    let case = Case::new(good(2, SIZE).truncated_after(70_000, 1));
    case.recovers(&noise(2, SIZE));
    let sent = case.world.vendor.count(&path("alpha", "2.0")).sent;
    assert_eq!(sent, SIZE as u64, "nothing is fetched twice");
}

#[test]
fn a_reset_is_survived() {
    Case::new(good(2, SIZE).reset_after(70_000, 1)).recovers(&noise(2, SIZE));
}

#[test]
fn a_vendor_who_throttles_for_a_moment_is_asked_again() {
    let served = good(2, SIZE).refused(429, 2).retry_after("0");
    Case::new(served).recovers(&noise(2, SIZE));
}

#[test]
fn a_vendor_who_throttles_for_long_is_left_alone() {
    let served = good(2, SIZE).refused(429, u32::MAX).retry_after("86400");
    let case = Case::new(served);
    case.fails(8, "429");
    let count = case.world.vendor.count(&path("alpha", "2.0"));
    assert_eq!(count.gets, 1, "{count:?}");
}

#[test]
fn a_vendor_who_wants_somebody_else_is_named() {
    for status in [401, 403] {
        Case::new(Served::status(status)).fails(7, &status.to_string());
    }
}

#[test]
fn a_file_that_is_gone_is_named() {
    for status in [404, 410] {
        Case::new(Served::status(status)).fails(3, "nothing is there");
    }
}

#[test]
fn a_redirect_is_followed() {
    let case = Case::new(Served::redirect("/cdn/setup.exe"));
    case.world.vendor.put("/cdn/setup.exe", good(2, SIZE));
    case.recovers(&noise(2, SIZE));
    let lock = case.world.lock("tools");
    assert!(
        lock.contains("vendor.example") && !lock.contains("cdn"),
        "{lock}"
    );
}

#[test]
fn a_redirect_to_itself_is_named() {
    let case = Case::new(Served::redirect(path("alpha", "2.0")));
    case.fails(3, "too many redirects");
}

#[test]
fn a_vendor_who_promises_less_than_there_is_has_no_pinned_file() {
    let case = Case::new(good(2, SIZE).claiming(SIZE as u64 - 1));
    let digest = crate::consumer::digests(&noise(2, SIZE)).sha256;
    let block = format!("{}sha256 = \"{digest}\"\n", artifact("alpha", "2.0"));
    case.world.manifest("tools", &[block]);
    case.fails(6, path("alpha", "2.0").as_str());
}

/// Three who never send all of it. They are asked again and again, so that one run asks all three.
#[test]
fn answers_that_never_come_to_their_end_are_named() {
    let case = Case::new(
        good(2, SIZE)
            .without_ranges()
            .truncated_after(70_000, u32::MAX),
    );
    let world = &case.world;
    let resets = good(3, SIZE).without_ranges().reset_after(0, u32::MAX);
    world.offer("resets", "1.0", resets);
    let promises = good(4, SIZE).without_ranges().claiming(SIZE as u64 + 1);
    world.offer("promises", "1.0", promises);
    let manifest = world.manifest(
        "tools",
        &[
            artifact("alpha", "2.0"),
            artifact("resets", "1.0"),
            artifact("promises", "1.0"),
        ],
    );
    let ran = ended(world.stage(&manifest, &[]).run(), 3);
    assert_eq!(ran.summary()["failed"], 3, "{ran:?}");
    assert_named(&ran, "alpha", "ended after");
    assert_named(&ran, "resets", "ended after 0 bytes");
    assert_named(&ran, "promises", "ended after 200000 bytes");
    assert_eq!(world.release(), case.before);
}

/// One run tells of all that went wrong, and brings in what went right.
#[test]
fn single_failures_do_not_stop_the_others() {
    let world = World::new();
    world.offer("old", "1.0", good(1, 30_000));
    let before = world.staged(&world.manifest("tools", &[artifact("old", "1.0")]), &[]);
    let offers = [
        ("denied", Served::status(403)),
        ("gone", Served::status(404)),
        (
            "throttled",
            good(2, 9).refused(429, u32::MAX).retry_after("86400"),
        ),
        ("round", Served::redirect("/round/1.0/setup.exe")),
        ("right", good(5, 40_000)),
    ];
    let mut blocks = vec![artifact("old", "1.0")];
    for (id, served) in offers {
        world.offer(id, "1.0", served);
        blocks.push(artifact(id, "1.0"));
    }
    let manifest = world.manifest("tools", &blocks);
    let ran = ended(world.stage(&manifest, &[]).run(), 3);
    assert_eq!(ran.summary()["failed"], 4, "{ran:?}");
    assert_eq!(ran.summary()["uploaded"]["files"], 1, "{ran:?}");
    assert!(events(&ran, "flipped").is_empty(), "{ran:?}");
    for (id, cause) in [
        ("denied", "403"),
        ("gone", "nothing is there"),
        ("throttled", "429"),
        ("round", "too many redirects"),
    ] {
        assert_named(&ran, id, cause);
    }
    assert_eq!(world.release(), before);
    assert!(
        world.lock("tools").contains("right"),
        "what is known is pinned"
    );
    for id in ["denied", "gone", "throttled", "round"] {
        world.offer(id, "1.0", good(9, 1_000));
    }
    let release = world.staged(&manifest, &[]);
    assert_eq!(release.content.artifacts.len(), 6);
    assert_eq!(world.vendor.count(&path("right", "1.0")).gets, 1);
}
