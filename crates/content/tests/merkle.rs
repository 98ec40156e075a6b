//! Properties: the root merged from block ids is plain BLAKE3, for sizes around every boundary.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use longshore_content::{
    Block, BlockId, BlockLayout, BlockTree, FileContent, FileHasher, HashError, TreeError,
};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

const KIB: u64 = 1024;

fn bytes(size: u64) -> Vec<u8> {
    let mut out = vec![0; usize::try_from(size).unwrap()];
    blake3::Hasher::new()
        .update(&size.to_le_bytes())
        .finalize_xof()
        .fill(&mut out);
    out
}

fn hash(data: &[u8], block_size: u64, piece: usize) -> FileContent {
    let layout = BlockLayout::with_block_size(data.len() as u64, block_size).unwrap();
    let mut hasher = FileHasher::new(layout);
    for part in data.chunks(piece) {
        hasher.update(part).unwrap();
    }
    hasher.finish().unwrap()
}

/// The same by two hashers of which one is always ahead.
fn hash_in_two(data: &[u8], block_size: u64, piece: usize) -> FileContent {
    let layout = BlockLayout::with_block_size(data.len() as u64, block_size).unwrap();
    let (mut tree, mut stream) = FileHasher::in_two(layout);
    for part in data.chunks(piece) {
        tree.update(part).unwrap();
    }
    for part in data.chunks(piece + 7) {
        stream.update(part);
    }
    FileContent::of_halves(tree, stream).unwrap()
}

/// Everything that must hold for one file cut in one way and read in pieces of one size.
fn check(size: u64, block_size: u64, piece: usize) {
    let data = bytes(size);
    let content = hash(&data, block_size, piece);
    assert_eq!(hash_in_two(&data, block_size, piece), content);
    assert_eq!(
        content.digests.blake3.as_bytes(),
        blake3::hash(&data).as_bytes(),
        "{size} in {block_size}"
    );
    assert_eq!(
        content.digests.sha256.as_bytes().as_slice(),
        Sha256::digest(&data).as_slice()
    );
    if size <= block_size {
        assert!(content.blocks.is_empty());
        return;
    }
    let list: Vec<(Vec<u8>, u64)> = content
        .layout
        .blocks()
        .zip(&content.blocks)
        .map(|(block, id)| {
            let part = &data[usize::try_from(block.offset).unwrap()..]
                [..usize::try_from(block.length).unwrap()];
            assert_eq!(BlockId::of(block, part), *id);
            (id.as_bytes().to_vec(), block.length)
        })
        .collect();
    let tree = BlockTree::from_list(list.iter().map(|(id, size)| (id.as_slice(), *size))).unwrap();
    assert_eq!(tree.root, content.digests.blake3);
    assert_eq!(tree.layout, content.layout);
}

#[test]
fn every_boundary_around_chunks_blocks_and_powers_of_two() {
    for block_size in [KIB, 2 * KIB, 16 * KIB] {
        let mut sizes = vec![0, 1, KIB - 1, KIB, KIB + 1];
        for count in [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 64] {
            let edge = count * block_size;
            sizes.extend([
                edge - 1,
                edge,
                edge + 1,
                edge + KIB - 1,
                edge + KIB,
                edge + KIB + 1,
            ]);
        }
        for size in sizes {
            check(size, block_size, 1 << 20);
        }
    }
}

#[test]
fn real_block_sizes_are_no_exception() {
    let layout = BlockLayout::for_file(33 << 20).unwrap();
    check(layout.file_size(), layout.block_size(), 1 << 20);
    check((16 << 20) + 1, layout.block_size(), 999_983);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_size_in_any_pieces(size in 0u64..200_000, power in 10u32..16, piece in 1usize..70_000) {
        check(size, 1 << power, piece);
    }

    #[test]
    fn a_changed_byte_changes_its_own_block_only(size in 4097u64..40_000, at in any::<prop::sample::Index>()) {
        let before = bytes(size);
        let mut after = before.clone();
        let at = at.index(after.len());
        after[at] ^= 1;
        let (old, new) = (hash(&before, 4096, 4096), hash(&after, 4096, 4096));
        let changed: Vec<usize> = (0..old.blocks.len()).filter(|&i| old.blocks[i] != new.blocks[i]).collect();
        prop_assert_eq!(changed, vec![at / 4096]);
        prop_assert_ne!(old.digests.blake3, new.digests.blake3);
    }
}

#[test]
fn lists_that_were_mixed_or_cut_are_refused() {
    let content = hash(&bytes(10 * KIB), 4 * KIB, 512);
    let list: Vec<(&[u8], u64)> = content
        .layout
        .blocks()
        .zip(&content.blocks)
        .map(|(block, id)| (id.as_bytes().as_slice(), block.length))
        .collect();

    let mut swapped = list.clone();
    swapped.swap(0, 1);
    assert_ne!(
        BlockTree::from_list(swapped).unwrap().root,
        content.digests.blake3
    );

    let cut = &list[..1];
    assert_eq!(
        BlockTree::from_list(cut.iter().copied()),
        Err(TreeError::TooFew { count: 1 })
    );

    let mut longer = list.clone();
    longer[1].1 += 1;
    assert_eq!(
        BlockTree::from_list(longer),
        Err(TreeError::Size {
            index: 1,
            size: 4 * KIB + 1
        })
    );

    let mut odd = list.clone();
    odd[2].1 = 5 * KIB;
    assert_eq!(
        BlockTree::from_list(odd),
        Err(TreeError::Size {
            index: 2,
            size: 5 * KIB
        })
    );

    let mut foreign = list;
    foreign[0].0 = b"0001";
    assert!(matches!(
        BlockTree::from_list(foreign),
        Err(TreeError::Foreign { index: 0, .. })
    ));
}

#[test]
fn a_file_that_grew_or_shrank_is_noticed() {
    let layout = BlockLayout::with_block_size(2000, KIB).unwrap();
    let mut hasher = FileHasher::new(layout);
    assert_eq!(
        hasher.update(&[0; 2001]),
        Err(HashError::Length {
            expected: 2000,
            read: 2001
        })
    );
    hasher.update(&[0; 1999]).unwrap();
    assert_eq!(
        hasher.finish(),
        Err(HashError::Length {
            expected: 2000,
            read: 1999
        })
    );
}

#[test]
fn a_half_that_missed_bytes_is_noticed() {
    let layout = BlockLayout::with_block_size(2000, KIB).unwrap();
    for (first, second, read) in [(2000, 1999, 1999), (1999, 2000, 1999), (2000, 2001, 2001)] {
        let (mut tree, mut stream) = FileHasher::in_two(layout);
        tree.update(&vec![0; first]).unwrap();
        stream.update(&vec![0; second]);
        let expected = 2000;
        assert_eq!(
            FileContent::of_halves(tree, stream),
            Err(HashError::Length { expected, read })
        );
    }
}

#[test]
fn the_block_beyond_the_end_is_empty() {
    let layout = BlockLayout::with_block_size(2000, KIB).unwrap();
    assert_eq!(
        layout.block(2),
        Block {
            index: 2,
            offset: 2000,
            length: 0
        }
    );
}
