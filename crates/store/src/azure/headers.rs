//! What the headers of an answer say of a blob, and what those of a request assume.

use azure_core::http::headers::{HeaderName, Headers};
use azure_core::http::{Etag, Request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use longshore_azure::header;
use longshore_content::Crc64;

use super::errors::unexpected;
use crate::{BlobProperties, Condition, ContentType, ETag, Metadata, StoreError, Written};

const ETAG: HeaderName = HeaderName::from_static("etag");
const LAST_MODIFIED: HeaderName = HeaderName::from_static("last-modified");
const CONTENT_LENGTH: HeaderName = HeaderName::from_static("content-length");
const CONTENT_RANGE: HeaderName = HeaderName::from_static("content-range");
const CONTENT_TYPE: HeaderName = HeaderName::from_static("content-type");
const CONTENT_MD5: HeaderName = HeaderName::from_static("content-md5");
const BLOB_CONTENT_MD5: HeaderName = HeaderName::from_static("x-ms-blob-content-md5");
const CONTENT_CRC64: HeaderName = HeaderName::from_static("x-ms-content-crc64");
const HIERARCHICAL: HeaderName = HeaderName::from_static("x-ms-is-hns-enabled");
const IF_MATCH: HeaderName = HeaderName::from_static("if-match");
const IF_NONE_MATCH: HeaderName = HeaderName::from_static("if-none-match");
const METADATA: &str = "x-ms-meta-";

/// The values of `If-Match` and `If-None-Match`.
pub(super) fn conditions(condition: &Condition) -> (Option<Etag>, Option<Etag>) {
    match condition {
        Condition::None => (None, None),
        Condition::Absent => (None, Some(Etag::from("*"))),
        Condition::Matches(etag) => (Some(Etag::from(etag.quoted())), None),
    }
}

/// Says in the headers of a request what is assumed of the blob.
pub(super) fn assume(request: &mut Request, condition: &Condition) {
    match condition {
        Condition::None => {}
        Condition::Absent => request.insert_header(IF_NONE_MATCH, "*"),
        Condition::Matches(etag) => request.insert_header(IF_MATCH, etag.quoted()),
    }
}

/// The header that carries the metadata of a key.
pub(super) fn metadata_name(key: &str) -> HeaderName {
    HeaderName::from(format!("{METADATA}{key}"))
}

/// What is said of the whole blob, by the answer to a read, a ranged read or a request for the headers alone.
pub(super) fn properties(headers: &Headers) -> Result<BlobProperties, StoreError> {
    let range = header(headers, &CONTENT_RANGE);
    let size = match range {
        Some(range) => range.rsplit('/').next(),
        None => header(headers, &CONTENT_LENGTH),
    };
    // With a range, `Content-MD5` would be that of the range.
    let md5 = header(headers, &BLOB_CONTENT_MD5).or_else(|| match range {
        Some(_) => None,
        None => header(headers, &CONTENT_MD5),
    });
    Ok(BlobProperties {
        size: size
            .and_then(|size| size.trim().parse().ok())
            .ok_or_else(|| unexpected("the answer does not tell the size of the blob"))?,
        etag: etag(headers)?,
        last_modified: last_modified(headers),
        content_type: header(headers, &CONTENT_TYPE).map_or_else(ContentType::default, |text| {
            ContentType::new(text.to_owned())
        }),
        content_md5: md5.and_then(parse_md5),
        metadata: metadata(headers),
    })
}

/// The checksum of the range in the answer.
pub(super) fn checksum(headers: &Headers) -> Option<Crc64> {
    Crc64::from_header(header(headers, &CONTENT_CRC64)?)
}

/// The outcome of a write.
pub(super) fn written(headers: &Headers) -> Result<Written, StoreError> {
    Ok(Written {
        etag: etag(headers)?,
        last_modified: last_modified(headers),
    })
}

/// Whether the account has a hierarchical namespace.
pub(super) fn is_hierarchical(headers: &Headers) -> bool {
    header(headers, &HIERARCHICAL).is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The version, where there is one.
pub(super) fn optional_etag(headers: &Headers) -> Option<ETag> {
    header(headers, &ETAG).map(ETag::new)
}

fn etag(headers: &Headers) -> Result<ETag, StoreError> {
    optional_etag(headers).ok_or_else(|| unexpected("the answer has no ETag"))
}

fn last_modified(headers: &Headers) -> Option<Timestamp> {
    parse_date(header(headers, &LAST_MODIFIED)?)
}

fn metadata(headers: &Headers) -> Metadata {
    headers
        .iter()
        .filter_map(|(name, value)| {
            let key = name.as_str().strip_prefix(METADATA)?;
            Some((key.to_owned(), value.as_str().to_owned()))
        })
        .collect()
}

/// A date as headers and listings have it: `Mon, 23 Nov 2026 08:00:00 GMT`.
pub(super) fn parse_date(text: &str) -> Option<Timestamp> {
    static PARSER: DateTimeParser = DateTimeParser::new();
    PARSER.parse_timestamp(text).ok()
}

/// An MD5 in base64; an empty or broken one is none.
pub(super) fn parse_md5(text: &str) -> Option<[u8; 16]> {
    STANDARD.decode(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> Headers {
        let mut headers = Headers::new();
        for &(name, value) in pairs {
            headers.insert(name, value);
        }
        headers
    }

    #[test]
    fn a_ranged_answer_tells_of_the_whole_blob() {
        let found = properties(&headers(&[
            ("etag", "\"0x8D\""),
            ("last-modified", "Mon, 23 Nov 2026 08:00:00 GMT"),
            ("content-length", "2"),
            ("content-range", "bytes 1-2/7"),
            ("content-type", "text/plain"),
            ("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg=="),
            ("x-ms-meta-who", "me"),
        ]))
        .unwrap();
        assert_eq!(found.size, 7);
        assert_eq!(found.etag, ETag::new("0x8D"));
        assert_eq!(found.last_modified.unwrap().as_second(), 1_795_420_800);
        assert_eq!(found.content_type, ContentType::new("text/plain"));
        assert_eq!(found.content_md5, None, "that of the range");
        assert_eq!(found.metadata.get("Who"), Some("me"));
    }

    #[test]
    fn an_answer_without_size_or_version_is_none() {
        assert!(properties(&headers(&[("etag", "1")])).is_err());
        assert!(properties(&headers(&[("content-length", "1")])).is_err());
    }
}
