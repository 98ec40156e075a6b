//! What is missing, extra and different, against whomever.

use std::sync::Arc;

use longshore_store::{BlobStore, MemoryStore};
use longshore_sync::{
    Against, Contents, Deep, Difference, ExpectedBlob, ExpectedDirectory, Facts, Proof, SyncError,
    Verdict, VerifyOptions, Wanted,
};

use super::{against_directory, audit, name, put_foreign};
use crate::common::World;

#[tokio::test]
async fn a_directory_tells_what_is_missing_extra_and_different() {
    let world = World::new();
    for (file, text) in [
        ("same", "1"),
        ("changed", "22"),
        ("grown", "3"),
        ("gone", "4"),
        ("z", "5"),
    ] {
        world.write(file, text);
    }
    world.sync().await.outcome.unwrap();
    world.write("changed", "23");
    world.write("grown", "three");
    world.write("new/file", "6");
    fs_err::remove_file(world.path("gone")).unwrap();
    put_foreign(&world.memory, "z", "5").await;

    let compared = audit(&world.memory, against_directory(&world)).await;
    assert_eq!(
        compared.verdicts(),
        [
            ("changed", Verdict::Different(Difference::Digest)),
            ("gone", Verdict::Extra),
            (
                "grown",
                Verdict::Different(Difference::Size { expected: 5 })
            ),
            ("new/file", Verdict::Missing),
            ("z", Verdict::Unknown),
        ]
    );
    assert_eq!(compared.of("same").verdict, Verdict::Sound);
    let counts = compared.summary().counts;
    assert!(counts.has_drift());
    assert_eq!(counts.checked.files, 5, "what is missing was not checked");
    assert_eq!(compared.counts.calls(), 2, "the order and one page");

    let options = VerifyOptions {
        deep: Deep::All,
        ..against_directory(&world)
    };
    let read = audit(&world.memory, options).await;
    assert_eq!(read.of("z").verdict, Verdict::Sound, "its bytes tell");
    assert_eq!(read.of("z").proof, Some(Proof::Foreign));
}

#[tokio::test]
async fn what_the_choice_leaves_out_is_neither_missing_nor_extra() {
    let world = World::new();
    for file in ["keep", "drafts/a", "notes.tmp"] {
        world.write(file, file);
    }
    world.sync().await.outcome.unwrap();
    world.write("drafts/b", "new");
    #[cfg(unix)]
    {
        put_foreign(&world.memory, "link/below", "x").await;
        std::os::unix::fs::symlink("keep", world.path("link")).unwrap();
    }
    let against = |exclude: &[&str]| VerifyOptions {
        against: Against::Directory(ExpectedDirectory {
            path: world.source.path().to_owned(),
            exclude: exclude.iter().map(|&it| it.to_owned()).collect(),
            cache: world.options().cache,
            ..ExpectedDirectory::default()
        }),
        ..VerifyOptions::default()
    };
    let chosen = audit(&world.memory, against(&["/drafts/", "*.tmp"])).await;
    assert_eq!(chosen.verdicts(), []);
    assert_eq!(chosen.of("drafts/a").proof, Some(Proof::Recorded));
    let all = audit(&world.memory, against(&[])).await;
    assert_eq!(all.verdicts(), [("drafts/b", Verdict::Missing)]);
}

#[cfg(unix)]
#[tokio::test]
async fn a_directory_that_cannot_be_read_makes_nothing_extra() {
    let world = World::new();
    world.write("a", "1");
    world.write("lost/b", "2");
    world.sync().await.outcome.unwrap();
    // A link that leads nowhere cannot be read by anybody, root included.
    fs_err::remove_dir_all(world.path("lost")).unwrap();
    std::os::unix::fs::symlink("nowhere", world.path("lost")).unwrap();
    let mut options = against_directory(&world);
    if let Against::Directory(directory) = &mut options.against {
        directory.follow_symlinks = true;
    }
    let audited = audit(&world.memory, options).await;
    assert_eq!(audited.verdicts(), []);
    assert_eq!(audited.summary().failed, 1, "{:?}", audited.failed);
}

#[tokio::test]
async fn another_destination_is_compared_by_what_both_record() {
    let (here, mut there) = (World::new(), World::new());
    there.prefix = "apps/".to_owned();
    for world in [&here, &there] {
        world.write("same", "1");
        world.write("other", "22");
    }
    there.write("other", "23");
    there.write("only-there", "4");
    here.write("only-here", "5");
    here.sync().await.outcome.unwrap();
    there.sync().await.outcome.unwrap();
    let against = |store: &MemoryStore| VerifyOptions {
        against: Against::Destination {
            store: Arc::new(store.clone()),
            prefix: "apps/".to_owned(),
        },
        ..VerifyOptions::default()
    };
    let compared = audit(&here.memory, against(&there.memory)).await;
    assert_eq!(
        compared.verdicts(),
        [
            ("only-here", Verdict::Extra),
            ("only-there", Verdict::Missing),
            ("other", Verdict::Different(Difference::Digest)),
        ]
    );
    let nobody = MemoryStore::without_container(longshore_store::BlockLimits::default());
    let lost = audit(&here.memory, against(&nobody)).await;
    assert!(
        matches!(lost.outcome, Err(SyncError::Expected { .. })),
        "{:?}",
        lost.outcome
    );
}

#[tokio::test]
async fn contents_from_elsewhere_are_compared_as_far_as_they_go() {
    let world = World::new();
    for file in ["a", "b", "c"] {
        world.write(file, file);
    }
    world.sync().await.outcome.unwrap();
    let digests = world
        .memory
        .properties(&name("a"))
        .await
        .unwrap()
        .metadata
        .digests();
    let content = |name: &str| ExpectedBlob {
        name: name.to_owned(),
        wanted: Wanted::Content(Facts {
            size: 1,
            digests,
            content_md5: None,
        }),
    };
    let absent = |name: &str| ExpectedBlob {
        name: name.to_owned(),
        wanted: Wanted::Absent,
    };
    let against = |is_complete, blobs: Vec<ExpectedBlob>| VerifyOptions {
        against: Against::Contents(Contents::new(
            "a plan",
            is_complete,
            futures::stream::iter(blobs.into_iter().map(Ok)),
        )),
        ..VerifyOptions::default()
    };
    let blobs = || vec![content("a"), absent("b"), absent("b2"), content("d")];
    let verdicts = [("b", Verdict::Extra), ("d", Verdict::Missing)];
    let partly = audit(&world.memory, against(false, blobs())).await;
    assert_eq!(partly.verdicts(), verdicts);
    assert_eq!(partly.findings.len(), 4);
    let wholly = audit(&world.memory, against(true, blobs())).await;
    let verdicts = [verdicts[0], ("c", Verdict::Extra), verdicts[1]];
    assert_eq!(wholly.verdicts(), verdicts);
    let unsorted = audit(
        &world.memory,
        against(true, vec![content("b"), content("a")]),
    )
    .await;
    assert!(
        matches!(unsorted.outcome, Err(SyncError::ListingOrder { .. })),
        "{:?}",
        unsorted.outcome
    );
}
