//! Whole libraries of local files on a store in memory.

mod world;

use jiff::Timestamp;
use longshore_manifest::{NamedLock, Retention};
use longshore_store::{BlobName, BlobStore as _, DeleteOptions};

use super::*;
use crate::{Which, decide_pruning};
use world::{World, options};

fn pair(id: &str, text: &str) -> (String, String) {
    (id.to_owned(), text.to_owned())
}

#[tokio::test]
async fn a_library_is_published_once_and_then_found_as_it_is() {
    let world = World::new();
    let first = world.stage().await;
    assert!(first.lock_written);
    assert!(first.published.as_ref().unwrap().is_new);
    assert_eq!(
        world.consume().await,
        [pair("one", "echo one"), pair("two", "two")]
    );
    let names = world.names().await;
    let before = fs_err::read(world.path("tools.lock")).unwrap();

    let second = world.stage().await;
    assert!(!second.lock_written);
    assert_eq!(second.present, 2);
    assert!(second.transfer.is_none(), "nothing is uploaded");
    assert!(!second.published.as_ref().unwrap().is_new);
    assert!(!second.published.as_ref().unwrap().is_flipped());
    assert_eq!(world.names().await, names);
    assert_eq!(fs_err::read(world.path("tools.lock")).unwrap(), before);
}

#[tokio::test]
async fn other_bytes_under_the_same_version_leave_older_releases_whole() {
    let world = World::new();
    world.stage().await;
    let old = world.release().await;
    world.write("two.bin", "other");
    world.stage().await;
    assert_eq!(world.heard("Renamed"), 1);
    assert_eq!(
        world.consume().await,
        [pair("one", "echo one"), pair("two", "other")]
    );
    // The same bytes again find the same blob again, and so the same release.
    let names = world.names().await;
    world.stage().await;
    assert_eq!(world.names().await, names);

    let releases = world.releases();
    let back = releases
        .rollback(&Which::Previous, options().provenance, &*world.heard)
        .await
        .unwrap();
    assert_eq!(back.release, old.release);
    assert_eq!(
        world.consume().await,
        [pair("one", "echo one"), pair("two", "two")]
    );
    let forward = releases
        .rollback(&Which::Previous, options().provenance, &*world.heard)
        .await
        .unwrap();
    assert_eq!(forward.before, Some(old.release));
    assert_eq!(
        world.consume().await,
        [pair("one", "echo one"), pair("two", "other")]
    );
    assert_eq!(releases.list().await.unwrap().len(), 2);
}

#[tokio::test]
async fn one_file_that_fails_keeps_the_release_that_counts() {
    let world = World::new();
    world.stage().await;
    let before = world.release().await;
    world.write("one.sh", "echo new");
    fs_err::remove_file(world.path("two.bin")).unwrap();
    let report = world.stage_with(options()).await.unwrap();
    assert!(!report.is_complete());
    assert!(report.published.is_none());
    assert_eq!(world.heard("Failed"), 1);
    assert_eq!(world.release().await, before);
    // What could not be looked at stays pinned.
    let library = world.library();
    assert_eq!(library.lock.artifacts.len(), 2);
}

#[tokio::test]
async fn of_two_who_publish_at_once_one_is_told() {
    let world = World::new();
    world.stage().await;
    let releases = world.releases();
    let seen = releases.current().await.unwrap();
    world.write("two.bin", "the other's");
    world.stage().await;
    let others = world.release().await;

    let mut content = others.content.clone();
    content.artifacts.pop();
    let publishing = Publishing {
        content,
        seen: seen.as_ref(),
        reused: &[],
        provenance: options().provenance,
    };
    let told = releases.publish(publishing, &*world.heard).await;
    assert!(
        matches!(&told, Err(MirrorError::Moved { now, .. }) if *now == Some(others.release)),
        "{told:?}"
    );
    assert_eq!(world.release().await, others);
}

#[tokio::test]
async fn a_release_whose_blob_is_gone_does_not_count_again() {
    let world = World::new();
    world.stage().await;
    world.write("two.bin", "other");
    world.stage().await;
    let now = world.release().await;
    let name = BlobName::new("apps/two/2.0/two.bin").unwrap();
    world
        .store
        .delete(&name, DeleteOptions::default())
        .await
        .unwrap();
    let back = world
        .releases()
        .rollback(&Which::Previous, options().provenance, &*world.heard)
        .await;
    assert!(
        matches!(&back, Err(MirrorError::Incomplete { is_there: false, blob, .. }) if blob == "two/2.0/two.bin"),
        "{back:?}"
    );
    assert_eq!(world.release().await, now);
}

#[tokio::test]
async fn what_is_missing_comes_back() {
    let world = World::new();
    world.stage().await;
    let name = BlobName::new("apps/one/1.0/one.sh").unwrap();
    world
        .store
        .delete(&name, DeleteOptions::default())
        .await
        .unwrap();
    let again = world.stage().await;
    assert_eq!(again.transfer.unwrap().uploaded.files, 1);
    assert!(!again.published.unwrap().is_flipped());
    world.consume().await;
}

#[tokio::test]
async fn a_document_that_is_written_again_is_the_one_that_the_pointer_names() {
    let world = World::new();
    world.stage().await;
    world.write("two.bin", "other");
    world.stage().await;
    let before = world.releases().current().await.unwrap().unwrap().pointer;
    let name = BlobName::new(format!("apps/{}", before.json.blob)).unwrap();
    let gone = world.store.delete(&name, DeleteOptions::default()).await;
    gone.unwrap();
    let mut later = options();
    later.provenance.created += jiff::SignedDuration::from_hours(1);
    world.stage_with(later.clone()).await.unwrap();
    let after = world.releases().current().await.unwrap().unwrap().pointer;
    assert_eq!(
        (after.release, after.previous),
        (before.release, before.previous)
    );
    assert_ne!(after.json.sha256, before.json.sha256);
    world.consume().await;

    let flips = world.heard("Flipped");
    world.stage_with(later).await.unwrap();
    assert_eq!(world.heard("Flipped"), flips);
}

#[tokio::test]
async fn a_locked_run_tells_drift_and_does_nothing() {
    let world = World::new();
    world.stage().await;
    let before = world.names().await;
    world.write("two.bin", "drifted");
    let mut locked = options();
    locked.lock.locked = true;
    let report = world.stage_with(locked.clone()).await.unwrap();
    assert_eq!(report.lock.drift.len(), 1, "{:?}", report.lock.drift);
    assert!(report.published.is_none());
    assert_eq!(world.names().await, before);

    world.write("two.bin", "two");
    let report = world.stage_with(locked).await.unwrap();
    assert!(report.lock.drift.is_empty());
    assert!(report.published.is_some());
}

#[tokio::test]
async fn a_rehearsal_changes_nothing() {
    let world = World::new();
    let mut rehearsal = options();
    rehearsal.transfer.dry_run = true;
    let report = world.stage_with(rehearsal).await.unwrap();
    assert!(report.release.is_some());
    assert_eq!(world.heard("WouldStage"), 2);
    assert_eq!(world.heard("WouldFlip"), 1);
    assert!(world.names().await.is_empty());
    assert!(!world.path("tools.lock").exists());
}

#[tokio::test]
async fn an_empty_manifest_is_refused() {
    let world = World::new();
    world.write("tools.toml", "[library]\nname = \"tools\"\n");
    let refused = world.stage_with(options()).await;
    assert!(matches!(refused, Err(MirrorError::Empty { .. })));
}

#[tokio::test]
async fn a_blob_that_is_used_again_gets_a_new_version_after_the_documents() {
    let world = World::new();
    world.stage().await;
    // A release without `two`, so that nothing but its version protects the blob.
    let whole = fs_err::read_to_string(world.path("tools.toml")).unwrap();
    let (first, _) = whole.split_once("[[artifact]]\nid = \"two\"").unwrap();
    world.write("tools.toml", first);
    world.stage().await;
    let retention = Retention {
        keep_versions: 0,
        keep_releases: 1,
        older_than: None,
    };
    let pruning = decide_pruning(&world.shelf(), &[], &retention, Timestamp::now())
        .await
        .unwrap();
    // The previous release still names it; one more release, and nothing does.
    assert!(pruning.decision.blobs.is_empty());
    world.write("one.sh", "echo more");
    world.stage().await;
    let pruning = decide_pruning(&world.shelf(), &[], &retention, Timestamp::now())
        .await
        .unwrap();
    let two = "two/2.0/two.bin";
    let doomed: Vec<_> = pruning
        .decision
        .blobs
        .iter()
        .map(|it| it.path.as_str())
        .collect();
    assert_eq!(doomed, [two]);
    let seen = pruning.version(two).unwrap().clone();

    // Somebody uses it again before it is deleted.
    world.write("tools.toml", &whole);
    let again = world.stage().await;
    assert_eq!(again.present, 1 + 1);
    let name = BlobName::new(format!("apps/{two}")).unwrap();
    let now = world.store.properties(&name).await.unwrap().etag;
    assert_ne!(now, seen, "deleting what was listed fails now");
    world.consume().await;
}

#[tokio::test]
async fn what_a_lock_names_stays() {
    let world = World::new();
    world.stage().await;
    world.write("two.bin", "other");
    let lock = world.library().lock;
    world.stage().await;
    world.write("one.sh", "echo more");
    world.stage().await;
    let retention = Retention {
        keep_versions: 0,
        keep_releases: 1,
        older_than: None,
    };
    let named = NamedLock {
        name: "tools.lock",
        lock: &lock,
    };
    for (locks, doomed) in [(&[][..], 1), (&[named][..], 0)] {
        let pruning = decide_pruning(&world.shelf(), locks, &retention, Timestamp::now()).await;
        assert_eq!(pruning.unwrap().decision.blobs.len(), doomed);
    }
}
