//! What every store must do, as cases that run over each of them.
//!
//! A case gets a [`Harbour`], asks it for containers of its own and checks one promise of
//! [`BlobStore`](longshore_store::BlobStore). [`conformance!`](macro@crate::conformance) makes a `#[test]` of each case for
//! one harbour, so that a failure names both: `drydock::odd_names`.

#![expect(
    clippy::missing_panics_doc,
    clippy::missing_errors_doc,
    reason = "a case that fails panics, or hands on what a store refused though it must not"
)]

mod azurite;
mod batches;
mod blocks;
mod conditions;
mod content;
mod copies;
mod failures;
mod harbour;
mod listing;
mod names;
mod support;

pub use azurite::AzuriteHarbour;
pub use batches::{batches_of_odd_names, batches_with_mixed_outcomes, sizes_of_batches};
pub use blocks::{
    blocks_come_in_the_order_of_the_list, committed_blocks_are_used_again,
    foreign_block_ids_are_told, kinds_of_block_lists, missing_blocks_change_nothing,
    one_block_may_come_twice, puts_leave_no_blocks, staged_blocks_are_no_blob,
    the_newest_block_wins, too_many_blocks, unlisted_blocks_are_dropped,
};
pub use conditions::{
    conditions_of_commits, conditions_of_deletes, conditions_of_metadata, conditions_of_puts,
    conditions_of_reads, versions_are_one_everywhere,
};
pub use content::{
    checked_ranges, content_types, empty_blobs, large_bodies_in_one_call, metadata_comes_back,
    metadata_is_replaced_as_a_whole, ranges,
};
pub use copies::{
    changed_sources, conditions_of_copies, copies_keep_blocks,
    copies_of_nothing_and_over_something, copies_of_odd_names, copies_of_ranges, missing_sources,
    whole_copies,
};
pub use failures::{
    containers_are_made_once, corrupt_blocks, corrupt_puts, missing_blobs, missing_containers,
};
pub use harbour::{
    Abilities, AzureHarbour, DirectoryHarbour, DrydockHarbour, Harbour, Laxity, MemoryHarbour,
};
pub use listing::{
    digests_in_listings, empty_listings, empty_pages, folded_listings, listings_across_pages,
    long_listings, sorted_listings, uncommitted_blobs_only_when_asked,
};
pub use names::{deep_and_long_names, names_are_not_confused, odd_names};
pub use support::bytes;

/// Makes a test of every case for one harbour.
///
/// The harbour is an expression that gives an `anyhow::Result` of something that implements [`Harbour`], and may
/// `.await`.
#[macro_export]
macro_rules! conformance {
    ($name:ident, $harbour:expr) => {
        mod $name {
            use super::*;

            $crate::conformance!(@cases $harbour;
                odd_names, deep_and_long_names, names_are_not_confused,
                conditions_of_puts, conditions_of_commits, conditions_of_reads, conditions_of_metadata,
                conditions_of_deletes, versions_are_one_everywhere,
                blocks_come_in_the_order_of_the_list, committed_blocks_are_used_again,
                foreign_block_ids_are_told, kinds_of_block_lists, missing_blocks_change_nothing,
                one_block_may_come_twice, puts_leave_no_blocks, staged_blocks_are_no_blob,
                the_newest_block_wins, too_many_blocks, unlisted_blocks_are_dropped,
                batches_of_odd_names, batches_with_mixed_outcomes, sizes_of_batches,
                changed_sources, conditions_of_copies, copies_keep_blocks,
                copies_of_nothing_and_over_something, copies_of_odd_names, copies_of_ranges,
                missing_sources, whole_copies,
                checked_ranges, content_types, empty_blobs, large_bodies_in_one_call, metadata_comes_back,
                metadata_is_replaced_as_a_whole, ranges,
                digests_in_listings, empty_listings, empty_pages, folded_listings,
                listings_across_pages, long_listings, sorted_listings, uncommitted_blobs_only_when_asked,
                containers_are_made_once, corrupt_blocks, corrupt_puts, missing_blobs,
                missing_containers,
            );
        }
    };
    (@cases $harbour:expr; $($case:ident,)+) => {
        $(
            #[tokio::test]
            async fn $case() -> anyhow::Result<()> {
                let harbour = $harbour?;
                $crate::conformance::$case(&harbour).await
            }
        )+
    };
}
