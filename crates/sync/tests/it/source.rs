//! What of a source is staged, and what is said of the rest.

use crate::common::World;
use longshore_sync::{SyncError, SyncOptions};

#[tokio::test]
async fn a_missing_source_is_an_error_and_writes_nothing() {
    let world = World::new();
    for name in ["missing", "file"] {
        world.write("file", "x");
        let ran = world.run_from(&world.path(name), world.options(), []).await;
        assert!(
            matches!(ran.outcome, Err(SyncError::Source { .. })),
            "{name}"
        );
        assert_eq!(ran.counts.calls(), 0);
    }
}

#[tokio::test]
async fn names_come_in_the_order_of_the_listing() {
    let world = World::new();
    let names = [
        "a",
        "a-b",
        "a.b/c",
        "a/b",
        "a0",
        "B",
        "b/c/d",
        "b/c-d",
        "ü",
        ".hidden/x",
        "z z",
        "+%#?&'",
        "漢字/🚢",
    ];
    names
        .iter()
        .filter(|name| **name != "a")
        .for_each(|name| world.write(name, name));
    assert_eq!(
        world.sync().await.summary().uploaded.files,
        names.len() as u64 - 1
    );
    let again = world.sync().await;
    assert_eq!(again.summary().unchanged.files, names.len() as u64 - 1);
    assert_eq!(again.counts.writes(), 0);
}

#[tokio::test]
async fn patterns_choose_and_ignore_files_hold_for_their_directory() {
    let world = World::new();
    for name in [
        "keep.exe",
        "skip.log",
        "sub/keep.exe",
        "sub/secret.exe",
        "sub/deep/old.exe",
        "note.txt",
        "sub/back.log",
    ] {
        world.write(name, name);
    }
    world.write(".longshoreignore", "*.log\n");
    world.write("sub/.longshoreignore", "secret.exe\n!back.log\ndeep/\n");
    let options = SyncOptions {
        exclude: vec!["*.txt".into()],
        ..world.options()
    };
    world.run(options, []).await.outcome.unwrap();
    assert_eq!(
        world.names().await,
        ["keep.exe", "sub/back.log", "sub/keep.exe"]
    );

    let world = World::new();
    for name in ["a.exe", "b.txt", "apps/c.txt", "apps/d.exe"] {
        world.write(name, name);
    }
    let options = SyncOptions {
        include: vec!["*.exe".into(), "apps/".into()],
        exclude: vec!["d.*".into()],
        ..world.options()
    };
    world.run(options, []).await.outcome.unwrap();
    assert_eq!(world.names().await, ["a.exe", "apps/c.txt"]);
}

#[tokio::test]
async fn a_malformed_pattern_is_named() {
    let world = World::new();
    let options = SyncOptions {
        exclude: vec!["[z-a]".into()],
        ..world.options()
    };
    let error = world.run(options, []).await.outcome.unwrap_err();
    assert!(error.to_string().contains("[z-a]"), "{error}");
}

#[cfg(unix)]
mod unix {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::symlink;

    use super::*;

    #[tokio::test]
    async fn links_are_skipped_with_a_note_or_followed() {
        let world = World::new();
        world.write("dir/file", "1");
        symlink("dir/file", world.path("link")).unwrap();
        symlink("dir", world.path("linked")).unwrap();
        let ran = world.sync().await;
        assert_eq!(
            (
                ran.summary().uploaded.files,
                ran.summary().skipped,
                ran.summary().failed
            ),
            (1, 2, 0)
        );
        assert!(ran.says("Symlink"));

        let follow = SyncOptions {
            follow_symlinks: true,
            ..world.options()
        };
        world.run(follow, []).await.outcome.unwrap();
        assert_eq!(world.names().await, ["dir/file", "link", "linked/file"]);
    }

    #[tokio::test]
    async fn a_link_to_a_directory_above_is_reported() {
        let world = World::new();
        world.write("dir/file", "1");
        symlink("..", world.path("dir/up")).unwrap();
        symlink("nowhere", world.path("dangling")).unwrap();
        let ran = world
            .run(
                SyncOptions {
                    follow_symlinks: true,
                    ..world.options()
                },
                [],
            )
            .await;
        assert_eq!((ran.summary().uploaded.files, ran.summary().failed), (1, 2));
        assert!(ran.says("leads back to a directory above"));
    }

    #[tokio::test]
    async fn names_that_no_blob_can_have_are_reported() {
        let world = World::new();
        world.write("good", "1");
        world.write("back\\slash", "1");
        world.write("dot.", "1");
        fs_err::write(
            world.source.path().join(OsStr::from_bytes(b"\xff.exe")),
            "1",
        )
        .unwrap();
        let ran = world.sync().await;
        assert_eq!((ran.summary().uploaded.files, ran.summary().failed), (1, 3));
        assert!(ran.says("cannot be the name of a blob"));
    }

    #[tokio::test]
    async fn a_pipe_is_skipped_with_a_note() {
        let world = World::new();
        let path = world.path("pipe");
        rustix::fs::mknodat(
            rustix::fs::CWD,
            &path,
            rustix::fs::FileType::Fifo,
            rustix::fs::Mode::RUSR,
            0,
        )
        .unwrap();
        let ran = world.sync().await;
        assert!(ran.says("Special"));
        assert_eq!(ran.summary().skipped, 1);
    }
}
