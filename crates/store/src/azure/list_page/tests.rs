//! Pages as the service, its emulator and its odd corners write them.

use std::fmt::Write;

use super::*;

const BLAKE3: &str = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
const SHA256: &str = "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100";

fn page(blobs: &str, next: &str) -> String {
    format!(
        "\u{feff}<?xml version=\"1.0\" encoding=\"utf-8\"?>\
         <EnumerationResults ServiceEndpoint=\"https://a.blob.core.windows.net/\" ContainerName=\"c\">\
         <MaxResults>2</MaxResults><Blobs>{blobs}</Blobs>{next}</EnumerationResults>"
    )
}

fn one(blob: &str) -> ListedBlob {
    let (page, next) = parse(page(blob, "<NextMarker />").as_bytes()).unwrap();
    assert_eq!((page.blobs.len(), page.prefixes.len(), next), (1, 0, None));
    page.blobs.into_iter().next().unwrap()
}

#[test]
fn a_blob_has_all_that_is_wanted_and_nothing_else() {
    let blob = one(&format!(
        "<Blob><Name>apps/a.zip</Name><Properties><Creation-Time>Mon, 23 Nov 2026 07:00:00 GMT</Creation-Time>\
         <Last-Modified>Mon, 23 Nov 2026 08:00:00 GMT</Last-Modified><Etag>0x8DD0</Etag>\
         <Content-Length>7</Content-Length><Content-Type>application/zip</Content-Type><Content-Encoding />\
         <Content-MD5>1B2M2Y8AsgTpgAmY7PhCfg==</Content-MD5><BlobType>BlockBlob</BlobType></Properties>\
         <Metadata><Longshore_Blake3>{BLAKE3}</Longshore_Blake3><longshore_sha256>{SHA256}</longshore_sha256>\
         <Name>decoy</Name><Etag>decoy</Etag><Content-Length>decoy</Content-Length></Metadata>\
         <Tags><TagSet><Tag><Key>Name</Key><Value>decoy</Value></Tag></TagSet></Tags><OrMetadata /></Blob>"
    ));
    assert_eq!(blob.name, "apps/a.zip");
    assert_eq!(blob.size, 7);
    assert_eq!(blob.etag, Some(ETag::new("\"0x8DD0\"")));
    assert_eq!(blob.last_modified.unwrap().as_second(), 1_795_420_800);
    assert!(blob.content_md5.is_some());
    let digests = blob.digests.unwrap();
    assert_eq!(digests.blake3.to_string(), BLAKE3);
    assert_eq!(digests.sha256.to_string(), SHA256);
    assert!(!blob.is_directory);
}

#[test]
fn names_come_in_every_disguise() {
    for (xml, name) in [
        (
            "<Name>a &amp; b &lt;c&gt; &quot;d&quot; &apos;e&apos;</Name>",
            "a & b <c> \"d\" 'e'",
        ),
        ("<Name>&#x1F6A2;&#252;</Name>", "🚢ü"),
        ("<Name>%41+b</Name>", "%41+b"),
        (
            "<Name Encoded=\"true\">a%EF%BF%BEb%2Bc%2541</Name>",
            "a\u{fffe}b+c%41",
        ),
        ("<Name Encoded=\"false\">%41</Name>", "%41"),
        ("<Name><![CDATA[a&b]]></Name>", "a&b"),
        ("<Name> spaced </Name>", " spaced "),
    ] {
        let blob = one(&format!(
            "<Blob>{xml}<Properties><Content-Length>0</Content-Length></Properties></Blob>"
        ));
        assert_eq!(blob.name, name, "{xml}");
    }
}

#[test]
fn a_blob_without_version_has_only_uncommitted_blocks() {
    for properties in [
        "<Etag /><Content-Length>0</Content-Length>",
        "<Etag></Etag>",
        "",
    ] {
        let blob = one(&format!(
            "<Blob><Name>a</Name><Properties>{properties}<Content-MD5 /></Properties><Metadata /></Blob>"
        ));
        assert!(blob.is_uncommitted(), "{properties}");
        assert_eq!(blob.content_md5, None);
    }
}

#[test]
fn directories_are_told_by_property_or_metadata() {
    for inner in [
        "<Properties><Etag>1</Etag><ResourceType>directory</ResourceType></Properties>",
        "<Properties><Etag>1</Etag></Properties><Metadata><hdi_isfolder>true</hdi_isfolder></Metadata>",
    ] {
        let blob = one(&format!("<Blob><Name>a</Name>{inner}</Blob>"));
        assert!(blob.is_directory, "{inner}");
    }
}

#[test]
fn half_or_broken_digests_are_none() {
    for metadata in [
        format!("<longshore_blake3>{BLAKE3}</longshore_blake3>"),
        format!(
            "<longshore_blake3>x</longshore_blake3><longshore_sha256>{SHA256}</longshore_sha256>"
        ),
    ] {
        let blob = one(&format!(
            "<Blob><Name>a</Name><Metadata>{metadata}</Metadata></Blob>"
        ));
        assert_eq!(blob.digests, None);
    }
}

#[test]
fn prefixes_and_markers_are_read() {
    let blobs = "<BlobPrefix><Name>a&amp;b/</Name></BlobPrefix>\
                 <BlobPrefix><Name>c/</Name><Properties><Etag>1</Etag><ResourceType>directory</ResourceType></Properties></BlobPrefix>\
                 <Blob><Name>d</Name><Properties><Etag>1</Etag></Properties></Blob>";
    let (found, next) =
        parse(page(blobs, "<NextMarker>2!8!x&amp;=</NextMarker>").as_bytes()).unwrap();
    assert_eq!(found.prefixes, ["a&b/", "c/"]);
    assert_eq!(found.blobs.len(), 1);
    assert!(!found.blobs[0].is_directory);
    assert_eq!(next.as_deref(), Some("2!8!x&="));
}

#[test]
fn an_empty_page_may_go_on() {
    let text = page("", "<NextMarker>more</NextMarker>").replace("<Blobs></Blobs>", "<Blobs />");
    let (found, next) = parse(text.as_bytes()).unwrap();
    assert_eq!(found, ListPage::default());
    assert_eq!(next.as_deref(), Some("more"));
}

#[test]
fn a_page_that_was_cut_off_or_is_none_is_an_error() {
    let whole = page("<Blob><Name>a</Name></Blob>", "");
    assert!(parse(whole.as_bytes()).is_ok());
    for end in 0..whole.len() {
        assert!(parse(&whole.as_bytes()[..end]).is_err(), "{end}");
    }
    for text in ["", "<html>", "{}", "<a>&bad;</a"] {
        assert!(parse(text.as_bytes()).is_err(), "{text}");
    }
    let odd = page("<Blob><Name>&bad;</Name></Blob>", "");
    assert!(matches!(parse(odd.as_bytes()), Err(PageError::Entity(_))));
    let odd = page(
        "<Blob><Properties><Content-Length>x</Content-Length></Properties></Blob>",
        "",
    );
    assert!(matches!(parse(odd.as_bytes()), Err(PageError::Size(_))));
}

#[test]
fn a_full_page_keeps_its_order() {
    let mut blobs = String::new();
    for n in 0..5_000 {
        write!(
            blobs,
            "<Blob><Name>f{n:04}</Name><Properties><Etag>{n}</Etag><Content-Length>{n}</Content-Length></Properties></Blob>"
        )
        .unwrap();
    }
    let (found, _) = parse(page(&blobs, "").as_bytes()).unwrap();
    assert_eq!(found.blobs.len(), 5_000);
    assert!(found.blobs.is_sorted_by(|a, b| a.name < b.name));
    assert!(
        found
            .blobs
            .iter()
            .enumerate()
            .all(|(n, blob)| blob.size == n as u64)
    );
}
