//! The listing, kept and found again.

use std::sync::Arc;

use bytes::Bytes;
use longshore_content::{BlockLayout, FileHasher};
use longshore_store::{Fault, FaultError, FaultKind, FaultStore, FaultWhen, MemoryStore};
use longshore_store::{Metadata, Operation, WriteOptions};

use super::*;

/// A container with so many blobs, each of which says what it holds.
async fn container(blobs: usize) -> MemoryStore {
    let store = MemoryStore::new();
    for blob in 0..blobs {
        let name = format!("apps/{blob:05}");
        let options = WriteOptions {
            metadata: Metadata::of(&digests(&name)),
            ..WriteOptions::default()
        };
        let body = Bytes::from(name.clone());
        let name = name.as_str().try_into().unwrap();
        store.put(&name, body, options).await.unwrap();
    }
    store
}

fn digests(text: &str) -> Digests {
    let mut hasher = FileHasher::new(BlockLayout::for_file(text.len() as u64).unwrap());
    hasher.update(text.as_bytes()).unwrap();
    hasher.finish().unwrap().digests
}

fn start(store: impl BlobStore) -> Listed {
    let store: Arc<dyn BlobStore> = Arc::new(store);
    Listed::start(&store, "apps/", ListingOrder::Bytes).unwrap()
}

async fn names(mut listing: Listing) -> Result<Vec<String>, SyncError> {
    let mut names = Vec::new();
    loop {
        listing.fill().await?;
        match listing.pop() {
            Some(blob) => names.push(listing.relative(&blob.name).to_owned()),
            None => return Ok(names),
        }
    }
}

#[tokio::test]
async fn it_is_read_as_often_as_one_likes() {
    let listed = start(container(6000).await);
    let (first, second) = tokio::join!(
        names(listed.shelf().read().unwrap()),
        names(listed.shelf().read().unwrap())
    );
    let expect: Vec<String> = (0..6000).map(|blob| format!("{blob:05}")).collect();
    assert_eq!(first.unwrap(), expect);
    assert_eq!(second.unwrap(), expect);
    assert_eq!(listed.shelf().blobs(), 6000);
}

#[tokio::test]
async fn a_reader_that_is_given_up_loses_nothing() {
    let listed = start(container(3000).await);
    listed.shelf().complete().await;
    let mut listing = listed.shelf().read().unwrap();
    let mut found = 0;
    while !listing.has_ended() || !listing.blobs().is_empty() {
        // Another branch of a `select!` wins again and again.
        tokio::select! {
            biased;
            () = tokio::task::yield_now() => {}
            filled = listing.fill() => filled.unwrap(),
        }
        while listing.pop().is_some() {
            found += 1;
        }
    }
    assert_eq!(found, 3000);
}

#[tokio::test]
async fn contents_are_found_under_any_name() {
    let listed = start(container(200).await);
    listed.shelf().complete().await;
    let wanted = digests("apps/00123");
    let found = listed.shelf().find(10, &wanted).unwrap();
    assert_eq!(found.blob.name, "apps/00123");
    assert!(listed.shelf().find(11, &wanted).is_none(), "another size");
    assert!(listed.shelf().find(10, &digests("other")).is_none());
    assert!(!listed.shelf().has_large(10));
}

#[tokio::test]
async fn a_failure_comes_after_what_was_listed_before_it() {
    let fault = Fault {
        operation: Some(Operation::ListPage),
        when: FaultWhen::Nth(2),
        kind: FaultKind::Before(FaultError::Io),
    };
    let listed = start(FaultStore::new(container(6000).await, [fault]));
    listed.shelf().first_contact().await.unwrap();
    let mut listing = listed.shelf().read().unwrap();
    let mut found = 0;
    let error = loop {
        match listing.fill().await {
            Ok(()) => {}
            Err(error) => break error,
        }
        while listing.pop().is_some() {
            found += 1;
        }
    };
    assert!(matches!(error, SyncError::Destination { .. }), "{error:?}");
    assert_eq!(found, 5000);
}

#[tokio::test]
async fn a_container_that_cannot_be_listed_is_told_at_once() {
    let fault = Fault {
        operation: Some(Operation::ListPage),
        when: FaultWhen::From(1),
        kind: FaultKind::Before(FaultError::Denied),
    };
    let listed = start(FaultStore::new(MemoryStore::new(), [fault]));
    let error = listed.shelf().first_contact().await.unwrap_err();
    assert!(matches!(error, StoreError::Denied { .. }));
    let empty = start(MemoryStore::new());
    empty.shelf().first_contact().await.unwrap();
    assert_eq!(names(empty.shelf().read().unwrap()).await.unwrap(), [""; 0]);
}
