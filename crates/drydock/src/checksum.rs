//! The MD5 and the CRC64 of content that comes in: computed, and compared with what the client expects.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;
use md5::{Digest, Md5};

use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;

/// The checksums that a request asks to be checked or that its answer tells.
pub(crate) struct Check {
    md5: Option<Md5>,
    expected_md5: Option<[u8; 16]>,
    crc64: Option<crc_fast::Digest>,
    expected_crc64: Option<u64>,
}

impl Check {
    /// Of a request's own body.
    pub(crate) fn of_body(call: &Call) -> Outcome<Self> {
        let mut check = Self::named(call, "content-md5", "x-ms-content-crc64")?;
        // The service computes and keeps the MD5 of every Put Blob.
        if call.operation == Operation::PutBlob {
            check.compute_md5();
        }
        Ok(check)
    }

    /// Of the source that a request names.
    pub(crate) fn of_source(call: &Call) -> Outcome<Self> {
        Self::named(call, "x-ms-source-content-md5", "x-ms-source-content-crc64")
    }

    fn named(call: &Call, md5_header: &str, crc64_header: &str) -> Outcome<Self> {
        let (md5, crc64) = (call.header(md5_header)?, call.header(crc64_header)?);
        if md5.is_some() && crc64.is_some() {
            let detail = format_args!("{md5_header} and {crc64_header} exclude each other.");
            return Err(Failure::of(Code::InvalidInput).with_detail(detail));
        }
        let expected_md5 = md5.map(parse_md5).transpose()?;
        let expected_crc64 = crc64
            .map(|text| parse_crc64(text).ok_or_else(|| Failure::header_value(crc64_header)))
            .transpose()?;
        let mut check = Self {
            md5: None,
            expected_md5,
            crc64: None,
            expected_crc64,
        };
        if md5.is_some() {
            check.compute_md5();
        }
        if crc64.is_some() {
            check.compute_crc64();
        }
        Ok(check)
    }

    /// Computes the MD5 even if nobody expects one.
    pub(crate) fn compute_md5(&mut self) {
        self.md5.get_or_insert_with(Md5::new);
    }

    /// Computes the CRC64 even if nobody expects one.
    pub(crate) fn compute_crc64(&mut self) {
        self.crc64
            .get_or_insert_with(|| crc_fast::Digest::new(CrcAlgorithm::Crc64Nvme));
    }

    /// Whether it needs to see the content at all.
    pub(crate) fn computes(&self) -> bool {
        self.md5.is_some() || self.crc64.is_some()
    }

    /// Takes the next piece into account.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        if let Some(md5) = &mut self.md5 {
            md5.update(piece);
        }
        if let Some(crc64) = &mut self.crc64 {
            crc64.update(piece);
        }
    }

    /// The checksums that were computed, in base64, if they are as expected.
    pub(crate) fn finish(self) -> Outcome<(Option<String>, Option<String>)> {
        let md5 = self.md5.map(|md5| <[u8; 16]>::from(md5.finalize()));
        if self.expected_md5.is_some() && md5 != self.expected_md5 {
            return Err(Code::Md5Mismatch.into());
        }
        let crc64 = self.crc64.map(|crc64| crc64.finalize());
        if self.expected_crc64.is_some() && crc64 != self.expected_crc64 {
            return Err(Code::Crc64Mismatch.into());
        }
        Ok((
            md5.map(|md5| STANDARD.encode(md5)),
            crc64.map(|crc64| STANDARD.encode(crc64.to_le_bytes())),
        ))
    }
}

/// Reads an MD5 in base64.
pub(crate) fn parse_md5(text: &str) -> Outcome<[u8; 16]> {
    let bytes = STANDARD.decode(text).ok();
    let bytes = bytes.and_then(|bytes| bytes.try_into().ok());
    bytes.ok_or_else(|| Code::InvalidMd5.into())
}

fn parse_crc64(text: &str) -> Option<u64> {
    let bytes = STANDARD.decode(text).ok()?;
    Some(u64::from_le_bytes(bytes.try_into().ok()?))
}
