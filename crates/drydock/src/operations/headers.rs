//! Reading properties and metadata from headers.

use http::HeaderMap;

use crate::call::{Call, header};
use crate::checksum::parse_md5;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::{Attributes, Property};

/// Names and values of metadata together.
const MAX_METADATA: usize = 8 * 1024;

const METADATA_PREFIX: &str = "x-ms-meta-";

/// The media type of a blob whose writer names none.
pub(super) const DEFAULT_TYPE: &str = "application/octet-stream";

/// The properties that `x-ms-blob-…` headers set.
pub(super) fn properties(call: &Call) -> Outcome<Vec<(Property, String)>> {
    let mut found = Vec::new();
    for property in Property::ALL {
        let Some(value) = call.header(property.request_header())? else {
            continue;
        };
        match property {
            Property::ContentMd5 => {
                parse_md5(value)?;
            }
            Property::AccessTier => check_tier(value)?,
            _ => {}
        }
        found.push((property, value.to_owned()));
    }
    Ok(found)
}

/// The tiers of a block blob.
pub(super) fn check_tier(tier: &str) -> Outcome<()> {
    if ["Hot", "Cool", "Cold", "Archive"].contains(&tier) {
        return Ok(());
    }
    Err(Failure::header_value("x-ms-access-tier"))
}

/// The metadata of a request.
pub(super) fn metadata(headers: &HeaderMap) -> Outcome<Vec<(String, String)>> {
    let mut found = Vec::new();
    let mut size = 0;
    for name in headers.keys() {
        let Some(key) = name.as_str().strip_prefix(METADATA_PREFIX) else {
            continue;
        };
        check_metadata_name(key)?;
        let value = metadata_value(headers, name.as_str())?;
        size += key.len() + value.len();
        found.push((key.to_owned(), value));
    }
    if size > MAX_METADATA {
        return Err(Code::MetadataTooLarge.into());
    }
    Ok(found)
}

fn metadata_value(headers: &HeaderMap, name: &str) -> Outcome<String> {
    if headers.get_all(name).iter().count() > 1 {
        return Err(Code::InvalidMetadata.into());
    }
    // A header that cannot be read as ASCII is refused here as the service refuses it.
    let value = header(headers, name).map_err(|_| Failure::of(Code::InvalidMetadata))?;
    Ok(value.unwrap_or_default().to_owned())
}

/// A name is an identifier of C#; header names are ASCII, so this is too.
fn check_metadata_name(name: &str) -> Outcome<()> {
    let Some(first) = name.bytes().next() else {
        return Err(Code::EmptyMetadataKey.into());
    };
    let identifier = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if first.is_ascii_digit() || !name.bytes().all(identifier) {
        return Err(Code::InvalidMetadata.into());
    }
    Ok(())
}

/// Packs properties and metadata.
pub(super) fn pack(properties: &[(Property, String)], metadata: &[(String, String)]) -> Attributes {
    Attributes::pack(
        properties
            .iter()
            .map(|(property, value)| (*property, value.as_str())),
        metadata
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str())),
    )
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    fn code_of(name: &str, value: &[u8]) -> String {
        let mut headers = HeaderMap::new();
        let name = HeaderName::from_bytes(format!("x-ms-meta-{name}").as_bytes()).unwrap();
        headers.insert(name, HeaderValue::from_bytes(value).unwrap());
        metadata(&headers).map_or_else(|failure| failure.code.into_owned(), |_| "fine".into())
    }

    #[test]
    fn metadata_is_checked_as_the_service_does() {
        assert_eq!(code_of("longshore_blake3", b"ab"), "fine");
        assert_eq!(code_of("empty", b""), "fine");
        assert_eq!(code_of("", b"value"), "EmptyMetadataKey");
        assert_eq!(code_of("with-hyphen", b"value"), "InvalidMetadata");
        assert_eq!(code_of("1st", b"value"), "InvalidMetadata");
        assert_eq!(code_of("name", "é".as_bytes()), "InvalidMetadata");
        assert_eq!(code_of("name", &[b'x'; 8188]), "fine");
        assert_eq!(code_of("name", &[b'x'; 8189]), "MetadataTooLarge");
    }
}
