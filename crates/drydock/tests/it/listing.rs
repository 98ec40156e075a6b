//! Listing blobs and containers.

use crate::yard::{BLOCK_BLOB, Yard, texts};

async fn list(yard: &Yard, query: &str) -> String {
    let path = format!("library?restype=container&comp=list&{query}");
    yard.expect("GET", &path, &[], "", "200").await.text()
}

/// All names, over all pages, and the number of pages.
async fn walk(yard: &Yard, query: &str) -> (Vec<String>, usize) {
    let (mut names, mut pages, mut marker) = (Vec::new(), 0, String::new());
    loop {
        let page = list(yard, &format!("{query}&marker={marker}")).await;
        names.extend(texts(&page, "Name"));
        pages += 1;
        match texts(&page, "NextMarker").pop() {
            Some(next) => marker = next.replace('!', "%21"),
            None => return (names, pages),
        }
    }
}

async fn filled() -> Yard {
    let yard = Yard::open().await;
    for name in ["b/1", "a", "B", "b/2/x", "b0", "c/", "%C3%BC", "a.b", "a-b"] {
        yard.put(name, "x").await;
    }
    yard
}

#[tokio::test]
async fn names_come_in_the_order_of_their_bytes() {
    let yard = filled().await;
    let all = ["B", "a", "a-b", "a.b", "b/1", "b/2/x", "b0", "c/", "ü"];
    assert_eq!(walk(&yard, "").await, (all.map(str::to_owned).to_vec(), 1));
    assert_eq!(
        walk(&yard, "maxresults=2").await,
        (all.map(str::to_owned).to_vec(), 5)
    );
    assert_eq!(walk(&yard, "prefix=b").await.0, ["b/1", "b/2/x", "b0"]);
    assert_eq!(walk(&yard, "prefix=b/2/x").await.0, ["b/2/x"]);
    assert_eq!(walk(&yard, "prefix=d").await.0, [""; 0]);
}

#[tokio::test]
async fn a_delimiter_rolls_names_up() {
    let yard = filled().await;
    for query in [
        "delimiter=/",
        "delimiter=/&maxresults=1",
        "delimiter=/&maxresults=2",
    ] {
        let names = walk(&yard, query).await.0;
        assert_eq!(
            names,
            ["B", "a", "a-b", "a.b", "b/", "b0", "c/", "ü"],
            "{query}"
        );
    }
    assert_eq!(
        walk(&yard, "delimiter=/&prefix=b/").await.0,
        ["b/1", "b/2/"]
    );
    let page = list(&yard, "delimiter=/").await;
    assert_eq!(page.matches("<BlobPrefix>").count(), 2);
}

#[tokio::test]
async fn pages_can_be_made_short_and_empty() {
    let yard = filled().await;
    let all = walk(&yard, "").await.0;
    yard.control().set_list_page_limit(2);
    assert_eq!(walk(&yard, "").await, (all.clone(), 5));
    yard.control().set_empty_pages(true);
    assert_eq!(walk(&yard, "").await, (all.clone(), 10));
    assert_eq!(walk(&yard, "delimiter=/").await.0.len(), 8);
    assert_eq!(walk(&yard, "prefix=d").await, (vec![], 1));
    yard.control().set_list_page_limit(0);
    yard.control().set_empty_pages(false);
    assert_eq!(walk(&yard, "").await, (all, 1));
}

#[tokio::test]
async fn a_listing_shows_what_it_is_asked_for() {
    let yard = Yard::open().await;
    let headers = [BLOCK_BLOB, ("x-ms-meta-longshore_blake3", "a&b")];
    let put = yard
        .expect("PUT", "library/blob", &headers, "content", "201")
        .await;
    yard.put_block("staged", "a", "x").await;
    let plain = list(&yard, "").await;
    assert_eq!(texts(&plain, "Name"), ["blob"]);
    assert!(!plain.contains("longshore_blake3"));
    let full = list(
        &yard,
        "include=metadata,uncommittedblobs,copy,tags,snapshots,versions,deleted",
    )
    .await;
    assert_eq!(texts(&full, "Name"), ["blob", "staged"]);
    assert_eq!(texts(&full, "longshore_blake3"), ["a&amp;b"]);
    assert_eq!(texts(&full, "Content-Length"), ["7", "0"]);
    // A blob that was never committed has no tag.
    assert_eq!(texts(&full, "Etag"), [put.header("etag").trim_matches('"')]);
    assert_eq!(texts(&full, "Content-MD5"), [put.header("content-md5")]);
    assert_eq!(
        texts(&full, "Last-Modified")[0],
        put.header("last-modified")
    );
}

#[tokio::test]
async fn names_that_xml_cannot_hold_are_encoded() {
    let yard = Yard::open().await;
    yard.put("a%01b%26c", "x").await;
    let page = list(&yard, "").await;
    assert!(
        page.contains("<Name Encoded=\"true\">a%01b%26c</Name>"),
        "{page}"
    );
}

#[tokio::test]
async fn impossible_listings_are_refused() {
    let yard = Yard::open().await;
    let expect = async |query: &str, outcome: &str| {
        let path = format!("library?restype=container&comp=list&{query}");
        yard.expect("GET", &path, &[], "", outcome).await;
    };
    expect("maxresults=0", "400 OutOfRangeQueryParameterValue").await;
    expect("maxresults=many", "400 InvalidQueryParameterValue").await;
    expect("include=everything", "400 InvalidQueryParameterValue").await;
    expect("marker=nonsense", "400 InvalidQueryParameterValue").await;
    yard.expect(
        "GET",
        "nowhere?restype=container&comp=list",
        &[],
        "",
        "404 ContainerNotFound",
    )
    .await;
}

#[tokio::test]
async fn containers_are_listed() {
    let yard = Yard::open().await;
    for name in ["beta", "alpha"] {
        let path = format!("{name}?restype=container");
        yard.expect("PUT", &path, &[("x-ms-meta-a", "1")], "", "201")
            .await;
    }
    let page = yard
        .expect("GET", "?comp=list&include=metadata", &[], "", "200")
        .await;
    assert_eq!(texts(&page.text(), "Name"), ["alpha", "beta", "library"]);
    assert_eq!(texts(&page.text(), "a"), ["1", "1"]);
    let page = yard
        .expect("GET", "?comp=list&prefix=b&maxresults=1", &[], "", "200")
        .await;
    assert_eq!(texts(&page.text(), "Name"), ["beta"]);
    let first = yard
        .expect("GET", "?comp=list&maxresults=2", &[], "", "200")
        .await
        .text();
    let marker = texts(&first, "NextMarker")
        .pop()
        .unwrap()
        .replace('!', "%21");
    let path = format!("?comp=list&marker={marker}");
    let page = yard.expect("GET", &path, &[], "", "200").await;
    assert_eq!(texts(&page.text(), "Name"), ["library"]);
}
