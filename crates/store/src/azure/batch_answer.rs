//! The answer to a batch: a `multipart/mixed` body whose parts are answers.
//!
//! Reads what arrived and judges nothing; it knows no store. Parts that cannot be read are left out, so that whoever
//! asked misses them.

use std::collections::HashMap;

use azure_core::http::StatusCode;
use azure_core::http::headers::{HeaderName, HeaderValue, Headers};
use bytes::Bytes;

/// The most headers of a part.
const MAX_HEADERS: usize = 64;

/// The answer to a part of the batch.
#[derive(Debug)]
pub(super) struct Part {
    /// The number of the part that is answered.
    pub(super) id: Option<usize>,
    pub(super) status: StatusCode,
    pub(super) headers: Headers,
    pub(super) body: Bytes,
}

impl Part {
    pub(super) fn is_success(&self) -> bool {
        self.status.is_success()
    }
}

/// Reads an answer of this content type.
pub(super) fn parse(content_type: &str, body: &[u8]) -> Result<Vec<Part>, &'static str> {
    let boundary = boundary(content_type).ok_or("the answer to the batch has no parts")?;
    let delimiter = format!("--{boundary}");
    let mut pieces = split(body, delimiter.as_bytes()).into_iter();
    pieces.next(); // What stands before the first part says nothing.
    Ok(pieces
        .take_while(|piece| !piece.starts_with(b"--"))
        .filter_map(part)
        .collect())
}

/// What stands between the parts.
fn boundary(content_type: &str) -> Option<&str> {
    let mut parameters = content_type.split(';').map(str::trim);
    let kind = parameters.next()?;
    if !kind.eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    parameters
        .filter_map(|parameter| parameter.split_once('='))
        .find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"))
        .map(|(_, value)| value.trim().trim_matches('"'))
        .filter(|boundary| !boundary.is_empty())
}

/// The pieces between delimiters that begin a line.
fn split<'body>(body: &'body [u8], delimiter: &[u8]) -> Vec<&'body [u8]> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut line = 0;
    while line < body.len() {
        if body[line..].starts_with(delimiter) {
            pieces.push(&body[start..line]);
            start = line + delimiter.len();
        }
        line = match body[line..].iter().position(|byte| *byte == b'\n') {
            Some(end) => line + end + 1,
            None => body.len(),
        };
    }
    pieces.push(&body[start..]);
    pieces
}

/// A part: headers of its own, an empty line, and an answer.
fn part(piece: &[u8]) -> Option<Part> {
    let line = piece.iter().position(|byte| *byte == b'\n')?;
    let piece = &piece[line + 1..];
    let mut buffer = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let httparse::Status::Complete((length, own)) =
        httparse::parse_headers(piece, &mut buffer).ok()?
    else {
        return None;
    };
    let id = own
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-id"))
        .and_then(|header| std::str::from_utf8(header.value).ok())
        .and_then(|text| text.trim().parse().ok());
    let answer = &piece[length..];
    let mut buffer = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut response = httparse::Response::new(&mut buffer);
    let httparse::Status::Complete(length) = response.parse(answer).ok()? else {
        return None;
    };
    let headers = response.headers.iter().filter_map(named);
    Some(Part {
        id,
        status: StatusCode::from(response.code?),
        headers: Headers::from(headers.collect::<HashMap<_, _>>()),
        body: Bytes::copy_from_slice(answer[length..].trim_ascii()),
    })
}

fn named(header: &httparse::Header<'_>) -> Option<(HeaderName, HeaderValue)> {
    let value = std::str::from_utf8(header.value).ok()?;
    Some((
        HeaderName::from(header.name.to_ascii_lowercase()),
        HeaderValue::from(value.to_owned()),
    ))
}

#[cfg(test)]
mod tests {
    use azure_core::http::headers::ERROR_CODE;
    use longshore_azure::header;
    use proptest::prelude::*;

    use super::*;

    const TYPE: &str = "multipart/mixed; boundary=batchresponse_66925647";

    /// The example of the service's documents, blanks at the ends of lines included.
    const ANSWER: &str = "--batchresponse_66925647 \r\n\
        Content-Type: application/http \r\n\
        Content-ID: 1 \r\n\
        \r\n\
        HTTP/1.1 202 Accepted \r\n\
        x-ms-delete-type-permanent: true \r\n\
        x-ms-version: 2018-11-09 \r\n\
        \r\n\
        --batchresponse_66925647 \r\n\
        Content-Type: application/http \r\n\
        Content-ID: 0 \r\n\
        \r\n\
        HTTP/1.1 404 The specified blob does not exist. \r\n\
        X-Ms-Error-Code: BlobNotFound \r\n\
        Content-Length: 216 \r\n\
        Content-Type: application/xml \r\n\
        \r\n\
        <?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n\
        <Error><Code>BlobNotFound</Code><Message>no --batchresponse_66925647 here</Message></Error>\r\n\
        --batchresponse_66925647--\r\n";

    #[test]
    fn the_example_of_the_documents_is_read() {
        let parts = parse(TYPE, ANSWER.as_bytes()).unwrap();
        let [good, bad] = &parts[..] else {
            panic!("{parts:?}");
        };
        assert_eq!((good.id, u16::from(good.status)), (Some(1), 202));
        assert!(good.is_success() && good.body.is_empty());
        assert_eq!((bad.id, u16::from(bad.status)), (Some(0), 404));
        assert_eq!(header(&bad.headers, &ERROR_CODE), Some("BlobNotFound"));
        assert!(bad.body.starts_with(b"<?xml") && bad.body.ends_with(b"</Error>"));
        assert!(!bad.is_success());
    }

    #[test]
    fn an_answer_to_no_part_has_no_number() {
        let answer = "--b\r\nContent-Type: application/http\r\n\r\nHTTP/1.1 400 Bad\r\n\r\n--b--";
        let parts = parse("Multipart/Mixed; Boundary=\"b\"", answer.as_bytes()).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].id, None);
    }

    #[test]
    fn what_is_cut_off_or_broken_is_missing() {
        let cut = &ANSWER[..ANSWER.find("x-ms-version").unwrap()];
        assert!(parse(TYPE, cut.as_bytes()).unwrap().is_empty());
        let broken = ANSWER.replace("HTTP/1.1 202", "HTTP/9 2o2");
        let parts = parse(TYPE, broken.as_bytes()).unwrap();
        assert_eq!(parts.len(), 1);
        assert_eq!(parts[0].id, Some(0));
    }

    #[test]
    fn what_is_not_multipart_is_refused() {
        for content_type in [
            "",
            "application/xml",
            "multipart/mixed",
            "multipart/mixed; boundary=",
        ] {
            assert!(parse(content_type, b"").is_err(), "{content_type}");
        }
    }

    proptest! {
        #[test]
        fn nothing_that_arrives_makes_it_panic(
            start in 0..ANSWER.len(),
            length in 0..ANSWER.len(),
            noise in proptest::collection::vec(any::<u8>(), 0..16),
        ) {
            let mut answer = ANSWER.as_bytes().to_vec();
            let end = (start + length).min(answer.len());
            answer.splice(start..end, noise);
            let _ = parse(TYPE, &answer);
        }
    }
}
