//! Deletes: of one blob, and of many in one request, which no client of the SDK makes: Blob Batch of a container.
//!
//! A batch is a `multipart/mixed` body whose parts are requests, each authorised by itself; the answer has a part for
//! each, in any order. A part that was put off, as a busy service does, is seen by no retry of the pipeline: its blob is
//! deleted by a request of its own, which is.

use std::fmt::Write as _;

use azure_core::error::{CheckSuccessOptions, ErrorKind};
use azure_core::http::headers::CONTENT_TYPE;
use azure_core::http::{Method, PipelineSendOptions, RawResponse, Request, StatusCode};
use azure_storage_blob::models::BlobClientDeleteOptions;
use bytes::Bytes;
use futures::StreamExt;
use futures::stream;
use longshore_azure::{AzureError, SafeUrl, header};
use url::Url;

use super::batch_answer::{self, Part};
use super::errors::{self, Subject, unexpected};
use super::headers;
use super::store::{Container, patient};
use crate::{BlobName, Condition, DeleteOptions, StoreError, rules};

/// How many of the blobs that were put off are deleted at once.
const AT_ONCE: usize = 8;

/// Deletes one blob.
pub(super) async fn one(
    container: &Container,
    name: &BlobName,
    options: &DeleteOptions,
) -> Result<(), StoreError> {
    container.refuse_absent(name, &options.condition).await?;
    let client = container.blob(name);
    let (if_match, if_none_match) = headers::conditions(&options.condition);
    let delete = BlobClientDeleteOptions {
        if_match,
        if_none_match,
        ..BlobClientDeleteOptions::default()
    };
    let result = client.delete(Some(delete)).await;
    let subject = Subject::existing(name, &options.condition);
    result.map_err(|error| container.error(&error, client.url(), subject))?;
    Ok(())
}

/// Deletes blobs in one request.
pub(super) async fn many(
    container: &Container,
    blobs: &[(BlobName, DeleteOptions)],
) -> Result<Vec<Result<(), StoreError>>, StoreError> {
    rules::check_batch(blobs.len())?;
    if blobs.is_empty() {
        return Ok(Vec::new());
    }
    if blobs
        .iter()
        .any(|(_, it)| it.condition == Condition::Absent)
    {
        return Err(StoreError::Unsupported {
            what: "a batch that deletes what is assumed to be absent",
        });
    }
    let parts = send(container, blobs).await?;
    if let [part] = &parts[..]
        && part.id.is_none()
        && !part.is_success()
    {
        // How the service says that it did not understand the batch as a whole.
        return Err(refusal(container, &failure(part), &container.url()));
    }
    let mut outcomes = Vec::with_capacity(blobs.len());
    for (index, (name, options)) in blobs.iter().enumerate() {
        outcomes.push(outcome(container, name, options, answer(&parts, index)));
    }
    Ok(stream::iter(outcomes).buffered(AT_ONCE).collect().await)
}

/// The one part that answers a part.
fn answer(parts: &[Part], index: usize) -> Result<&Part, StoreError> {
    let mut own = parts.iter().filter(|part| part.id == Some(index));
    match (own.next(), own.next()) {
        (Some(part), None) => Ok(part),
        (None, _) => Err(unexpected("the answer to the batch leaves this blob out")),
        (_, Some(_)) => Err(unexpected("the answer to the batch has this blob twice")),
    }
}

async fn send(
    container: &Container,
    blobs: &[(BlobName, DeleteOptions)],
) -> Result<Vec<Part>, StoreError> {
    let boundary = format!("batch_{:032x}", rand::random::<u128>());
    let body = body(container, blobs, &boundary).await?;
    let mut url = container.url();
    url.set_query(Some("restype=container&comp=batch"));
    let mut request = Request::new(container.authorize(url.clone()), Method::Post);
    let content_type = format!("multipart/mixed; boundary={boundary}");
    request.insert_header(CONTENT_TYPE, content_type);
    request.set_body(Bytes::from(body));
    let send_options = PipelineSendOptions {
        check_success: CheckSuccessOptions {
            success_codes: &[202],
        },
        ..PipelineSendOptions::default()
    };
    let response = container
        .pipeline()
        .send(&patient(), &mut request, Some(send_options))
        .await
        .map_err(|error| refusal(container, &error, &url))?;
    let content_type = header(response.headers(), &CONTENT_TYPE).unwrap_or_default();
    batch_answer::parse(content_type, response.body()).map_err(unexpected)
}

async fn body(
    container: &Container,
    blobs: &[(BlobName, DeleteOptions)],
    boundary: &str,
) -> Result<String, StoreError> {
    let mut body = String::new();
    for (index, (name, options)) in blobs.iter().enumerate() {
        let request = request(container, name, options).await?;
        let head = head(&request)?;
        let _ = write!(
            body,
            "--{boundary}\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\
             Content-ID: {index}\r\n\r\n{head}\r\n"
        );
    }
    let _ = write!(body, "--{boundary}--\r\n");
    Ok(body)
}

/// The request to delete one blob.
async fn request(
    container: &Container,
    name: &BlobName,
    options: &DeleteOptions,
) -> Result<Request, StoreError> {
    let mut request = Request::new(container.blob_url(name), Method::Delete);
    request.insert_header("content-length", "0");
    if let (Some(tag), _) = headers::conditions(&options.condition) {
        request.insert_header("if-match", tag.to_string());
    }
    container
        .connection()
        .authorize_part(&mut request)
        .await
        .map_err(|error| errors::of_any(error, container.name()))?;
    Ok(request)
}

/// A request without a body, as it stands in a part.
fn head(request: &Request) -> Result<String, StoreError> {
    let url = request.url();
    let mut head = format!("{} {}", request.method(), url.path());
    if let Some(query) = url.query() {
        let _ = write!(head, "?{query}");
    }
    head.push_str(" HTTP/1.1\r\n");
    for (name, value) in request.headers().iter() {
        let (name, value) = (name.as_str(), value.as_str());
        // Nobody below looks at these headers: a line feed would end the line, and begin another.
        if value.contains(|c: char| c.is_control()) {
            return Err(unexpected("a version that no header can carry"));
        }
        let _ = write!(head, "{name}: {value}\r\n");
    }
    head.push_str("\r\n");
    Ok(head)
}

/// What it means that the batch as a whole was not taken.
fn refusal(container: &Container, error: &azure_core::Error, url: &Url) -> StoreError {
    let status = error.http_status().map(u16::from);
    let code = AzureError::from_core(error, &SafeUrl::from(url));
    match status {
        Some(404) if code.code() == Some("ContainerNotFound") => {}
        // A signature of a container, a role, an account of another kind or an emulator may not know batches; whether
        // more is wrong, the deletes one by one will show.
        Some(400 | 403 | 404 | 405 | 501) => {
            tracing::debug!(%code, "no batches");
            return StoreError::Unsupported {
                what: "deletes in batches",
            };
        }
        _ => {}
    }
    container.error(error, url, Subject::Container)
}

/// What became of one blob.
async fn outcome(
    container: &Container,
    name: &BlobName,
    options: &DeleteOptions,
    part: Result<&Part, StoreError>,
) -> Result<(), StoreError> {
    let part = part?;
    if part.is_success() {
        return Ok(());
    }
    if is_put_off(part.status) {
        return one(container, name, options).await;
    }
    let subject = Subject::existing(name, &options.condition);
    Err(container.error(&failure(part), &container.blob_url(name), subject))
}

/// Whether another attempt may be answered otherwise.
fn is_put_off(status: StatusCode) -> bool {
    matches!(u16::from(status), 408 | 429 | 500 | 502 | 503 | 504)
}

/// A part as the error that it would be as an answer of its own.
fn failure(part: &Part) -> azure_core::Error {
    let response = RawResponse::from_bytes(part.status, part.headers.clone(), part.body.clone());
    let kind = ErrorKind::HttpResponse {
        status: part.status,
        error_code: None,
        raw_response: Some(Box::new(response)),
    };
    azure_core::Error::new(kind, "a part of a batch")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(tag: &str) -> Request {
        let url = Url::parse("https://a.blob.core.windows.net/c/a%20b/ü.exe?sp=d&sig=x").unwrap();
        let mut request = Request::new(url, Method::Delete);
        request.insert_header("if-match", tag.to_owned());
        request
    }

    #[test]
    fn a_part_is_a_request_without_its_host() {
        assert_eq!(
            head(&request("\"0x8D\"")).unwrap(),
            "DELETE /c/a%20b/%C3%BC.exe?sp=d&sig=x HTTP/1.1\r\nif-match: \"0x8D\"\r\n\r\n"
        );
    }

    #[test]
    fn no_version_adds_a_line() {
        let smuggled = request("\"1\"\r\nx-ms-delete-snapshots: include");
        assert!(head(&smuggled).is_err());
    }
}
