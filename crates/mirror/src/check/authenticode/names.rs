//! What a certificate says about people and times, as text and times of ours.

use der::Tag;
use der::asn1::{Any, ObjectIdentifier};
use jiff::Timestamp;
use x509_cert::name::Name;
use x509_cert::time::Time;

use crate::check::report::Signer;

const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const ORGANISATION: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");

pub(super) fn signer(name: &Name) -> Signer {
    Signer {
        common_name: part(name, COMMON_NAME),
        organisation: part(name, ORGANISATION),
    }
}

/// The common name of an issuer, or all of its name when it has none.
pub(super) fn issuer(name: &Name) -> String {
    part(name, COMMON_NAME).unwrap_or_else(|| name.to_string())
}

/// A certificate's time.
pub(super) fn time(time: Time) -> Option<Timestamp> {
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    Timestamp::from_second(seconds).ok()
}

fn part(name: &Name, kind: ObjectIdentifier) -> Option<String> {
    let found = name.iter().find(|part| part.oid == kind)?;
    text(&found.value)
}

/// A text in one of the encodings that certificates have had.
fn text(value: &Any) -> Option<String> {
    use der::Tagged;
    let bytes = value.value();
    match value.tag() {
        Tag::Utf8String | Tag::PrintableString | Tag::Ia5String => {
            String::from_utf8(bytes.to_vec()).ok()
        }
        Tag::TeletexString => Some(bytes.iter().copied().map(char::from).collect()),
        Tag::BmpString => {
            let units = bytes
                .chunks_exact(2)
                .map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).collect::<Result<_, _>>().ok()
        }
        _ => None,
    }
}
