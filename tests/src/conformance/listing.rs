//! Listings: complete, in order, and no more than was asked for.

use bytes::Bytes;
use longshore_content::{Blake3Digest, Digests, Sha256Digest};
use longshore_store::{BlobStore, ListOptions, ListingOrder, Metadata, WriteOptions};
use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};

use super::support::{container, listed, metadata, name, pages, put, stage, write_blocks};
use super::{Harbour, Laxity};

async fn fill(store: &dyn BlobStore, names: &[&str]) -> anyhow::Result<()> {
    for text in names {
        put(store, &name(text)?, text).await?;
    }
    Ok(())
}

fn paged(page_size: u32) -> ListOptions {
    ListOptions {
        page_size: Some(page_size),
        ..ListOptions::default()
    }
}

/// A listing in small pages has each blob once, and no page has more than was asked for.
pub async fn listings_across_pages(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let names = ["a", "b c", "b&c", "d/1", "d/2", "d/ü", "e"];
    fill(&*store, &names).await?;
    let mut sorted = names;
    sorted.sort_unstable();
    for page_size in [1, 2, 3, 7, 8] {
        let found = pages(&*store, paged(page_size)).await?;
        assert!(
            found
                .iter()
                .all(|page| page.blobs.len() <= page_size as usize)
        );
        let found: Vec<_> = found.into_iter().flat_map(|page| page.blobs).collect();
        let found: Vec<_> = found.iter().map(|blob| blob.name.as_str()).collect();
        assert_eq!(found, sorted, "{page_size}");
    }
    for (prefix, count) in [("d/", 3), ("b", 2), ("d/ü", 1), ("x", 0), ("b c", 1)] {
        let options = ListOptions {
            prefix: prefix.to_owned(),
            ..paged(2)
        };
        let (found, _) = listed(&*store, options).await?;
        assert_eq!(found.len(), count, "{prefix}");
        assert!(found.iter().all(|name| name.starts_with(prefix)));
    }
    Ok(())
}

/// Names come sorted by their bytes, folders or not.
pub async fn sorted_listings(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    assert_eq!(store.listing_order().await?, ListingOrder::Bytes);
    let mut names = [
        "Z", "a-b", "a/b", "a.b", "a0", "a/b-c", "a/c/d", "a/c-d", "A", "_", "~", "ü", "ä/b", "漢",
        "a b", "a!b", "a/!",
    ];
    fill(&*store, &names).await?;
    names.sort_unstable();
    for options in [ListOptions::default(), paged(2)] {
        let (found, _) = listed(&*store, options).await?;
        assert_eq!(found, names);
    }
    Ok(())
}

/// A listing of many pages is complete and sorted, in whatever pieces it is fetched.
pub async fn long_listings(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let mut random = StdRng::seed_from_u64(42);
    let mut names = Vec::new();
    for folder in ["a", "a-", "b", "ü"] {
        let files = std::iter::repeat_with(|| random.random_range(0..99)).take(8);
        let files: Vec<_> = files
            .map(|file| format!("all/{folder}/{file:02}"))
            .collect();
        let deep = files.iter().take(3).map(|file| format!("{file}-/{folder}"));
        names.extend(deep.chain([format!("all/{folder}!")]));
        names.extend(files);
    }
    names.sort_unstable();
    names.dedup();
    fill(
        &*store,
        &names.iter().map(String::as_str).collect::<Vec<_>>(),
    )
    .await?;
    let (found, _) = listed(&*store, paged(1)).await?;
    assert_eq!(found, names);
    Ok(())
}

/// With a delimiter, what lies deeper is folded.
pub async fn folded_listings(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let names = ["a-b", "a/1", "a/2", "a/c/3", "a/c/4", "b", "c d/5", "c&d/6"];
    fill(&*store, &names).await?;
    for (prefix, blobs, prefixes) in [
        ("", &["a-b", "b"][..], &["a/", "c d/", "c&d/"][..]),
        ("a", &["a-b"], &["a/"]),
        ("a/", &["a/1", "a/2"], &["a/c/"]),
        ("a/c/", &["a/c/3", "a/c/4"], &[]),
        ("c&", &[], &["c&d/"]),
        ("x", &[], &[]),
    ] {
        for page_size in [None, Some(1), Some(2)] {
            let options = ListOptions {
                prefix: prefix.to_owned(),
                delimited: true,
                page_size,
                ..ListOptions::default()
            };
            let found = listed(&*store, options).await?;
            let found: (Vec<&str>, Vec<&str>) = (
                found.0.iter().map(String::as_str).collect(),
                found.1.iter().map(String::as_str).collect(),
            );
            assert_eq!(
                found,
                (blobs.to_vec(), prefixes.to_vec()),
                "{prefix} {page_size:?}"
            );
        }
    }
    Ok(())
}

/// Blobs with nothing but staged blocks are listed only when asked for.
pub async fn uncommitted_blobs_only_when_asked(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    fill(&*store, &["a", "d/c"]).await?;
    stage(&*store, &name("b")?, "1", "staged").await?;
    stage(&*store, &name("d/b")?, "1", "staged").await?;
    stage(&*store, &name("a")?, "1", "both").await?;
    let (found, _) = listed(&*store, ListOptions::default()).await?;
    assert_eq!(found, ["a", "d/c"]);
    for page_size in [None, Some(1)] {
        let options = ListOptions {
            uncommitted: true,
            page_size,
            ..ListOptions::default()
        };
        let found = pages(&*store, options).await?;
        let found: Vec<_> = found
            .iter()
            .flat_map(|page| &page.blobs)
            .map(|blob| (blob.name.as_str(), blob.is_uncommitted(), blob.size))
            .collect();
        let told = !harbour.abilities().is_lax(Laxity::VersionsOfStaged);
        let expect = [
            ("a", false, 1),
            ("b", told, 0),
            ("d/b", told, 0),
            ("d/c", false, 3),
        ];
        assert_eq!(found, expect, "{page_size:?}");
    }
    Ok(())
}

/// Digests come with the listing, when Longshore wrote them.
pub async fn digests_in_listings(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let digests = Digests {
        blake3: Blake3Digest::from_bytes([0x1f; 32]),
        sha256: Sha256Digest::from_bytes([0xf1; 32]),
    };
    let half = metadata(&[("longshore_blake3", &digests.blake3.to_string())]);
    for (text, metadata) in [
        ("ours", Metadata::of(&digests)),
        ("half", half),
        ("theirs", metadata(&[("owner", "them")])),
    ] {
        let options = WriteOptions {
            metadata,
            ..WriteOptions::default()
        };
        store
            .put(&name(text)?, Bytes::from_static(b"12"), options)
            .await?;
    }
    let found = pages(&*store, ListOptions::default()).await?;
    let found: Vec<_> = found
        .iter()
        .flat_map(|page| &page.blobs)
        .map(|blob| {
            (
                blob.name.as_str(),
                blob.digests,
                blob.size,
                blob.is_directory,
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            ("half", None, 2, false),
            ("ours", Some(digests), 2, false),
            ("theirs", None, 2, false),
        ]
    );
    write_blocks(&*store, &name("ours")?, &[("1", "1")]).await?;
    let found = pages(&*store, ListOptions::default()).await?;
    let mut blobs = found.iter().flat_map(|page| &page.blobs);
    assert!(
        blobs.all(|blob| blob.digests.is_none()),
        "replaced with the blob"
    );
    Ok(())
}

/// An empty container has an empty listing.
pub async fn empty_listings(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    for delimited in [false, true] {
        let options = ListOptions {
            delimited,
            uncommitted: true,
            ..ListOptions::default()
        };
        assert_eq!(listed(&*store, options).await?, (vec![], vec![]));
    }
    Ok(())
}

/// An empty page is no end.
pub async fn empty_pages(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let names = ["a", "b", "c", "d", "e"];
    fill(&*store, &names).await?;
    let are_made = harbour.make_empty_pages()?;
    let found = pages(&*store, paged(2)).await?;
    let empty = found.iter().filter(|page| page.blobs.is_empty()).count();
    assert!(
        !are_made || empty > 0,
        "the case proves nothing without an empty page"
    );
    let found: Vec<_> = found.into_iter().flat_map(|page| page.blobs).collect();
    let found: Vec<_> = found.iter().map(|blob| blob.name.as_str()).collect();
    assert_eq!(found, names);
    Ok(())
}
