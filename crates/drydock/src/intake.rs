//! Taking a request's body in: content to disk, documents to memory, both checked on the way.

use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use http::HeaderMap;

use crate::body::{Cut, Upload};
use crate::call::{Call, ServiceVersion, header};
use crate::checksum::Check;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
use crate::sources::{self, Shipment};
use crate::storage::{Extent, LargeWriter, SMALL, Vault};

const MIB: u64 = 1024 * 1024;

/// The largest document: a block list of 50,000 long ids is about half of this.
const MAX_DOCUMENT: u64 = 16 * MIB;

/// What came with a request.
#[derive(Debug)]
pub(crate) enum Taken {
    /// A document.
    Document(Bytes),
    /// Content.
    Content(Cargo),
    /// Content that the request names instead of bringing it.
    Shipment(Shipment),
}

/// Content that is on disk.
#[derive(Debug)]
pub(crate) struct Cargo {
    /// None for an empty body.
    pub(crate) extent: Option<Arc<Extent>>,
    /// Of the whole body, if it was computed.
    pub(crate) md5: Option<String>,
    /// As the client sent it, once it is known to be right.
    pub(crate) crc64: Option<String>,
}

/// Why a body was not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The client gets an answer.
    Failure(Failure),
    /// The connection ends.
    Cut(Cut),
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        Self::Failure(error.into())
    }
}

impl From<Cut> for Refusal {
    fn from(cut: Cut) -> Self {
        Self::Cut(cut)
    }
}

/// The length that a request announces.
pub(crate) fn announced_length(headers: &HeaderMap) -> Outcome<Option<u64>> {
    let length = header(headers, "content-length")?
        .map(str::parse)
        .transpose();
    length.map_err(|_| Failure::header_value("content-length"))
}

/// Refuses a body by its announced length, before any of it is read.
pub(crate) fn check_length(call: &Call, length: Option<u64>) -> Outcome<()> {
    let limit = match call.operation {
        Operation::PutBlob if call.version >= ServiceVersion::LARGE_BLOCKS => 5000 * MIB,
        Operation::PutBlob if call.version >= ServiceVersion::MEDIUM_BLOCKS => 256 * MIB,
        Operation::PutBlob => 64 * MIB,
        Operation::PutBlock if call.version >= ServiceVersion::LARGE_BLOCKS => 4000 * MIB,
        Operation::PutBlock if call.version >= ServiceVersion::MEDIUM_BLOCKS => 100 * MIB,
        Operation::PutBlock | Operation::BlobBatch => 4 * MIB,
        _ => MAX_DOCUMENT,
    };
    let needed = call.operation.carries_content() || call.operation.copies();
    match length {
        None if needed => Err(Code::MissingContentLengthHeader.into()),
        Some(1..) if call.operation.copies() => Err(Failure::header_value("Content-Length")),
        Some(0) if call.operation == Operation::PutBlock => {
            Err(Failure::header_value("Content-Length"))
        }
        Some(length) if length > limit => {
            let detail = format_args!("The limit is {limit} bytes.");
            Err(Failure::of(Code::RequestBodyTooLarge).with_detail(detail))
        }
        _ => Ok(()),
    }
}

/// Takes the body of an allowed request.
pub(crate) async fn take(call: &Call, upload: &mut Upload) -> Result<Taken, Refusal> {
    let mut check = Check::of_body(call)?;
    if call.operation.copies() {
        return Ok(Taken::Shipment(sources::take(call).await?));
    }
    if !call.operation.carries_content() {
        let document = collect(upload, MAX_DOCUMENT, &mut check).await?;
        check.finish()?;
        return Ok(Taken::Document(document));
    }
    let vault = call.store().vault();
    let extent = if upload.length() <= SMALL {
        let body = collect(upload, SMALL, &mut check).await?;
        put_small(vault, &body)?
    } else {
        let mut writer = vault.put_large(upload.length())?;
        stream(upload, &mut writer, &mut check).await?;
        Some(writer.finish())
    };
    let (md5, crc64) = check.finish()?;
    Ok(Taken::Content(Cargo { extent, md5, crc64 }))
}

fn put_small(vault: &Arc<Vault>, body: &[u8]) -> std::io::Result<Option<Arc<Extent>>> {
    if body.is_empty() {
        return Ok(None);
    }
    vault.put_small(body).map(Some)
}

async fn stream(
    upload: &mut Upload,
    writer: &mut LargeWriter,
    check: &mut Check,
) -> Result<(), Refusal> {
    while let Some(piece) = upload.next_piece().await? {
        check.update(&piece);
        writer.write(&piece)?;
    }
    Ok(())
}

async fn collect(upload: &mut Upload, limit: u64, check: &mut Check) -> Result<Bytes, Refusal> {
    // Most small bodies come in one piece, which is then used as it is.
    let mut first: Option<Bytes> = None;
    let mut joined = BytesMut::new();
    while let Some(piece) = upload.next_piece().await? {
        check.update(&piece);
        match first.take() {
            None if joined.is_empty() => first = Some(piece),
            None => joined.extend_from_slice(&piece),
            Some(before) => {
                joined.reserve(before.len() + piece.len());
                joined.extend_from_slice(&before);
                joined.extend_from_slice(&piece);
            }
        }
        if joined.len() as u64 > limit {
            return Err(Failure::of(Code::RequestBodyTooLarge).into());
        }
    }
    Ok(first.unwrap_or_else(|| joined.freeze()))
}
