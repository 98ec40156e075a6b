//! Blobs of other tools that are given our digests, and blobs that change meanwhile.

use longshore_store::{BlobStore, FaultError, FaultKind, FaultWhen, MemoryStore, Operation};
use longshore_sync::{
    Adoption, Against, Contents, ExpectedBlob, Proof, SyncError, VerifyOptions, Wanted,
};

use super::{BLOCK, adopting, audit, audit_with, fault, name, put_foreign};
use crate::common::{World, noise};

#[tokio::test]
async fn foreign_blobs_are_adopted_without_being_sent() {
    let world = World::new();
    put_foreign(&world.memory, "small", "text").await;
    put_foreign(&world.memory, "large", noise(3, 2 * BLOCK + 5)).await;
    put_foreign(&world.memory, "empty", "").await;
    world.write("small", "text");
    world.write("large", noise(3, 2 * BLOCK + 5));
    world.write("empty", "");

    let dry = VerifyOptions {
        dry_run: true,
        ..adopting()
    };
    let dry = audit(&world.memory, dry).await;
    assert_eq!(dry.of("small").adoption, Adoption::Would);
    assert_eq!(dry.summary().counts.adopted, 3);
    assert_eq!((dry.counts.writes(), dry.counts.of(Operation::Get)), (0, 0));

    let done = audit(&world.memory, adopting()).await;
    for blob in ["small", "large", "empty"] {
        let found = done.of(blob);
        assert_eq!(
            (found.adoption, found.proof),
            (Adoption::Done, Some(Proof::Bytes))
        );
    }
    assert_eq!(done.counts.bytes_written, 0);
    assert_eq!(done.counts.writes(), 3);
    let metadata = world
        .memory
        .properties(&name("small"))
        .await
        .unwrap()
        .metadata;
    assert_eq!(
        metadata.get("owner"),
        Some("somebody"),
        "others' metadata stay"
    );

    let synced = world.sync().await;
    assert_eq!(synced.summary().unchanged.files, 3, "nothing is sent again");
    let again = audit(&world.memory, adopting()).await;
    assert_eq!(
        (again.summary().counts.adopted, again.counts.writes()),
        (0, 0)
    );
}

#[tokio::test]
async fn a_lost_answer_of_an_adoption_is_recognised_and_a_failure_is_told() {
    let world = World::new();
    put_foreign(&world.memory, "a", "one").await;
    let lost = [fault(
        Operation::SetMetadata,
        FaultWhen::Nth(1),
        FaultKind::After(FaultError::TimedOut),
    )];
    let settled = audit_with(&world.memory, adopting(), lost).await;
    assert_eq!(
        settled.of("a").adoption,
        Adoption::Done,
        "a lost answer is recognised"
    );

    put_foreign(&world.memory, "a", "two").await;
    let failing = [fault(
        Operation::SetMetadata,
        FaultWhen::Nth(1),
        FaultKind::Before(FaultError::TimedOut),
    )];
    let failed = audit_with(&world.memory, adopting(), failing).await;
    assert_eq!(failed.failed, ["cannot adopt `a`"]);
    assert_eq!(failed.of("a").adoption, Adoption::None);
    assert_eq!(failed.summary().failed, 1);
}

#[tokio::test]
async fn a_blob_that_changes_meanwhile_is_a_conflict_and_is_not_adopted() {
    // Nothing has to be read of an empty blob, so its change is met only when its metadata are to be written.
    for (bytes, failure) in [("one", "cannot check `a`"), ("", "cannot adopt `a`")] {
        let world = World::new();
        put_foreign(&world.memory, "a", bytes).await;
        let options = VerifyOptions {
            adopt: true,
            against: Against::Contents(Contents::new("a list", false, meddling(&world.memory))),
            ..VerifyOptions::default()
        };
        let audited = audit(&world.memory, options).await;
        assert_eq!(audited.failed, [failure]);
        let summary = audited.summary();
        assert_eq!((summary.failed, summary.conflicts), (1, 1));
        assert_eq!(summary.counts.adopted, 0);
        assert_eq!(audited.counts.writes(), 0);
        let metadata = world.memory.properties(&name("a")).await.unwrap().metadata;
        assert_eq!(metadata.digests(), None);
    }
}

/// Expects nothing in particular; on the way it writes `a` anew, once the listing has been taken.
fn meddling(
    store: &MemoryStore,
) -> impl futures::Stream<Item = Result<ExpectedBlob, SyncError>> + use<> {
    let store = store.clone();
    futures::stream::once(async move {
        // The page is fetched by a task of its own, which runs while this one yields.
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
        put_foreign(&store, "a", "two").await;
        Ok(ExpectedBlob {
            name: "z".to_owned(),
            wanted: Wanted::Absent,
        })
    })
}

#[tokio::test]
async fn a_list_of_another_version_proves_nothing() {
    let world = World::new();
    world.write("a", noise(4, BLOCK + 1));
    world.sync().await.outcome.unwrap();
    let options = VerifyOptions {
        against: Against::Contents(Contents::new("a list", false, meddling(&world.memory))),
        ..VerifyOptions::default()
    };
    let audited = audit(&world.memory, options).await;
    assert_eq!(audited.failed, ["cannot check `a`"]);
    assert_eq!(audited.summary().conflicts, 1);
    assert_eq!(audited.findings, []);
}
