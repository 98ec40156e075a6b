//! The checksum that travels with each request: CRC-64/NVME, as Azure Blob Storage wants it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use crc_fast::CrcAlgorithm;

/// A CRC-64/NVME (reflected polynomial `0x9A6C9329AC4BC9B5`, initial and final value all ones).
///
/// The service takes it in the header `x-ms-content-crc64` as the base64 of its eight bytes, little-endian, checks
/// the body against it and answers `Crc64Mismatch` when a byte was changed on the way
/// (Put Block and Put Blob, service version 2019-02-02 and later).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Crc64(u64);

impl Crc64 {
    /// The checksum of `bytes`.
    pub fn of(bytes: &[u8]) -> Self {
        Self(crc_fast::checksum(CrcAlgorithm::Crc64Nvme, bytes))
    }

    /// The eight bytes as they travel: little-endian.
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.to_le_bytes()
    }

    /// The value of the header `x-ms-content-crc64`.
    pub fn to_header(self) -> String {
        STANDARD.encode(self.to_bytes())
    }

    /// The checksum in a header `x-ms-content-crc64`; none when it is no such thing.
    pub fn from_header(text: &str) -> Option<Self> {
        let bytes = STANDARD.decode(text.trim()).ok()?.try_into().ok()?;
        Some(Self(u64::from_le_bytes(bytes)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_value_of_the_catalogue_is_met() {
        assert_eq!(Crc64::of(b"123456789").0, 0xae8b_1486_0a79_9888);
    }

    #[test]
    fn the_header_is_little_endian_base64() {
        assert_eq!(Crc64(0x0102_0304_0506_0708).to_header(), "CAcGBQQDAgE=");
        assert_eq!(Crc64::of(b"").to_header(), "AAAAAAAAAAA=");
        let read = Crc64::from_header("CAcGBQQDAgE=");
        assert_eq!(read, Some(Crc64(0x0102_0304_0506_0708)));
        for text in ["", "AAAA", "AAAAAAAAAAAA", "no base64"] {
            assert_eq!(Crc64::from_header(text), None, "{text}");
        }
    }
}
