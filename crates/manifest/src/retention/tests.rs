mod properties;
mod world;

use super::*;
use crate::samples::{blake3, released};
use crate::{Architecture, Locked, Released};
use world::{World, deleted, json, lock_of, locked, reason, retention};

/// Five versions of one artifact, published one after the other.
fn five() -> World {
    let mut world = World::default();
    for (version, day) in [
        ("1.8", 1),
        ("1.9", 2),
        ("1.10-rc1", 3),
        ("1.10", 4),
        ("1.11", 5),
    ] {
        world.publish("tools", day, vec![released("a", version, 1)]);
    }
    world
}

#[test]
fn the_current_and_the_previous_release_stay_whatever_is_asked() {
    let world = five();
    let decision = world.decide(retention(0, 0)).unwrap();
    let doomed: Vec<BlobPath> = world.releases[..3].iter().map(json).collect();
    assert_eq!(decision.releases.len(), 3);
    assert_eq!(decision.documents.len(), 6);
    for (documents, release) in decision.documents.chunks(2).zip(&decision.releases) {
        assert!(doomed.contains(&documents[0].path));
        assert_eq!(documents[1].path, Release::tsv_path(&release.0, release.1));
    }
    let blobs: Vec<&str> = decision
        .blobs
        .iter()
        .map(|doomed| doomed.path.as_str())
        .collect();
    assert_eq!(blobs, ["a/1.10-rc1/a.exe", "a/1.8/a.exe", "a/1.9/a.exe"]);
    assert_eq!(decision.bytes(), 9000);
    let current = json(&world.releases[4]);
    assert_eq!(reason(&decision, current.as_str()), KeepReason::Current);
    assert_eq!(
        reason(&decision, json(&world.releases[3]).as_str()),
        KeepReason::Previous
    );
    assert_eq!(
        reason(&decision, "_releases/tools/current.json"),
        KeepReason::Pointer
    );
    let named = reason(&decision, "a/1.10/a.exe").to_string();
    assert_eq!(
        named,
        format!(
            "named by the release {} of `tools`",
            world.releases[3].release
        )
    );
}

#[test]
fn the_newest_releases_and_the_last_versions_stay() {
    let decision = five().decide(retention(0, 3)).unwrap();
    assert_eq!(decision.blobs.len(), 2);
    let decision = five().decide(retention(4, 1)).unwrap();
    assert_eq!(
        decision
            .blobs
            .iter()
            .map(|doomed| doomed.path.as_str())
            .collect::<Vec<_>>(),
        ["a/1.8/a.exe"]
    );
    assert_eq!(decision.releases.len(), 3);
    assert_eq!(reason(&decision, "a/1.9/a.exe"), KeepReason::LastVersions);
    assert!(five().decide(Retention::default()).unwrap().is_empty());
}

#[test]
fn versions_are_counted_for_each_architecture() {
    let mut world = World::default();
    let arm = |version: &str| Released {
        architecture: Architecture::Arm64,
        blob: format!("other/a-{version}").parse().unwrap(),
        ..released("a", version, 1)
    };
    world.publish("tools", 1, vec![arm("1")]);
    world.publish("tools", 2, vec![arm("2")]);
    for day in 3..7 {
        world.publish("tools", day, vec![released("a", &day.to_string(), 1)]);
    }
    let decision = world.decide(retention(1, 1)).unwrap();
    assert_eq!(reason(&decision, "other/a-2"), KeepReason::LastVersions);
    assert!(deleted(&decision).contains(&"other/a-1"));
    assert!(deleted(&decision).contains(&"a/4/a.exe"));
}

#[test]
fn what_a_lock_names_stays() {
    let mut world = five();
    let by_bytes = Locked {
        blake3: blake3(2),
        ..locked("a", "7", "other.exe")
    };
    world
        .locks
        .push(lock_of(&[locked("a", "1.8", "a.exe"), by_bytes]));
    let of = |world: &mut World, path: &str, byte| {
        let held = world
            .blobs
            .iter_mut()
            .find(|held| held.path.as_str() == path)
            .unwrap();
        held.blake3 = Some(blake3(byte));
    };
    of(&mut world, "a/1.9/a.exe", 2);
    let decision = world.decide(retention(0, 1)).unwrap();
    let named = KeepReason::NamedByLock("tools.lock".into());
    assert_eq!(reason(&decision, "a/1.8/a.exe"), named);
    assert_eq!(reason(&decision, "a/1.9/a.exe"), named);
    assert_eq!(decision.blobs.len(), 1);
    // The name is not what counts where the bytes are known.
    of(&mut world, "a/1.8/a.exe", 9);
    assert_eq!(world.decide(retention(0, 1)).unwrap().blobs.len(), 2);
}

#[test]
fn what_is_young_or_not_ours_stays() {
    let mut world = five();
    world.hold("a/1.1/young.exe", 99);
    world.hold("a/1.1/from-the-future.exe", 101);
    world.hold("notes.txt", 1);
    world.hold("_releases/tools/notes.txt", 1);
    world.hold("a/1.2/unmanaged.exe", 1);
    world.hold("a/1.1/old.exe", 98);
    world
        .blobs
        .iter_mut()
        .find(|held| held.path.file_name() == "unmanaged.exe")
        .unwrap()
        .managed = false;
    let all = Retention {
        older_than: Some(SignedDuration::from_hours(25)),
        ..retention(0, 1)
    };
    let decision = world.decide(all).unwrap();
    let age = reason(&decision, "a/1.1/young.exe");
    assert_eq!(age, KeepReason::Recent(SignedDuration::from_hours(24)));
    assert_eq!(age.to_string(), "written 24h ago");
    assert!(matches!(
        reason(&decision, "a/1.1/from-the-future.exe"),
        KeepReason::Recent(_)
    ));
    assert_eq!(reason(&decision, "notes.txt"), KeepReason::NotOurs);
    assert_eq!(
        reason(&decision, "_releases/tools/notes.txt"),
        KeepReason::NotOurs
    );
    assert_eq!(
        reason(&decision, "a/1.2/unmanaged.exe"),
        KeepReason::Unmanaged
    );
    assert!(deleted(&decision).contains(&"a/1.1/old.exe"));
    let none = Retention {
        older_than: None,
        ..all
    };
    assert!(deleted(&world.decide(none).unwrap()).contains(&"a/1.1/from-the-future.exe"));
}

#[test]
fn what_is_only_called_like_a_version_stays() {
    let mut world = five();
    for path in [
        "apps/tools/setup.exe",
        "apps/drivers/net.inf",
        "b/1.0/b.exe",
    ] {
        world.hold(path, 1);
        let decision = world.decide(retention(0, 1)).unwrap();
        assert_eq!(reason(&decision, path), KeepReason::NotOurs);
    }
    // The artifact of a release that goes is still one.
    world.hold("a/0.1/a.exe", 1);
    assert!(deleted(&world.decide(retention(0, 1)).unwrap()).contains(&"a/0.1/a.exe"));
}

#[test]
fn nothing_is_decided_while_a_document_was_not_read() {
    let mut world = five();
    let unread = world.releases.remove(0);
    assert_eq!(
        world.decide(retention(1, 1)),
        Err(RetentionError::Unread {
            path: json(&unread)
        })
    );
    let mut world = five();
    let current = world.releases.pop().unwrap();
    world.blobs.retain(|held| held.path != json(&current));
    let dangling = RetentionError::Dangling {
        library: "tools".parse().unwrap(),
        release: current.release,
    };
    assert_eq!(world.decide(retention(1, 1)), Err(dangling));
    let mut world = five();
    world.pointers.clear();
    assert!(matches!(
        world.decide(retention(1, 1)),
        Err(RetentionError::Unread { .. })
    ));
}

#[test]
fn a_twin_whose_document_is_gone_goes_too() {
    let world = five();
    let decision = world.decide(retention(0, 1)).unwrap();
    let cut = world.without(&decision, 1);
    let again = cut.decide(retention(0, 1)).unwrap();
    assert_eq!(deleted(&again).len(), deleted(&decision).len() - 1);
}
