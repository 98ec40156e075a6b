//! What a byte costs: block ids, both digests, the checksum of the wire.

#![expect(
    clippy::unwrap_used,
    reason = "a bench that cannot start measures nothing"
)]

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use longshore_content::{BlockId, BlockLayout, Crc64, FileHasher, MIN_BLOCK_SIZE, root_of};

const KIBIBYTE: usize = 1 << 10;
const MEBIBYTE: usize = 1 << 20;

fn main() {
    divan::main();
}

fn bytes(length: usize) -> Vec<u8> {
    (0..=250).cycle().take(length).collect()
}

/// A file of one block, and one of eight.
#[divan::bench(args = [8 * KIBIBYTE, 8 * MEBIBYTE, 64 * MEBIBYTE])]
fn file_hasher(bencher: Bencher<'_, '_>, length: usize) {
    let bytes = bytes(length);
    let layout = BlockLayout::for_file(length as u64).unwrap();
    bencher.counter(BytesCount::new(length)).bench_local(|| {
        let mut hasher = FileHasher::new(layout);
        hasher.update(black_box(&bytes)).unwrap();
        hasher.finish().unwrap()
    });
}

#[divan::bench]
fn block_id_of_a_block(bencher: Bencher<'_, '_>) {
    let length = 8 * MEBIBYTE;
    let bytes = bytes(length);
    let block = BlockLayout::for_file(8 * MIN_BLOCK_SIZE).unwrap().block(3);
    bencher
        .counter(BytesCount::new(length))
        .bench_local(|| BlockId::of(black_box(block), black_box(&bytes)));
}

#[divan::bench]
fn crc64_of_a_block(bencher: Bencher<'_, '_>) {
    let length = 8 * MEBIBYTE;
    let bytes = bytes(length);
    bencher
        .counter(BytesCount::new(length))
        .bench_local(|| Crc64::of(black_box(&bytes)));
}

/// The root of the largest block list there is.
#[divan::bench(args = [128, 50_000])]
fn root_of_a_block_list(bencher: Bencher<'_, '_>, count: u64) {
    let layout = BlockLayout::for_file(count * MIN_BLOCK_SIZE).unwrap();
    let blocks: Vec<_> = layout
        .blocks()
        .map(|block| BlockId::of(block, &block.index.to_le_bytes()))
        .collect();
    bencher.bench_local(|| root_of(black_box(&layout), black_box(&blocks)).unwrap());
}
