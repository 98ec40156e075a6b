//! The directory store does what the memory store does, whatever is asked of it and in whichever order.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use bytes::Bytes;
use futures::TryStreamExt;
use longshore_store::{
    BlobName, BlobStore, BlobStoreExt, BlockLimits, BlockListKind, BlockName, Condition,
    ContentType, DeleteOptions, DirectoryStore, ETag, GetOptions, ListOptions, MemoryStore,
    Metadata, SetMetadataOptions, StageOptions, StoreError, WriteOptions,
};
use proptest::prelude::*;
use proptest::sample::select;

const LIMITS: BlockLimits = BlockLimits {
    committed: 4,
    staged: 3,
};

#[derive(Debug, Clone)]
enum Assume {
    Nothing,
    Absent,
    Current,
    Stale,
}

#[derive(Debug, Clone)]
enum Step {
    Put(BlobName, Bytes, Assume),
    Stage(BlobName, BlockName, Bytes),
    Commit(BlobName, Vec<BlockName>, Assume),
    SetMetadata(BlobName, Assume),
    Delete(BlobName, Assume),
    Get(BlobName, Option<(u64, u64)>, Assume),
    BlockList(BlobName, BlockListKind),
    List(ListOptions),
}

fn name() -> impl Strategy<Value = BlobName> {
    select(vec!["a-b", "a/b", "a/b-c", "a/c/d", "a0", "ü", "Z"])
        .prop_map(|name| BlobName::new(name).unwrap())
}

fn block() -> impl Strategy<Value = BlockName> {
    select(vec![vec![1], vec![2], vec![3], vec![0xff], vec![1, 1]])
        .prop_map(|id: Vec<u8>| BlockName::new(id).unwrap())
}

fn body() -> impl Strategy<Value = Bytes> {
    prop::collection::vec(any::<u8>(), 0..5).prop_map(Bytes::from)
}

fn assume() -> impl Strategy<Value = Assume> {
    prop_oneof![
        4 => Just(Assume::Nothing),
        1 => Just(Assume::Absent),
        2 => Just(Assume::Current),
        1 => Just(Assume::Stale),
    ]
}

fn list_options() -> impl Strategy<Value = ListOptions> {
    let prefix = select(vec![
        "", "a", "a/", "a/b", "a/c/", "b", "/", "..", "a//", "../",
    ]);
    (prefix, any::<bool>(), any::<bool>(), 0..4_u32).prop_map(
        |(prefix, delimited, uncommitted, page_size)| ListOptions {
            prefix: prefix.to_owned(),
            delimited,
            uncommitted,
            page_size: (page_size > 0).then_some(page_size),
        },
    )
}

fn step() -> impl Strategy<Value = Step> {
    let kind = select(vec![
        BlockListKind::All,
        BlockListKind::Committed,
        BlockListKind::Uncommitted,
    ]);
    let blocks = prop::collection::vec(block(), 0..6);
    let range = prop::option::of((0..8_u64, 0..8_u64));
    prop_oneof![
        2 => (name(), body(), assume()).prop_map(|(n, b, a)| Step::Put(n, b, a)),
        4 => (name(), block(), body()).prop_map(|(n, i, b)| Step::Stage(n, i, b)),
        4 => (name(), blocks, assume()).prop_map(|(n, b, a)| Step::Commit(n, b, a)),
        1 => (name(), assume()).prop_map(|(n, a)| Step::SetMetadata(n, a)),
        1 => (name(), assume()).prop_map(|(n, a)| Step::Delete(n, a)),
        1 => (name(), range, assume()).prop_map(|(n, r, a)| Step::Get(n, r, a)),
        1 => (name(), kind).prop_map(|(n, k)| Step::BlockList(n, k)),
        2 => list_options().prop_map(Step::List),
    ]
}

async fn condition(store: &dyn BlobStore, name: &BlobName, assume: &Assume) -> Condition {
    match assume {
        Assume::Nothing => Condition::None,
        Assume::Absent => Condition::Absent,
        Assume::Stale => Condition::Matches(ETag::new("stale")),
        Assume::Current => match store.properties(name).await {
            Ok(properties) => Condition::Matches(properties.etag),
            Err(_) => Condition::Absent,
        },
    }
}

/// The kind of an error, which both stores agree on; its cause they need not.
fn kind(error: &StoreError) -> String {
    let debug = format!("{error:?}");
    let end = debug.find([' ', '(']).unwrap_or(debug.len());
    debug[..end].to_owned()
}

fn said<T: std::fmt::Debug>(result: Result<T, StoreError>) -> String {
    result.map_or_else(|error| kind(&error), |value| format!("{value:?}"))
}

fn write_options(condition: Condition, body_length: usize) -> WriteOptions {
    let mut metadata = Metadata::new();
    metadata.insert("length", &body_length.to_string()).unwrap();
    WriteOptions {
        condition,
        content_type: ContentType::new(format!("text/{body_length}")),
        metadata,
    }
}

async fn read(
    store: &dyn BlobStore,
    name: &BlobName,
    options: GetOptions,
) -> Result<String, StoreError> {
    let read = store.get(name, options).await?;
    let parts: Vec<Bytes> = read.body.try_collect().await?;
    let it = read.properties;
    Ok(format!(
        "{} {:?} {:?} {:?}",
        it.size,
        it.content_type,
        it.metadata,
        parts.concat()
    ))
}

async fn block_list(
    store: &dyn BlobStore,
    name: &BlobName,
    kind: BlockListKind,
) -> Result<String, StoreError> {
    let mut list = store.block_list(name, kind).await?;
    list.uncommitted.sort_by(|a, b| a.name.cmp(&b.name));
    let has_etag = list.etag.is_some();
    Ok(format!(
        "{:?} {:?} {has_etag}",
        list.committed, list.uncommitted
    ))
}

async fn list(store: &dyn BlobStore, options: ListOptions) -> Result<String, StoreError> {
    let page_size = options.page_size.unwrap_or(5_000) as usize;
    let pages: Vec<_> = store.list_pages(options).try_collect().await?;
    let mut blobs = Vec::new();
    let mut prefixes = Vec::new();
    for page in pages {
        assert!(page.blobs.len() + page.prefixes.len() <= page_size);
        prefixes.extend(page.prefixes);
        blobs.extend(
            page.blobs
                .into_iter()
                .map(|it| (it.is_uncommitted(), it.name, it.size)),
        );
    }
    assert!(blobs.is_sorted_by(|a, b| a.1 < b.1), "{blobs:?}");
    assert!(prefixes.is_sorted_by(|a, b| a < b), "{prefixes:?}");
    Ok(format!("{blobs:?} {prefixes:?}"))
}

/// Does a step, and tells all that a caller can see of its outcome but versions and times.
async fn take(store: &dyn BlobStore, step: Step) -> String {
    match step {
        Step::Put(name, body, assume) => {
            let options = write_options(condition(store, &name, &assume).await, body.len());
            said(store.put(&name, body, options).await.map(drop))
        }
        Step::Stage(name, block, body) => {
            let options = StageOptions::default();
            said(store.stage_block(&name, &block, body, options).await)
        }
        Step::Commit(name, blocks, assume) => {
            let options = write_options(condition(store, &name, &assume).await, blocks.len());
            said(store.commit_blocks(&name, &blocks, options).await.map(drop))
        }
        Step::SetMetadata(name, assume) => {
            let options = SetMetadataOptions {
                condition: condition(store, &name, &assume).await,
            };
            let metadata = [("who".to_owned(), "me".to_owned())].into_iter().collect();
            said(store.set_metadata(&name, metadata, options).await.map(drop))
        }
        Step::Delete(name, assume) => {
            let options = DeleteOptions {
                condition: condition(store, &name, &assume).await,
            };
            said(store.delete(&name, options).await)
        }
        Step::Get(name, range, assume) => {
            let options = GetOptions {
                range: range.map(|(start, length)| start..start + length),
                condition: condition(store, &name, &assume).await,
                ..GetOptions::default()
            };
            said(read(store, &name, options).await)
        }
        Step::BlockList(name, kind) => said(block_list(store, &name, kind).await),
        Step::List(options) => said(list(store, options).await),
    }
}

/// All that is in the store.
async fn whole(store: &dyn BlobStore) -> Vec<String> {
    let options = ListOptions {
        uncommitted: true,
        ..ListOptions::default()
    };
    let blobs: Vec<_> = store.list(options).try_collect().await.unwrap();
    let mut all = Vec::new();
    for blob in blobs {
        let name = blob.blob_name().unwrap();
        all.push(name.to_string());
        all.push(said(read(store, &name, GetOptions::default()).await));
        all.push(said(block_list(store, &name, BlockListKind::All).await));
    }
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_directory_does_what_memory_does(steps in prop::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let memory = MemoryStore::with_limits(LIMITS);
        let directory = DirectoryStore::with_limits(folder.path(), LIMITS);
        runtime.block_on(async {
            for step in steps {
                let expected = take(&memory, step.clone()).await;
                let got = take(&directory, step.clone()).await;
                prop_assert_eq!(got, expected, "{:?}", step);
            }
            prop_assert_eq!(whole(&directory).await, whole(&memory).await);
            Ok(())
        })?;
    }
}
