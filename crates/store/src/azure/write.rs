//! The two writes that carry content: Put Blob and Put Block.
//!
//! They are the only requests of which there are many, and they are put together here rather than by the SDK's clients:
//! those build a client for each blob and, for an upload, the options of every request that it might consist of. The
//! way out is the same for both: one pipeline with one set of policies.

use azure_core::error::CheckSuccessOptions;
use azure_core::http::headers::{CONTENT_LENGTH, CONTENT_TYPE, HeaderName, Headers};
use azure_core::http::{Context, Method, PipelineSendOptions, Request};
use bytes::Bytes;
use longshore_content::Crc64;
use url::Url;

use super::errors::Subject;
use super::headers;
use super::store::Container;
use crate::{BlobName, BlockName, Condition, StageOptions, StoreError, WriteOptions, Written};

const BLOB_TYPE: HeaderName = HeaderName::from_static("x-ms-blob-type");
const BLOB_CONTENT_TYPE: HeaderName = HeaderName::from_static("x-ms-blob-content-type");
const CRC64: HeaderName = HeaderName::from_static("x-ms-content-crc64");

/// Writes a whole blob.
pub(super) async fn put(
    container: &Container,
    name: &BlobName,
    body: Bytes,
    options: &WriteOptions,
) -> Result<Written, StoreError> {
    let url = container.authorize(container.blob_url(name));
    let mut request = request(url, body, None);
    request.insert_header(BLOB_TYPE, "BlockBlob");
    request.insert_header(BLOB_CONTENT_TYPE, options.content_type.as_str().to_owned());
    for (key, value) in options.metadata.iter() {
        request.insert_header(headers::metadata_name(key), value.to_owned());
    }
    headers::assume(&mut request, &options.condition);
    let subject = Subject::written(name, &options.condition);
    headers::written(&send(container, request, subject).await?)
}

/// Stages a block.
pub(super) async fn stage_block(
    container: &Container,
    name: &BlobName,
    block: &BlockName,
    body: Bytes,
    options: StageOptions,
) -> Result<(), StoreError> {
    let mut url = container.blob_url(name);
    let id = block.to_string();
    url.query_pairs_mut()
        .append_pair("comp", "block")
        .append_pair("blockid", &id);
    let request = request(container.authorize(url), body, options.checksum);
    let subject = Subject::written(name, &Condition::None);
    send(container, request, subject).await.map(drop)
}

/// What both have in common: the content and its checksum.
fn request(url: Url, body: Bytes, checksum: Option<Crc64>) -> Request {
    let checksum = checksum.unwrap_or_else(|| Crc64::of(&body));
    let mut request = Request::new(url, Method::Put);
    request.insert_header(CONTENT_TYPE, "application/octet-stream");
    request.insert_header(CONTENT_LENGTH, body.len().to_string());
    request.insert_header(CRC64, checksum.to_header());
    request.set_body(body);
    request
}

async fn send(
    container: &Container,
    mut request: Request,
    subject: Subject<'_>,
) -> Result<Headers, StoreError> {
    let options = PipelineSendOptions {
        check_success: CheckSuccessOptions {
            success_codes: &[201],
        },
        ..PipelineSendOptions::default()
    };
    let response = container
        .pipeline()
        .send(&Context::new(), &mut request, Some(options))
        .await
        .map_err(|error| container.error(&error, request.url(), subject))?;
    Ok(response.deconstruct().1)
}
