//! When a countersignature says that a file was signed: read, never verified.

use der::asn1::{AnyRef, GeneralizedTime, Int, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader};
use jiff::Timestamp;
use x509_cert::time::Time;

use super::fault::Fault;
use super::message::{Attributes, Message, SignerInfo};
use super::names;

/// A time-stamp token (RFC 3161) as Authenticode carries it.
const TOKEN: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.3.3.1");
/// What was signed in such a token.
const TOKEN_INFO: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.16.1.4");
/// A countersignature of the older kind.
const COUNTERSIGNATURE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.6");
const SIGNING_TIME: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.5");

/// The time that the unsigned attributes of a signature tell, if they tell one that can be read.
pub(super) fn timestamp(attributes: Attributes<'_>) -> Option<Timestamp> {
    let token = attributes.get(TOKEN).ok().flatten();
    let older = attributes.get(COUNTERSIGNATURE).ok().flatten();
    token
        .and_then(|token| of_token(token).ok().flatten())
        .or_else(|| older.and_then(|older| of_countersignature(older).ok().flatten()))
}

fn of_token(token: AnyRef<'_>) -> Result<Option<Timestamp>, Fault> {
    use der::Encode;
    let bytes = token.to_der()?;
    let message = Message::parse(&bytes)?;
    if message.content_type != TOKEN_INFO {
        return Ok(None);
    }
    let content = message.content.decode_as::<&OctetStringRef>()?;
    AnyRef::from_der(content.as_bytes())?.sequence(|info| {
        let _version = u8::decode(info)?;
        let _policy = AnyRef::decode(info)?;
        let _imprint = AnyRef::decode(info)?;
        let _serial = Int::decode(info)?;
        let time = AnyRef::decode(info)?;
        info.drain(info.remaining_len())?;
        // Authorities add fractions of a second, which the strict reader refuses.
        Ok(generalized(time.value()))
    })
}

fn of_countersignature(older: AnyRef<'_>) -> Result<Option<Timestamp>, Fault> {
    use der::Encode;
    let bytes = older.to_der()?;
    let signer = SignerInfo::parse(&mut SliceReader::new(&bytes)?)?;
    let time = signer.signed.get(SIGNING_TIME)?;
    let time = time
        .map(|time| Time::from_der(&time.to_der()?))
        .transpose()?;
    Ok(time.and_then(names::time))
}

/// `20260102030405.678Z` without its fraction.
fn generalized(text: &[u8]) -> Option<Timestamp> {
    let mut whole = vec![0x18, 15];
    whole.extend(text.get(..14)?);
    whole.push(b'Z');
    let time = GeneralizedTime::from_der(&whole).ok()?;
    let seconds = i64::try_from(time.to_unix_duration().as_secs()).ok()?;
    text.ends_with(b"Z")
        .then(|| Timestamp::from_second(seconds).ok())?
}
