//! The message that is a signature (PKCS#7 `SignedData`), taken apart without copying.
//!
//! Attributes stay the bytes that were signed: nothing is written anew to be checked.

use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader, SliceReader, Tag, TagNumber};
use x509_cert::Certificate;
use x509_cert::name::Name;
use x509_cert::serial_number::SerialNumber;

use super::fault::Fault;

/// The content type of a signed message.
const SIGNED_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.7.2");

/// A signed message.
#[derive(Debug)]
pub(super) struct Message<'a> {
    /// What kind of content was signed.
    pub(super) content_type: ObjectIdentifier,
    /// The content.
    pub(super) content: AnyRef<'a>,
    /// The certificates that came with it, of which some may be unreadable.
    certificates: Vec<&'a [u8]>,
    /// Who signed it.
    pub(super) signer: SignerInfo<'a>,
    /// What follows the message.
    pub(super) rest: &'a [u8],
}

/// Who signed a message, and how.
#[derive(Debug)]
pub(super) struct SignerInfo<'a> {
    issuer: Name,
    serial: SerialNumber,
    /// The digest of content and attributes.
    pub(super) digest: ObjectIdentifier,
    /// The attributes that were signed.
    pub(super) signed: Attributes<'a>,
    /// What made the signature.
    pub(super) scheme: ObjectIdentifier,
    /// The signature.
    pub(super) signature: &'a [u8],
    /// The attributes that were not signed.
    pub(super) unsigned: Attributes<'a>,
}

/// Attributes: the bytes between the header of their set and its end.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Attributes<'a>(&'a [u8]);

/// The certificate that a message was signed with.
#[derive(Debug)]
pub(super) struct SignedWith<'a> {
    /// The certificate.
    pub(super) certificate: Certificate,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
}

impl<'a> Message<'a> {
    pub(super) fn parse(bytes: &'a [u8]) -> Result<Self, Fault> {
        let mut reader = SliceReader::new(bytes)?;
        let body = AnyRef::decode(&mut reader)?.sequence(|info| {
            let kind = ObjectIdentifier::decode(info)?;
            let content = explicit(info, 0)?.ok_or_else(|| Fault::malformed("it is empty"))?;
            if kind == SIGNED_DATA {
                Ok(content)
            } else {
                Err(Fault::Malformed(format!(
                    "it is no signed message but {kind}"
                )))
            }
        })?;
        let rest = reader.read_slice(reader.remaining_len())?;
        body.sequence(|data| Self::signed_data(data, rest))
    }

    fn signed_data(data: &mut SliceReader<'a>, rest: &'a [u8]) -> Result<Self, Fault> {
        let _version = u8::decode(data)?;
        let _digests = AnyRef::decode(data)?;
        let (content_type, content) = content_of(AnyRef::decode(data)?)?;
        let certificates = implicit(data, 0)?.map_or(Ok(Vec::new()), |set| {
            each(set, |reader| Ok(reader.tlv_bytes()?))
        })?;
        let _revoked = implicit(data, 1)?;
        let signers = AnyRef::decode(data)?;
        let mut signers = each(signers.value(), SignerInfo::parse)?;
        match (signers.pop(), signers.is_empty()) {
            (Some(signer), true) => Ok(Self {
                content_type,
                content,
                certificates,
                signer,
                rest,
            }),
            _ => Err(Fault::malformed("it does not have just one signer")),
        }
    }

    /// The certificate of the signer.
    pub(super) fn signed_with(&self) -> Result<SignedWith<'a>, Fault> {
        let readable = |bytes: &&'a [u8]| {
            let certificate = Certificate::from_der(bytes).ok()?;
            Some(SignedWith { certificate, bytes })
        };
        let mut all = self.certificates.iter().filter_map(readable);
        all.find(|one| {
            let certificate = one.certificate.tbs_certificate();
            *certificate.issuer() == self.signer.issuer
                && *certificate.serial_number() == self.signer.serial
        })
        .ok_or_else(|| Fault::malformed("the signer's certificate is not in it, or unreadable"))
    }
}

impl<'a> SignerInfo<'a> {
    /// A signer info of the message or of a countersignature.
    pub(super) fn parse(reader: &mut SliceReader<'a>) -> Result<Self, Fault> {
        AnyRef::decode(reader)?.sequence(|info| {
            let _version = u8::decode(info)?;
            let (issuer, serial) = AnyRef::decode(info)?
                .sequence(|who| Ok::<_, Fault>((Name::decode(who)?, SerialNumber::decode(who)?)))?;
            let digest = algorithm(info)?;
            let signed = Attributes(implicit(info, 0)?.unwrap_or_default());
            let scheme = algorithm(info)?;
            let signature = <&OctetStringRef>::decode(info)?.as_bytes();
            let unsigned = Attributes(implicit(info, 1)?.unwrap_or_default());
            Ok(Self {
                issuer,
                serial,
                digest,
                signed,
                scheme,
                signature,
                unsigned,
            })
        })
    }
}

impl<'a> Attributes<'a> {
    /// The first value of the attribute `name`, if there is one.
    pub(super) fn get(self, name: ObjectIdentifier) -> Result<Option<AnyRef<'a>>, Fault> {
        let all = each(self.0, |reader| {
            AnyRef::decode(reader)?.sequence(|attribute| {
                let name = ObjectIdentifier::decode(attribute)?;
                Ok::<_, Fault>((name, AnyRef::decode(attribute)?.value()))
            })
        })?;
        let found = all.into_iter().find(|(other, _)| *other == name);
        let first = |(_, values)| {
            SliceReader::new(values).and_then(|mut values| AnyRef::decode(&mut values))
        };
        Ok(found.map(first).transpose()?)
    }

    /// What the signature is over: the attributes as a set; nothing when there are none.
    pub(super) fn as_set(self) -> Result<Vec<u8>, Fault> {
        use der::Encode;
        Ok(AnyRef::new(Tag::Set, self.0)?.to_der()?)
    }
}

/// What kind of content an `EncapsulatedContentInfo` has, and the content.
pub(super) fn content_of(info: AnyRef<'_>) -> Result<(ObjectIdentifier, AnyRef<'_>), Fault> {
    info.sequence(|info| {
        let kind = ObjectIdentifier::decode(info)?;
        let content = explicit(info, 0)?;
        content
            .map(|content| (kind, content))
            .ok_or_else(|| Fault::malformed("what was signed is not in it"))
    })
}

/// The identifier of an `AlgorithmIdentifier`.
pub(super) fn algorithm(reader: &mut SliceReader<'_>) -> Result<ObjectIdentifier, Fault> {
    AnyRef::decode(reader)?.sequence(|algorithm| {
        let name = ObjectIdentifier::decode(algorithm)?;
        algorithm.drain(algorithm.remaining_len())?;
        Ok(name)
    })
}

/// The bytes of an optional field `[number]` whose own tag was replaced.
fn implicit<'a>(reader: &mut SliceReader<'a>, number: u32) -> Result<Option<&'a [u8]>, Fault> {
    let expected = Tag::ContextSpecific {
        constructed: true,
        number: TagNumber(number),
    };
    if reader.is_finished() || Tag::peek(reader)? != expected {
        return Ok(None);
    }
    Ok(Some(AnyRef::decode(reader)?.value()))
}

/// An optional field `[number]` around a value with its own tag.
fn explicit<'a>(reader: &mut SliceReader<'a>, number: u32) -> Result<Option<AnyRef<'a>>, Fault> {
    let inner = implicit(reader, number)?;
    let inner = inner.map(AnyRef::from_der);
    Ok(inner.transpose()?)
}

/// Everything in a set or sequence, in the order in which it stands there.
fn each<'a, T>(
    bytes: &'a [u8],
    mut read: impl FnMut(&mut SliceReader<'a>) -> Result<T, Fault>,
) -> Result<Vec<T>, Fault> {
    let mut reader = SliceReader::new(bytes)?;
    let mut all = Vec::new();
    while !reader.is_finished() {
        all.push(read(&mut reader)?);
    }
    Ok(all)
}
