//! What changes while a run is going on.

use std::path::PathBuf;
use std::sync::Arc;

use futures::FutureExt;
use longshore_store::{BlobStore, MemoryStore, WriteOptions};
use longshore_sync::{Cancel, DeletePolicy, Event, MaxDelete, Reporter, SyncOptions};

use crate::common::{MIB, World, noise};

/// Writes a file as soon as the first upload is done, which is before anything is deleted.
struct Writer(PathBuf);

impl Reporter for Writer {
    fn report(&self, event: &Event<'_>) {
        if matches!(event, Event::Uploaded { .. }) {
            fs_err::write(&self.0, "back").unwrap();
        }
    }
}

#[tokio::test]
async fn the_blob_of_a_file_that_came_back_stays() {
    let world = World::new();
    for name in ["back", "gone", "stays"] {
        world.write(name, name);
    }
    world.sync().await.outcome.unwrap();
    for name in ["back", "gone"] {
        fs_err::remove_file(world.path(name)).unwrap();
    }
    world.write("new", "1");
    let options = SyncOptions {
        delete: DeletePolicy::Managed,
        max_delete: MaxDelete::Percent(100),
        ..world.options()
    };
    let summary = world
        .upload(options)
        .run(Arc::new(Writer(world.path("back"))), Cancel::new())
        .await
        .unwrap();
    assert_eq!(summary.deleted, 1);
    assert_eq!(world.names().await, ["back", "new", "stays"]);
}

/// Writes the blob of a large file as soon as its upload begins.
struct Rival(MemoryStore);

impl Reporter for Rival {
    fn report(&self, event: &Event<'_>) {
        if let Event::Started { name, .. } = event {
            let name = (*name).try_into().unwrap();
            let put = self.0.put(&name, "theirs".into(), WriteOptions::default());
            put.now_or_never().unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn somebody_elses_write_is_a_conflict_and_stays() {
    let world = World::new();
    world.write("large", noise(1, 9 * MIB));
    let upload = world.upload(world.options());
    let rival = Arc::new(Rival(world.memory.clone()));
    let summary = upload.run(rival, Cancel::new()).await.unwrap();
    assert_eq!((summary.failed, summary.conflicts), (1, 1));
    assert_eq!(world.read("large").await, b"theirs");
}

#[tokio::test]
async fn rules_that_cannot_be_understood_keep_their_directory_out() {
    let world = World::new();
    world.write("a", "1");
    world.write("sub/secret.key", "1");
    world.write("sub/.longshoreignore", "[z-a]\n");
    let ran = world.sync().await;
    assert_eq!((ran.summary().uploaded.files, ran.summary().failed), (1, 1));
    assert_eq!(world.names().await, ["a"]);
}
