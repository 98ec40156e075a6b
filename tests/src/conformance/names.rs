//! Names that lie between the caller and the service in many ways, and must arrive as they are.

use longshore_store::{
    BlobName, BlobStore, DeleteOptions, ListOptions, MAX_NAME_CHARS, MAX_NAME_SEGMENTS,
};

use super::Harbour;
use super::support::{assert_error, block_ids, container, listed, name, put, text, write_blocks};

/// Names of all kinds.
pub(super) const ODD_NAMES: &[&str] = &[
    "with space",
    " leading and trailing ",
    "double  space",
    "plus+plus",
    "percent%",
    "%41",
    "%2F",
    "%zz%",
    "hash#tag",
    "question?comp=list&restype=container",
    "amp&amp;lt&lt;",
    "quote'single",
    "quote\"double",
    "equals=semi;colon:comma,",
    "at@dollar$bang!star*tilde~",
    "(round)[square]{curly}<angle>",
    "caret^pipe|back`tick",
    "ünïcode/漢字/Ж",
    "astral/🚢",
    "combining/e\u{301}",
    "zero\u{200d}width\u{feff}",
    ".hidden/.file",
    "...three/a..b",
    "-dash/_under",
    "CON/nul.txt",
];

/// Names of all kinds are written, read, listed and deleted as they are.
pub async fn odd_names(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    for odd in ODD_NAMES {
        round_trip(&*store, &name(odd)?).await?;
    }
    Ok(())
}

/// Names as deep and as long as the service takes.
pub async fn deep_and_long_names(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let deep = vec!["d"; MAX_NAME_SEGMENTS].join("/");
    round_trip(&*store, &name(&deep)?).await?;
    // 1,024 characters, and no segment of more than 255 bytes.
    let long = format!(
        "{}{}",
        format!("{}/", "x".repeat(127)).repeat(7),
        "y".repeat(128)
    );
    assert_eq!(long.len(), MAX_NAME_CHARS);
    round_trip(&*store, &name(&long)?).await?;
    let long = "x".repeat(MAX_NAME_CHARS);
    let wide = "ü".repeat(MAX_NAME_CHARS);
    if harbour.abilities().long_segments {
        round_trip(&*store, &name(&long)?).await?;
        round_trip(&*store, &name(&wide)?).await?;
    } else {
        for long in [long, wide] {
            let long = name(&long)?;
            assert_error!(put(&*store, &long, "1").await, Io);
            assert_error!(store.properties(&long).await, NotFound);
        }
    }
    Ok(())
}

async fn round_trip(store: &dyn BlobStore, blob: &BlobName) -> anyhow::Result<()> {
    put(store, blob, blob.as_str()).await?;
    assert_eq!(text(store, blob).await?, blob.as_str());
    let size = store.properties(blob).await?.size;
    assert_eq!(size, blob.as_str().len() as u64);

    let only = ListOptions {
        prefix: blob.to_string(),
        ..ListOptions::default()
    };
    let (names, _) = listed(store, only).await?;
    assert_eq!(names, [blob.as_str()]);

    write_blocks(store, blob, &[("1", "one"), ("2", "two")]).await?;
    assert_eq!(text(store, blob).await?, "onetwo", "{blob}");
    assert_eq!(block_ids(store, blob).await?.0, ["1", "2"], "{blob}");

    store.delete(blob, DeleteOptions::default()).await?;
    assert_error!(store.properties(blob).await, NotFound, "{blob}");
    let (names, _) = listed(store, ListOptions::default()).await?;
    assert!(names.is_empty(), "{names:?} besides {blob}");
    Ok(())
}

/// Names that some reading of a URL takes for one another are different blobs.
pub async fn names_are_not_confused(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let mut names = [
        "a b", "a+b", "a%20b", "a%2Bb", "A B", "a%b", "a%25b", "é", "e\u{301}", "d/e", "d%2Fe",
        "d%2fe", "x?y", "x%3Fy", "x#y", "x%23y",
    ];
    for &text in &names {
        put(&*store, &name(text)?, text).await?;
    }
    for expect in names {
        assert_eq!(text(&*store, &name(expect)?).await?, expect);
    }
    names.sort_unstable();
    let (found, _) = listed(&*store, ListOptions::default()).await?;
    assert_eq!(found, names);
    Ok(())
}
