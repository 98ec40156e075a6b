use longshore_content::{Blake3Digest, BlockId, BlockLayout, Sha256Digest, root_of};
use longshore_store::{BlockName, ListedBlock};

use super::*;

const BLOCK: u64 = 1024;

fn digests(blake3: u8, sha256: u8) -> Digests {
    Digests {
        blake3: Blake3Digest::from_bytes([blake3; 32]),
        sha256: Sha256Digest::from_bytes([sha256; 32]),
    }
}

fn facts(size: u64, digests: Option<Digests>, md5: Option<u8>) -> Facts {
    Facts {
        size,
        digests,
        content_md5: md5.map(|byte| [byte; 16]),
    }
}

/// The blocks of a file of three, and its digests.
fn file_of_three() -> (BlockList, Digests) {
    let bytes: Vec<u8> = (0..2 * BLOCK + 100).map(|at| (at % 251) as u8).collect();
    let layout = BlockLayout::with_block_size(bytes.len() as u64, BLOCK).unwrap();
    let ids: Vec<BlockId> = layout
        .blocks()
        .map(|block| {
            let from = usize::try_from(block.offset).unwrap();
            let to = from + usize::try_from(block.length).unwrap();
            BlockId::of(block, &bytes[from..to])
        })
        .collect();
    let committed = ids
        .iter()
        .zip(layout.blocks())
        .map(|(id, block)| ListedBlock {
            name: BlockName::from(*id),
            size: block.length,
        });
    let list = BlockList {
        committed: committed.collect(),
        ..BlockList::default()
    };
    let blake3 = root_of(&layout, &ids).unwrap();
    let sha256 = Sha256Digest::from_bytes([7; 32]);
    (list, Digests { blake3, sha256 })
}

fn size_of(list: &BlockList) -> u64 {
    list.committed.iter().map(|block| block.size).sum()
}

fn foreign(index: u8, size: u64) -> ListedBlock {
    ListedBlock {
        name: BlockName::new([b'x', index]).unwrap(),
        size,
    }
}

#[test]
fn a_list_proves_the_content_that_it_names_and_no_other() {
    let (list, digests) = file_of_three();
    let size = size_of(&list);
    let check = |change: &dyn Fn(&mut Vec<ListedBlock>), size: u64, digests: Digests| {
        let mut list = list.clone();
        change(&mut list.committed);
        vouch(&Evidence {
            recorded: facts(size, Some(digests), None),
            list: Some(&list),
            read: None,
        })
    };
    let as_it_is = |_: &mut Vec<ListedBlock>| {};
    assert_eq!(check(&as_it_is, size, digests), Ok(Proof::List));
    let other = super::tests::digests(1, 7);
    assert_eq!(
        check(&as_it_is, size, other),
        Err(Damage::ListNames(digests.blake3))
    );
    assert_eq!(
        check(&as_it_is, size + 1, digests),
        Err(Damage::ListSize(size))
    );
    let swapped = check(&|blocks| blocks.swap(0, 1), size, digests);
    assert!(matches!(swapped, Err(Damage::ListNames(_))), "{swapped:?}");
    for (change, verdict) in [
        (
            (|blocks| blocks.swap(1, 2)) as fn(&mut Vec<ListedBlock>),
            Err(Damage::ListMixed),
        ),
        (|blocks| blocks.truncate(1), Err(Damage::ListMixed)),
        (|blocks| blocks.clear(), Ok(Proof::Unproven(Doubt::NoList))),
        (
            |blocks| *blocks = vec![foreign(0, BLOCK), foreign(1, 100)],
            Ok(Proof::Unproven(Doubt::ForeignList)),
        ),
        (
            |blocks| blocks[2] = foreign(2, 100),
            Ok(Proof::Unproven(Doubt::ForeignList)),
        ),
    ] {
        assert_eq!(check(&change, size, digests), verdict);
    }
    let cut = check(&|blocks| blocks.truncate(2), 2 * BLOCK, digests);
    assert!(matches!(cut, Err(Damage::ListNames(_))), "{cut:?}");
}

#[test]
fn bytes_prove_both_digests_or_the_md5() {
    let whole = |digests, md5: Option<u8>| ReadBack::Whole {
        digests,
        md5: md5.map(|byte| [byte; 16]),
    };
    let ours = facts(9, Some(digests(1, 2)), None);
    let theirs = facts(9, None, Some(3));
    let unknown = facts(9, None, None);
    let block = Block {
        index: 1,
        offset: BLOCK,
        length: BLOCK,
    };
    for (recorded, read, expect) in [
        (ours, None, Ok(Proof::Recorded)),
        (ours, Some(whole(digests(1, 2), None)), Ok(Proof::Bytes)),
        (ours, Some(whole(digests(9, 2), None)), Err(Damage::Blake3)),
        (ours, Some(whole(digests(1, 9), None)), Err(Damage::Sha256)),
        (
            ours,
            Some(ReadBack::Damaged(block)),
            Err(Damage::Block(block)),
        ),
        (theirs, None, Ok(Proof::Foreign)),
        (theirs, Some(whole(digests(1, 2), Some(3))), Ok(Proof::Md5)),
        (
            theirs,
            Some(whole(digests(1, 2), Some(4))),
            Err(Damage::ContentMd5),
        ),
        (
            unknown,
            Some(whole(digests(1, 2), None)),
            Ok(Proof::Foreign),
        ),
    ] {
        let found = Evidence {
            recorded,
            list: None,
            read: read.as_ref(),
        };
        assert_eq!(vouch(&found), expect, "{recorded:?} {read:?}");
    }
}

#[test]
fn the_strongest_that_both_sides_have_is_compared() {
    let one = Some(digests(1, 1));
    let size = Verdict::Different(Difference::Size { expected: 5 });
    for (wanted, found, expect) in [
        (facts(5, one, None), facts(5, one, None), Verdict::Sound),
        (
            facts(5, one, Some(1)),
            facts(5, one, Some(2)),
            Verdict::Sound,
        ),
        (facts(5, one, None), facts(6, one, None), size),
        (facts(5, None, None), facts(6, None, None), size),
        (
            facts(5, one, Some(1)),
            facts(5, Some(digests(2, 2)), Some(1)),
            Verdict::Different(Difference::Digest),
        ),
        (
            facts(5, one, None),
            facts(5, Some(digests(1, 2)), None),
            Verdict::Different(Difference::Sha256),
        ),
        (
            facts(5, one, Some(1)),
            facts(5, None, Some(1)),
            Verdict::SameByMd5,
        ),
        (
            facts(5, one, Some(1)),
            facts(5, None, Some(2)),
            Verdict::Different(Difference::Md5),
        ),
        (
            facts(5, one, None),
            facts(5, None, Some(1)),
            Verdict::Unknown,
        ),
        (facts(5, one, None), facts(5, None, None), Verdict::Unknown),
    ] {
        assert_eq!(compare(&wanted, &found), expect, "{wanted:?} {found:?}");
    }
}

#[test]
fn damage_outranks_what_is_expected() {
    let recorded = facts(5, Some(digests(1, 1)), None);
    let content = |digests| Expectation::Wanted(Wanted::Content(facts(5, Some(digests), None)));
    let absent = Expectation::Wanted(Wanted::Absent);
    let read = ReadBack::Whole {
        digests: digests(3, 3),
        md5: None,
    };
    let found = |read| {
        Some(Evidence {
            recorded,
            list: None,
            read,
        })
    };
    let sound = Some(Proof::Recorded);
    for (expected, read, expect) in [
        (Expectation::Anything, None, (Verdict::Sound, sound)),
        (content(digests(1, 1)), None, (Verdict::Sound, sound)),
        (
            content(digests(2, 2)),
            None,
            (Verdict::Different(Difference::Digest), sound),
        ),
        (absent, None, (Verdict::Extra, sound)),
        (
            content(digests(3, 3)),
            Some(&read),
            (Verdict::Damaged(Damage::Blake3), None),
        ),
        (
            absent,
            Some(&read),
            (Verdict::Damaged(Damage::Blake3), None),
        ),
    ] {
        assert_eq!(judge(expected, found(read)), Some(expect), "{expected:?}");
    }
    assert_eq!(
        judge(content(digests(1, 1)), None),
        Some((Verdict::Missing, None))
    );
    assert_eq!(judge(absent, None), None);
    assert_eq!(judge(Expectation::Anything, None), None);
}

#[test]
fn what_was_read_of_a_foreign_blob_is_compared() {
    let read = ReadBack::Whole {
        digests: digests(1, 1),
        md5: None,
    };
    let found = Some(Evidence {
        recorded: facts(5, None, None),
        list: None,
        read: Some(&read),
    });
    let wanted = |digests| Expectation::Wanted(Wanted::Content(facts(5, Some(digests), None)));
    assert_eq!(
        judge(wanted(digests(1, 1)), found),
        Some((Verdict::Sound, Some(Proof::Foreign)))
    );
    assert_eq!(
        judge(wanted(digests(2, 2)), found).map(|(verdict, _)| verdict),
        Some(Verdict::Different(Difference::Digest))
    );
}
