//! Taking a request's body in: content to disk, documents to memory, both checked on the way.

use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::{Bytes, BytesMut};
use crc_fast::CrcAlgorithm;
use http::HeaderMap;
use md5::{Digest, Md5};

use crate::body::{Cut, Upload};
use crate::call::{Call, ServiceVersion, header};
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
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
        Operation::PutBlock => 4 * MIB,
        _ => MAX_DOCUMENT,
    };
    match length {
        None if call.operation.carries_content() => Err(Code::MissingContentLengthHeader.into()),
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
    let mut check = Check::of(call)?;
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

/// The checksums that a request asks to be checked.
struct Check {
    md5: Option<Md5>,
    expected_md5: Option<[u8; 16]>,
    crc64: Option<crc_fast::Digest>,
    expected_crc64: Option<(u64, String)>,
}

impl Check {
    fn of(call: &Call) -> Outcome<Self> {
        let md5 = call.header("content-md5")?;
        let crc64 = call.header("x-ms-content-crc64")?;
        if md5.is_some() && crc64.is_some() {
            return Err(Failure::of(Code::InvalidInput)
                .with_detail("Content-MD5 and x-ms-content-crc64 exclude each other."));
        }
        let expected_md5 = md5.map(parse_md5).transpose()?;
        let expected_crc64 = crc64
            .map(|text| {
                let bytes = STANDARD
                    .decode(text)
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok());
                let bytes = bytes.ok_or_else(|| Failure::header_value("x-ms-content-crc64"))?;
                Ok::<_, Failure>((u64::from_le_bytes(bytes), text.to_owned()))
            })
            .transpose()?;
        // The service computes and keeps the MD5 of every Put Blob.
        let wants_md5 = expected_md5.is_some() || call.operation == Operation::PutBlob;
        Ok(Self {
            md5: wants_md5.then(Md5::new),
            expected_md5,
            crc64: expected_crc64
                .is_some()
                .then(|| crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme)),
            expected_crc64,
        })
    }

    fn update(&mut self, piece: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(piece);
        }
        if let Some(crc64) = &mut self.crc64 {
            crc64.update(piece);
        }
    }

    /// The checksums, if they are as expected.
    fn finish(self) -> Outcome<(Option<String>, Option<String>)> {
        let md5 = self.md5.map(|md5| <[u8; 16]>::from(md5.finalize()));
        if self.expected_md5.is_some() && md5 != self.expected_md5 {
            return Err(Code::Md5Mismatch.into());
        }
        let found = self.crc64.map(|crc64| crc64.finalize());
        let crc64 = match self.expected_crc64 {
            Some((expected, _)) if found != Some(expected) => {
                return Err(Code::Crc64Mismatch.into());
            }
            Some((_, text)) => Some(text),
            None => None,
        };
        Ok((md5.map(|md5| STANDARD.encode(md5)), crc64))
    }
}

/// Reads an MD5 in base64.
pub(crate) fn parse_md5(text: &str) -> Outcome<[u8; 16]> {
    let bytes = STANDARD.decode(text).ok();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Code::InvalidMd5.into())
}
