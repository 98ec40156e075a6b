//! Nothing is deleted by surprise.

use crate::common::World;
use longshore_store::{
    BlobStore, Fault, FaultError, FaultKind, FaultWhen, Operation, WriteOptions,
};
use longshore_sync::{
    DeletePolicy, DeletesWithheld, MaxDelete, SafetyError, SyncError, SyncOptions,
};

fn deleting(world: &World) -> SyncOptions {
    SyncOptions {
        delete: DeletePolicy::Managed,
        max_delete: MaxDelete::Percent(100),
        ..world.options()
    }
}

/// A destination that holds `a` to `j`, and a source that has lost those in `gone`.
async fn staged(gone: &[&str]) -> World {
    let world = World::new();
    for name in ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"] {
        world.write(name, name);
    }
    world.sync().await.outcome.unwrap();
    for name in gone {
        fs_err::remove_file(world.path(name)).unwrap();
    }
    world
}

#[tokio::test]
async fn only_when_asked() {
    let world = staged(&["a", "b"]).await;
    assert_eq!(world.sync().await.summary().deleted, 0);
    assert_eq!(world.run(deleting(&world), []).await.summary().deleted, 2);
    assert_eq!(world.names().await.len(), 8);
}

#[tokio::test]
async fn blobs_of_others_stay_unless_named() {
    let world = staged(&["a"]).await;
    world
        .memory
        .put(
            &"theirs".try_into().unwrap(),
            "x".into(),
            WriteOptions::default(),
        )
        .await
        .unwrap();
    assert_eq!(world.run(deleting(&world), []).await.summary().deleted, 1);
    assert!(world.names().await.contains(&"theirs".to_owned()));
    let all = SyncOptions {
        delete: DeletePolicy::Unmanaged,
        ..deleting(&world)
    };
    assert_eq!(world.run(all, []).await.summary().deleted, 1);
}

#[tokio::test]
async fn an_empty_source_deletes_nothing() {
    let world = staged(&["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]).await;
    let ran = world.run(deleting(&world), []).await;
    assert!(matches!(
        ran.outcome,
        Err(SyncError::Safety(SafetyError::EmptySource { .. }))
    ));
    assert_eq!(world.names().await.len(), 10);
}

#[tokio::test]
async fn beyond_the_limit_nothing_goes() {
    let world = staged(&["a", "b", "c", "d", "e", "f"]).await;
    let default = SyncOptions {
        max_delete: MaxDelete::default(),
        ..deleting(&world)
    };
    let ran = world.run(default, []).await;
    let error = ran.outcome.unwrap_err();
    assert_eq!(
        error.to_string(),
        "6 of 10 blobs would be deleted, more than `--max-delete 50%` allows"
    );
    assert_eq!(ran.counts.of(Operation::Delete), 0);
    let enough = SyncOptions {
        max_delete: MaxDelete::Count(6),
        ..deleting(&world)
    };
    assert_eq!(world.run(enough, []).await.summary().deleted, 6);
}

#[tokio::test]
async fn what_is_left_out_is_not_deleted() {
    let world = staged(&[]).await;
    world.write("logs/x.log", "1");
    world.sync().await;
    fs_err::remove_dir_all(world.path("logs")).unwrap();
    world.write(".longshoreignore", "a\nb\n");
    let options = SyncOptions {
        exclude: vec!["*.log".into(), "c".into()],
        ..deleting(&world)
    };
    assert_eq!(world.run(options, []).await.summary().deleted, 0);
    let options = SyncOptions {
        include: vec!["d".into()],
        ..deleting(&world)
    };
    assert_eq!(world.run(options, []).await.summary().deleted, 0);
    assert_eq!(world.names().await.len(), 11);
}

#[tokio::test]
async fn a_failure_withholds_every_delete() {
    let world = staged(&["a"]).await;
    world.write("new", "1");
    let put = Fault {
        operation: Some(Operation::Put),
        when: FaultWhen::Nth(1),
        kind: FaultKind::Before(FaultError::Io),
    };
    let ran = world.run(deleting(&world), [put]).await;
    assert_eq!(
        ran.summary().deletes_withheld,
        Some(DeletesWithheld::Failures)
    );
    assert_eq!(ran.counts.of(Operation::Delete), 0);
    assert!(ran.says("DeletesWithheld { count: 1"));
}

#[tokio::test]
async fn a_blob_that_changed_since_the_listing_stays() {
    let world = staged(&["a"]).await;
    let refused = Fault {
        operation: Some(Operation::Delete),
        when: FaultWhen::Nth(1),
        kind: FaultKind::Before(FaultError::Denied),
    };
    let ran = world.run(deleting(&world), [refused]).await;
    assert_eq!((ran.summary().deleted, ran.summary().failed), (0, 1));
}

#[cfg(unix)]
mod unix {
    use std::os::unix::fs::symlink;

    use super::*;

    #[tokio::test]
    async fn what_became_a_link_is_not_deleted() {
        let world = staged(&["a"]).await;
        world.write("dir/x", "1");
        world.sync().await;
        fs_err::remove_dir_all(world.path("dir")).unwrap();
        symlink("b", world.path("a")).unwrap();
        symlink("/nonexistent", world.path("dir")).unwrap();
        assert_eq!(world.run(deleting(&world), []).await.summary().deleted, 0);
        assert!(world.names().await.contains(&"dir/x".to_owned()));
    }

    #[tokio::test]
    async fn an_unreadable_name_withholds_every_delete() {
        let world = staged(&["a"]).await;
        world.write("bad\\name", "1");
        let ran = world.run(deleting(&world), []).await;
        assert_eq!(
            ran.summary().deletes_withheld,
            Some(DeletesWithheld::Failures)
        );
        assert_eq!(world.names().await.len(), 10);
    }
}
