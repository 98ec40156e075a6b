//! Faults strike where they are told to, and nowhere else.

use futures::TryStreamExt;

use super::*;
use crate::{BlobStoreExt, MemoryStore};

fn fault(operation: Operation, when: FaultWhen, kind: FaultKind) -> Fault {
    Fault {
        operation: Some(operation),
        when,
        kind,
    }
}

fn name() -> BlobName {
    BlobName::new("a").unwrap()
}

async fn put<S: BlobStore>(store: &S, body: &'static [u8]) -> Result<Written, StoreError> {
    store
        .put(&name(), Bytes::from_static(body), WriteOptions::default())
        .await
}

#[tokio::test]
async fn the_nth_call_of_a_kind_fails_before_the_work() {
    let memory = MemoryStore::new();
    let before = FaultKind::Before(FaultError::Throttled);
    let faults = [fault(Operation::Put, FaultWhen::Nth(2), before)];
    let store = FaultStore::new(memory.clone(), faults);
    put(&store, b"1").await.unwrap();
    store.properties(&name()).await.unwrap();
    let error = put(&store, b"2").await.unwrap_err();
    assert!(matches!(error, StoreError::Throttled { .. }));
    assert_eq!(memory.read(&name()).await.unwrap(), "1");
    put(&store, b"3").await.unwrap();
    assert_eq!(store.struck(), 1);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_work_done() {
    let memory = MemoryStore::new();
    let after = FaultKind::After(FaultError::Io);
    let store = FaultStore::new(
        memory.clone(),
        [fault(Operation::Put, FaultWhen::Nth(1), after)],
    );
    assert!(put(&store, b"1").await.unwrap_err().is_ambiguous());
    assert_eq!(memory.read(&name()).await.unwrap(), "1");
}

#[tokio::test]
async fn every_nth_call_of_any_kind_fails() {
    let every = Fault {
        operation: None,
        when: FaultWhen::Every(2),
        kind: FaultKind::Before(FaultError::Io),
    };
    let store = FaultStore::new(MemoryStore::new(), [every]);
    let mut outcomes = Vec::new();
    for _ in 0..2 {
        outcomes.push(put(&store, b"1").await.is_ok());
        outcomes.push(store.properties(&name()).await.is_ok());
    }
    assert_eq!(outcomes, [true, false, true, false]);
}

#[tokio::test]
async fn damage_is_noticed_by_a_write_and_not_by_a_read() {
    let memory = MemoryStore::new();
    put(&memory, b"AB").await.unwrap();
    let store = FaultStore::new(
        memory.clone(),
        [
            fault(Operation::Put, FaultWhen::From(1), FaultKind::Corrupt),
            fault(Operation::Get, FaultWhen::Nth(1), FaultKind::Corrupt),
        ],
    );
    let error = put(&store, b"CD").await.unwrap_err();
    assert!(matches!(error, StoreError::Corrupt { .. }));
    assert_eq!(store.read(&name()).await.unwrap(), "@B");
    assert_eq!(store.read(&name()).await.unwrap(), "AB");
}

#[tokio::test]
async fn a_body_breaks_amid_its_first_piece() {
    let memory = MemoryStore::new();
    put(&memory, b"ABCD").await.unwrap();
    let faults = [fault(Operation::Get, FaultWhen::Nth(1), FaultKind::Break)];
    let store = FaultStore::new(memory, faults);
    let read = store.get(&name(), GetOptions::default()).await.unwrap();
    let mut body = read.body;
    assert_eq!(body.try_next().await.unwrap().unwrap(), "AB");
    assert!(matches!(body.try_next().await, Err(StoreError::Io { .. })));
    assert!(body.try_next().await.unwrap().is_none());
    assert_eq!(store.read(&name()).await.unwrap(), "ABCD");
}

#[tokio::test]
async fn a_page_of_a_listing_fails() {
    let memory = MemoryStore::new();
    for name in ["a", "b"] {
        let name = BlobName::new(name).unwrap();
        memory
            .put(&name, Bytes::new(), WriteOptions::default())
            .await
            .unwrap();
    }
    let before = FaultKind::Before(FaultError::Io);
    let faults = [fault(Operation::ListPage, FaultWhen::Nth(2), before)];
    let store = FaultStore::new(memory, faults);
    let options = ListOptions {
        page_size: Some(1),
        ..ListOptions::default()
    };
    let mut pages = store.list_pages(options);
    assert_eq!(pages.try_next().await.unwrap().unwrap().blobs.len(), 1);
    assert!(pages.try_next().await.is_err());
    assert!(pages.try_next().await.unwrap().is_none());
}
