//! What is special about a directory as a container.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bytes::Bytes;
use futures::TryStreamExt;
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, BlockName, Condition, DeleteOptions, DirectoryStore,
    ListOptions, Metadata, StageOptions, StoreError, WriteOptions,
};
use tempfile::TempDir;

fn store() -> (TempDir, DirectoryStore) {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path());
    (folder, store)
}

fn name(text: &str) -> BlobName {
    BlobName::new(text).unwrap()
}

async fn put(store: &DirectoryStore, blob: &str, body: &'static str) -> Result<(), StoreError> {
    let metadata = [("who".to_owned(), "me".to_owned())].into_iter().collect();
    let options = WriteOptions {
        metadata,
        ..WriteOptions::default()
    };
    let body = Bytes::from_static(body.as_bytes());
    store.put(&name(blob), body, options).await.map(drop)
}

async fn names(store: &DirectoryStore) -> Vec<String> {
    let blobs: Vec<_> = store
        .list(ListOptions::default())
        .try_collect()
        .await
        .unwrap();
    blobs.into_iter().map(|blob| blob.name).collect()
}

#[tokio::test]
async fn blobs_are_plain_files_at_their_names() {
    let (folder, store) = store();
    put(&store, "apps/tool 1.zip", "PK").await.unwrap();
    let file = folder.path().join("apps").join("tool 1.zip");
    assert_eq!(fs_err::read(&file).unwrap(), b"PK");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let plain = folder.path().join("plain");
        fs_err::write(&plain, "").unwrap();
        let mode = |path| fs_err::metadata(path).unwrap().permissions().mode();
        assert_eq!(mode(&file), mode(&plain), "as readable as any new file");
    }
}

#[tokio::test]
async fn files_of_others_are_blobs_without_metadata() {
    let (folder, store) = store();
    fs_err::create_dir(folder.path().join("apps")).unwrap();
    fs_err::write(folder.path().join("apps/theirs"), "theirs").unwrap();
    assert_eq!(names(&store).await, ["apps/theirs"]);
    let found = store.properties(&name("apps/theirs")).await.unwrap();
    assert_eq!((found.size, found.metadata), (6, Metadata::new()));
    let options = DeleteOptions {
        condition: Condition::Matches(found.etag),
    };
    store.delete(&name("apps/theirs"), options).await.unwrap();
    assert!(!folder.path().join("apps").exists(), "empty folders go too");
}

#[tokio::test]
async fn an_edited_file_loses_metadata_and_version() {
    let (folder, store) = store();
    put(&store, "a", "one").await.unwrap();
    let before = store.properties(&name("a")).await.unwrap();
    assert_eq!(before.metadata.get("who"), Some("me"));
    fs_err::write(folder.path().join("a"), "other").unwrap();
    let after = store.properties(&name("a")).await.unwrap();
    assert_eq!((after.size, after.metadata), (5, Metadata::new()));
    assert_ne!(after.etag, before.etag);
}

#[tokio::test]
async fn an_edited_file_gives_none_of_its_blocks() {
    let (folder, store) = store();
    let block = BlockName::new([1; 4]).unwrap();
    let body = Bytes::from_static(b"block");
    store
        .stage_block(&name("a"), &block, body, StageOptions::default())
        .await
        .unwrap();
    let blocks = [block];
    store
        .commit_blocks(&name("a"), &blocks, WriteOptions::default())
        .await
        .unwrap();
    fs_err::write(folder.path().join("a"), "longer than before").unwrap();
    let error = store
        .commit_blocks(&name("a"), &blocks, WriteOptions::default())
        .await
        .unwrap_err();
    assert!(matches!(error, StoreError::MissingBlock { .. }));
    assert_eq!(store.read(&name("a")).await.unwrap(), "longer than before");
}

#[tokio::test]
async fn a_file_is_not_replaced_by_a_folder_nor_a_folder_by_a_file() {
    let (_folder, store) = store();
    put(&store, "a/b", "1").await.unwrap();
    let error = put(&store, "a", "2").await.unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    let error = put(&store, "a/b/c", "3").await.unwrap_err();
    assert!(matches!(error, StoreError::Io { .. }), "{error:?}");
    assert_eq!(names(&store).await, ["a/b"]);
}

#[tokio::test]
async fn the_side_folder_is_neither_listed_nor_written() {
    let (_folder, store) = store();
    put(&store, "a", "1").await.unwrap();
    assert_eq!(names(&store).await, ["a"]);
    let options = ListOptions {
        prefix: ".longshore/".to_owned(),
        ..ListOptions::default()
    };
    let listed: Vec<_> = store.list(options).try_collect().await.unwrap();
    assert!(listed.is_empty());
    put(&store, ".longshore/blobs/x", "2").await.unwrap_err();
    store
        .properties(&name(".longshore/blobs/x"))
        .await
        .unwrap_err();
}

#[tokio::test]
async fn a_missing_directory_is_a_missing_container() {
    let folder = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(folder.path().join("new/deep"));
    let error = put(&store, "a", "1").await.unwrap_err();
    assert!(matches!(error, StoreError::ContainerNotFound { .. }));
    assert!(!store.root().exists());
    assert!(store.create_container().await.unwrap());
    assert!(!store.create_container().await.unwrap());
    put(&store, "a", "1").await.unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn links_are_not_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs_err::write(outside.path().join("secret"), "secret").unwrap();
    let (folder, store) = store();
    fs_err::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
    fs_err::os::unix::fs::symlink(outside.path().join("secret"), folder.path().join("file"))
        .unwrap();

    assert!(names(&store).await.is_empty());
    for prefix in ["out/", "out/s", "../"] {
        let options = ListOptions {
            prefix: prefix.to_owned(),
            ..ListOptions::default()
        };
        let listed: Vec<_> = store.list(options).try_collect().await.unwrap();
        assert!(listed.is_empty(), "{prefix}");
    }
    for blob in ["out/secret", "file"] {
        let error = store.read(&name(blob)).await.unwrap_err();
        assert!(matches!(error, StoreError::NotFound { .. }), "{blob}");
    }
    let error = put(&store, "out/new", "1").await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }), "{error:?}");
    assert!(!outside.path().join("new").exists());
    assert!(put(&store, "file", "mine").await.is_err());
    assert_eq!(
        fs_err::read(folder.path().join("file")).unwrap(),
        b"secret",
        "neither the link nor what it points to was replaced"
    );
}

#[tokio::test]
async fn of_many_writers_that_want_it_absent_one_wins() {
    let (folder, store) = store();
    let writers = (0..32).map(|_| {
        // As another process would: nothing is shared but the directory.
        let store = DirectoryStore::new(folder.path());
        async move {
            let options = WriteOptions {
                condition: Condition::Absent,
                ..WriteOptions::default()
            };
            store.put(&name("d/a"), Bytes::new(), options).await
        }
    });
    let results = futures::future::join_all(writers).await;
    assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1);
    let left = fs_err::read_dir(folder.path().join(".longshore/tmp")).unwrap();
    assert_eq!(left.count(), 0, "no temporary file stays");
    drop(store);
}

#[tokio::test]
async fn readers_see_whole_versions_while_writers_replace_them() {
    let (_folder, store) = store();
    put(&store, "a", "1").await.unwrap();
    let writer = async {
        for _ in 0..50 {
            put(&store, "a", "22").await.unwrap();
            put(&store, "a", "1").await.unwrap();
        }
    };
    let reader = async {
        for _ in 0..100 {
            let found = store.properties(&name("a")).await.unwrap();
            assert_eq!(found.metadata.get("who"), Some("me"));
            let body = store.read(&name("a")).await.unwrap();
            assert!(body == "1" || body == "22", "{body:?}");
        }
    };
    futures::join!(writer, reader);
}

#[tokio::test]
async fn deleting_and_writing_in_one_folder_at_once_loses_nothing() {
    let (_folder, store) = store();
    let come_and_go = |blob: &'static str| {
        let store = store.clone();
        async move {
            for _ in 0..50 {
                put(&store, blob, "1").await.unwrap();
                store
                    .delete(&name(blob), DeleteOptions::default())
                    .await
                    .unwrap();
            }
            put(&store, blob, "1").await.unwrap();
        }
    };
    futures::join!(
        come_and_go("x/y/a"),
        come_and_go("x/y/b"),
        come_and_go("x/c")
    );
    assert_eq!(names(&store).await, ["x/c", "x/y/a", "x/y/b"]);
}
