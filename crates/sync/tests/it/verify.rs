//! Audits over the memory store: hand-made damage, samples, what cannot be read.

mod adopt;
mod compare;

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use longshore_content::{Block, BlockId};
use longshore_store::{
    BlobName, BlobStore, BlockListKind, BlockName, CountStore, Counts, Fault, FaultError,
    FaultKind, FaultStore, FaultWhen, MemoryStore, Metadata, Operation, StageOptions, StoreError,
    WriteOptions,
};
use longshore_sync::{
    Against, Cancel, Damage, Deep, Difference, Doubt, Event, ExpectedDirectory, Finding, Proof,
    Reporter, Sample, SampleSize, SyncError, Verdict, Verify, VerifyOptions, VerifySummary,
};

use crate::common::{MIB, World, noise};

const BLOCK: usize = 8 * MIB;

/// Notes what was found and what failed.
#[derive(Default)]
struct Findings(Mutex<(Vec<Finding>, Vec<String>)>);

impl Reporter for Findings {
    fn report(&self, event: &Event<'_>) {
        let mut noted = self.0.lock().unwrap();
        match event {
            Event::Verified(finding) => noted.0.push((*finding).clone()),
            Event::Failed(error) => noted.1.push(error.to_string()),
            _ => {}
        }
    }
}

struct Audited {
    outcome: Result<VerifySummary, SyncError>,
    findings: Vec<Finding>,
    failed: Vec<String>,
    counts: Counts,
}

impl Audited {
    #[track_caller]
    fn summary(&self) -> &VerifySummary {
        self.outcome.as_ref().unwrap()
    }

    #[track_caller]
    fn of(&self, name: &str) -> &Finding {
        let found: Vec<_> = self.findings.iter().filter(|it| it.name == name).collect();
        assert_eq!(found.len(), 1, "{name}: {:?}", self.findings);
        found[0]
    }

    #[track_caller]
    fn verdicts(&self) -> Vec<(&str, Verdict)> {
        let mut verdicts: Vec<_> = self
            .findings
            .iter()
            .filter(|finding| finding.verdict != Verdict::Sound)
            .map(|finding| (finding.name.as_str(), finding.verdict))
            .collect();
        verdicts.sort_by_key(|(name, _)| *name);
        verdicts
    }
}

async fn audit(store: &MemoryStore, options: VerifyOptions) -> Audited {
    audit_with(store, options, []).await
}

async fn audit_with(
    store: &MemoryStore,
    options: VerifyOptions,
    faults: impl IntoIterator<Item = Fault>,
) -> Audited {
    let store = CountStore::new(FaultStore::new(store.clone(), faults));
    let findings = Arc::new(Findings::default());
    let verify = Verify::new(Arc::new(store.clone()), options);
    let outcome = verify
        .run(Arc::<Findings>::clone(&findings), Cancel::new())
        .await;
    let noted = std::mem::take(&mut *findings.0.lock().unwrap());
    Audited {
        outcome,
        findings: noted.0,
        failed: noted.1,
        counts: store.snapshot(),
    }
}

fn deep() -> VerifyOptions {
    VerifyOptions {
        deep: Deep::All,
        ..VerifyOptions::default()
    }
}

fn adopting() -> VerifyOptions {
    VerifyOptions {
        adopt: true,
        ..VerifyOptions::default()
    }
}

fn against_directory(world: &World) -> VerifyOptions {
    VerifyOptions {
        against: Against::Directory(ExpectedDirectory {
            path: world.source.path().to_owned(),
            cache: world.options().cache,
            ..ExpectedDirectory::default()
        }),
        ..VerifyOptions::default()
    }
}

fn fault(operation: Operation, when: FaultWhen, kind: FaultKind) -> Fault {
    Fault {
        operation: Some(operation),
        when,
        kind,
    }
}

fn name(text: &str) -> BlobName {
    BlobName::new(text).unwrap()
}

/// A blob of somebody else, committed from a block, so that it has no MD5.
async fn put_foreign(store: &MemoryStore, text: &str, bytes: impl Into<Bytes>) {
    let name = name(text);
    let mut options = WriteOptions::default();
    options.metadata.insert("owner", "somebody").unwrap();
    // Blocks of ours would not stand beside theirs, whose ids have another length.
    let empty = store.put(&name, Bytes::new(), WriteOptions::default());
    empty.await.unwrap();
    let block = BlockName::new(*b"their block").unwrap();
    let staged = store.stage_block(&name, &block, bytes.into(), StageOptions::default());
    staged.await.unwrap();
    store.commit_blocks(&name, &[block], options).await.unwrap();
}

/// How the blob `big` stands there: its blocks and its metadata.
async fn standing(store: &MemoryStore) -> (Vec<BlockName>, WriteOptions) {
    let big = name("big");
    let list = store
        .block_list(&big, BlockListKind::Committed)
        .await
        .unwrap();
    let properties = store.properties(&big).await.unwrap();
    let options = WriteOptions {
        metadata: properties.metadata,
        ..WriteOptions::default()
    };
    (
        list.committed.into_iter().map(|block| block.name).collect(),
        options,
    )
}

/// A world with one blob of three blocks.
async fn world_of_big() -> World {
    let world = World::new();
    world.write("big", noise(1, 2 * BLOCK + MIB));
    world.sync().await.outcome.unwrap();
    world
}

#[tokio::test]
async fn a_list_proves_large_blobs_and_small_ones_are_recorded() {
    let world = world_of_big().await;
    world.write("small", "text");
    world.write("empty", "");
    world.sync().await.outcome.unwrap();
    put_foreign(&world.memory, "other", "x").await;

    let cheap = audit(&world.memory, VerifyOptions::default()).await;
    assert_eq!(cheap.of("big").proof, Some(Proof::List));
    assert_eq!(cheap.of("small").proof, Some(Proof::Recorded));
    assert_eq!(cheap.of("other").proof, Some(Proof::Foreign));
    assert_eq!(cheap.verdicts(), []);
    assert_eq!(cheap.counts.of(Operation::BlockList), 1);
    assert_eq!(cheap.counts.of(Operation::Get), 0);
    let counts = cheap.summary().counts;
    assert_eq!((counts.checked.files, counts.recorded), (4, 2));
    assert_eq!(cheap.summary().sampled, None);

    let deep = audit(&world.memory, deep()).await;
    for blob in ["big", "small", "empty"] {
        assert_eq!(deep.of(blob).proof, Some(Proof::Bytes), "{blob}");
    }
    assert_eq!(deep.of("other").proof, Some(Proof::Foreign));
    assert_eq!(
        deep.counts.of(Operation::Get),
        4,
        "nothing to compare the other with"
    );
    assert_eq!(deep.counts.writes(), 0);
    assert_eq!(deep.summary().bytes_verified, (2 * BLOCK + MIB + 4) as u64);
}

#[tokio::test]
async fn a_list_that_names_other_content_is_damage() {
    let world = world_of_big().await;
    let (blocks, options) = standing(&world.memory).await;
    let commit = async |blocks: &[BlockName], options: WriteOptions| {
        let big = name("big");
        world
            .memory
            .commit_blocks(&big, blocks, options)
            .await
            .unwrap();
        audit(&world.memory, VerifyOptions::default()).await
    };

    let mut other = options.clone();
    let small = noise(2, 10);
    world.write("small", small);
    world.sync().await.outcome.unwrap();
    other.metadata = world
        .memory
        .properties(&name("small"))
        .await
        .unwrap()
        .metadata;
    let relabelled = commit(&blocks, other).await;
    let is = relabelled.of("big").verdict;
    assert!(
        matches!(is, Verdict::Damaged(Damage::ListNames(_))),
        "{is:?}"
    );

    let swapped = [1, 0, 2].map(|at: usize| blocks[at].clone());
    let is = commit(&swapped, options.clone()).await.of("big").verdict;
    assert!(
        matches!(is, Verdict::Damaged(Damage::ListNames(_))),
        "{is:?}"
    );

    let mixed = [0, 2, 1].map(|at: usize| blocks[at].clone());
    let mixed = commit(&mixed, options.clone()).await;
    assert_eq!(mixed.of("big").verdict, Verdict::Damaged(Damage::ListMixed));
    assert_eq!(mixed.of("big").proof, None);
    assert_eq!(mixed.summary().counts.damaged, 1);

    let mut repaired: Vec<_> = blocks.clone();
    repaired.truncate(3);
    for (at, block) in repaired.iter().enumerate() {
        let bytes = noise(1, 2 * BLOCK + MIB);
        let piece = bytes.chunks(BLOCK).nth(at).unwrap().to_vec();
        let big = name("big");
        let stage = StageOptions::default();
        world
            .memory
            .stage_block(&big, block, piece.into(), stage)
            .await
            .unwrap();
    }
    let sound = commit(&repaired, options).await;
    assert_eq!(sound.of("big").proof, Some(Proof::List));
}

#[tokio::test]
async fn what_other_tools_made_of_a_large_blob_is_unproven_until_it_is_read() {
    let world = world_of_big().await;
    let (_, options) = standing(&world.memory).await;
    let bytes = noise(1, 2 * BLOCK + MIB);
    let big = name("big");

    let body = Bytes::from(bytes.clone());
    world.memory.put(&big, body, options.clone()).await.unwrap();
    let copied = audit(&world.memory, VerifyOptions::default()).await;
    let proof = Some(Proof::Unproven(Doubt::NoList));
    assert_eq!(
        (copied.of("big").verdict, copied.of("big").proof),
        (Verdict::Sound, proof)
    );
    assert!(copied.of("big").is_notable());
    let read = audit(&world.memory, deep()).await;
    assert_eq!(read.of("big").proof, Some(Proof::Bytes));

    let mut ids = Vec::new();
    for (at, piece) in (1..).zip(bytes.chunks(5 * MIB)) {
        let id = BlockName::new(vec![at; BlockId::LENGTH]).unwrap();
        let stage = StageOptions::default();
        let piece = Bytes::copy_from_slice(piece);
        world
            .memory
            .stage_block(&big, &id, piece, stage)
            .await
            .unwrap();
        ids.push(id);
    }
    world
        .memory
        .commit_blocks(&big, &ids, options)
        .await
        .unwrap();
    let rewritten = audit(&world.memory, VerifyOptions::default()).await;
    let proof = Some(Proof::Unproven(Doubt::ForeignList));
    assert_eq!(rewritten.of("big").proof, proof);
    assert_eq!(rewritten.summary().counts.unproven, 1);
    let read = audit(&world.memory, deep()).await;
    assert_eq!(read.of("big").proof, Some(Proof::Bytes));
}

#[tokio::test]
async fn the_first_damaged_block_is_named_by_reading_alone() {
    let world = world_of_big().await;
    let (blocks, options) = standing(&world.memory).await;
    let big = name("big");
    for at in [1, 2] {
        let length = if at == 1 { BLOCK } else { MIB };
        let body = Bytes::from(noise(99, length));
        let stage = StageOptions::default();
        world
            .memory
            .stage_block(&big, &blocks[at], body, stage)
            .await
            .unwrap();
    }
    world
        .memory
        .commit_blocks(&big, &blocks, options)
        .await
        .unwrap();

    let cheap = audit(&world.memory, VerifyOptions::default()).await;
    assert_eq!(
        cheap.of("big").proof,
        Some(Proof::List),
        "the ids are right"
    );
    let read = audit(&world.memory, deep()).await;
    let second = Block {
        index: 1,
        offset: BLOCK as u64,
        length: BLOCK as u64,
    };
    assert_eq!(
        read.of("big").verdict,
        Verdict::Damaged(Damage::Block(second))
    );
}

#[tokio::test]
async fn bytes_that_arrive_otherwise_are_damage() {
    let world = world_of_big().await;
    world.write("small", "text");
    world.sync().await.outcome.unwrap();
    let corrupt = [fault(
        Operation::Get,
        FaultWhen::From(1),
        FaultKind::Corrupt,
    )];
    let read = audit_with(&world.memory, deep(), corrupt).await;
    assert_eq!(read.of("small").verdict, Verdict::Damaged(Damage::Blake3));
    let first = Block {
        index: 0,
        offset: 0,
        length: BLOCK as u64,
    };
    assert_eq!(
        read.of("big").verdict,
        Verdict::Damaged(Damage::Block(first))
    );
    assert_eq!(read.summary().counts.damaged, 2);
}

#[tokio::test]
async fn a_recorded_sha256_that_is_not_that_of_the_bytes_is_damage() {
    let world = World::new();
    world.write("a", "one");
    world.write("b", "two");
    world.sync().await.outcome.unwrap();
    let mut digests = world
        .memory
        .properties(&name("a"))
        .await
        .unwrap()
        .metadata
        .digests()
        .unwrap();
    digests.sha256 = world
        .memory
        .properties(&name("b"))
        .await
        .unwrap()
        .metadata
        .digests()
        .unwrap()
        .sha256;
    let options = WriteOptions {
        metadata: Metadata::of(&digests),
        ..WriteOptions::default()
    };
    world
        .memory
        .put(&name("a"), "one".into(), options)
        .await
        .unwrap();
    let read = audit(&world.memory, deep()).await;
    assert_eq!(read.verdicts(), [("a", Verdict::Damaged(Damage::Sha256))]);
    let compared = audit(&world.memory, against_directory(&world)).await;
    assert_eq!(
        compared.verdicts(),
        [("a", Verdict::Different(Difference::Sha256))]
    );
}

#[tokio::test]
async fn a_sample_is_read_and_all_others_are_still_looked_at() {
    let world = World::new();
    for number in 0..40 {
        world.write(&format!("f{number:02}"), format!("{number}"));
    }
    world.sync().await.outcome.unwrap();
    let options = |seed: &str| VerifyOptions {
        deep: Deep::Sample(Sample {
            size: SampleSize::Count(10),
            seed: seed.to_owned(),
        }),
        ..VerifyOptions::default()
    };
    let read_by = |audited: &Audited| -> Vec<String> {
        let read = audited
            .findings
            .iter()
            .filter(|it| it.proof == Some(Proof::Bytes));
        let mut names: Vec<_> = read.map(|it| it.name.clone()).collect();
        names.sort();
        names
    };
    let today = audit(&world.memory, options("2026-11-24")).await;
    assert_eq!(today.findings.len(), 40);
    assert_eq!(today.counts.of(Operation::Get), 10);
    let sampled = today.summary().sampled.unwrap();
    assert_eq!((sampled.chosen, sampled.candidates), (10, 40));
    let again = audit(&world.memory, options("2026-11-24")).await;
    assert_eq!(read_by(&today), read_by(&again));
    let tomorrow = audit(&world.memory, options("2026-11-25")).await;
    assert_ne!(read_by(&today), read_by(&tomorrow));
}

#[tokio::test]
async fn what_cannot_be_read_is_told_and_a_refusal_of_all_ends_it() {
    let world = World::new();
    for number in 0..40 {
        world.write(&format!("f{number:02}"), format!("{number}"));
    }
    world.sync().await.outcome.unwrap();
    let broken = [fault(
        Operation::Get,
        FaultWhen::Nth(1),
        FaultKind::Before(FaultError::Io),
    )];
    let again = audit_with(&world.memory, deep(), broken).await;
    assert_eq!(again.summary().counts.proved_by_bytes, 40, "asked again");
    let throttled = [fault(
        Operation::Get,
        FaultWhen::Nth(1),
        FaultKind::Before(FaultError::Throttled),
    )];
    let one = audit_with(&world.memory, deep(), throttled).await;
    assert_eq!((one.summary().failed, one.failed.len()), (1, 1));
    assert_eq!(one.summary().counts.proved_by_bytes, 39);
    let refused = [fault(
        Operation::Get,
        FaultWhen::From(1),
        FaultKind::Before(FaultError::Denied),
    )];
    let none = audit_with(&world.memory, deep(), refused).await;
    assert!(
        matches!(
            none.outcome,
            Err(SyncError::Destination {
                cause: StoreError::Denied { .. },
                ..
            })
        ),
        "{:?}",
        none.outcome
    );
}

#[tokio::test]
async fn an_interrupted_audit_says_so() {
    let world = world_of_big().await;
    let cancel = Cancel::new();
    cancel.escalate();
    let verify = Verify::new(Arc::new(world.memory.clone()), deep());
    let reporter = Arc::new(Findings::default());
    let summary = verify.run(reporter, cancel).await.unwrap();
    assert_eq!(summary.cancelled, longshore_sync::CancelLevel::Drain);
}

#[tokio::test]
async fn a_prefix_names_a_folder_and_the_blob_of_that_name() {
    let world = World::new();
    for file in ["app", "apps/a", "apps2/b", "apps-x"] {
        world.write(file, file);
    }
    world.sync().await.outcome.unwrap();
    put_foreign(&world.memory, "apps", "a blob and a folder").await;
    let options = VerifyOptions {
        prefix: "apps/".to_owned(),
        ..VerifyOptions::default()
    };
    let audited = audit(&world.memory, options).await;
    let mut names: Vec<_> = audited.findings.iter().map(|it| it.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["apps", "apps/a"]);
}
