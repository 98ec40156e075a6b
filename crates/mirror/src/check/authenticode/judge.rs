//! What a signature says, what of it holds, and what nobody has looked at.

use aws_lc_rs::digest::Digest;
use der::asn1::{AnyRef, ObjectIdentifier, OctetStringRef};
use der::{Decode, Reader};

use super::algorithm::{DigestAlgorithm, Scheme, verify};
use super::fault::Fault;
use super::message::{Message, SignedWith, algorithm};
use super::names;
use super::timestamp::timestamp;
use crate::check::report::Signed;

const INDIRECT_DATA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.1.4");
const CONTENT_TYPE: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.3");
const MESSAGE_DIGEST: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.9.4");
const NESTED: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.311.2.4.1");

/// What was found in a signature.
#[derive(Debug)]
pub(super) struct Judgement {
    pub(super) signed: Signed,
    /// Whether there is a second signature in it.
    pub(super) has_nested: bool,
    /// Whether anything but zeros follows it.
    pub(super) has_rest: bool,
}

/// The digest that was signed.
struct FileDigest<'a> {
    algorithm: ObjectIdentifier,
    digest: &'a [u8],
}

/// Reads the signature in `bytes` and holds it against the file, whose digest `digest_of` computes.
pub(super) fn judge(
    bytes: &[u8],
    digest_of: impl FnOnce(DigestAlgorithm) -> Result<Digest, Fault>,
) -> Result<Judgement, Fault> {
    let message = Message::parse(bytes)?;
    if message.content_type != INDIRECT_DATA {
        return Err(Fault::malformed("it is not a signature of a file's digest"));
    }
    let file = file_digest(message.content)?;
    let with = message.signed_with()?;
    let digest_matches = match DigestAlgorithm::known(file.algorithm) {
        Ok(algorithm) => Ok(digest_of(algorithm)?.as_ref() == file.digest),
        Err(unknown) => Err(unknown),
    };
    let signature_verified = match DigestAlgorithm::known(message.signer.digest) {
        Ok(digest) => verify_message(&message, &with, digest)?,
        Err(unknown) => Err(unknown),
    };
    let signer = &message.signer;
    Ok(Judgement {
        signed: Signed {
            digest_algorithm: DigestAlgorithm::name_of(file.algorithm),
            digest_matches: digest_matches == Ok(true),
            signature_verified: signature_verified == Ok(true),
            unsupported: digest_matches.err().or(signature_verified.err()),
            timestamp: timestamp(signer.unsigned),
            ..described(&with)
        },
        has_nested: signer.unsigned.get(NESTED)?.is_some(),
        has_rest: message.rest.iter().any(|byte| *byte != 0),
    })
}

/// What the certificate says, of which nothing is proved yet.
fn described(with: &SignedWith<'_>) -> Signed {
    let certificate = with.certificate.tbs_certificate();
    let validity = certificate.validity();
    Signed {
        signer: names::signer(certificate.subject()),
        issuer: names::issuer(certificate.issuer()),
        serial: hex::encode(certificate.serial_number().as_bytes()),
        certificate_sha256: hex::encode(DigestAlgorithm::Sha256.of_bytes(with.bytes)),
        not_before: names::time(validity.not_before),
        not_after: names::time(validity.not_after),
        digest_algorithm: String::new(),
        digest_matches: false,
        signature_verified: false,
        chain_verified: false,
        timestamp: None,
        unsupported: None,
    }
}

/// The file's digest in an `SpcIndirectDataContent`.
fn file_digest(content: AnyRef<'_>) -> Result<FileDigest<'_>, Fault> {
    content.sequence(|content| {
        let _what = AnyRef::decode(content)?;
        let info = AnyRef::decode(content)?;
        content.drain(content.remaining_len())?;
        info.sequence(|info| {
            Ok(FileDigest {
                algorithm: algorithm(info)?,
                digest: <&OctetStringRef>::decode(info)?.as_bytes(),
            })
        })
    })
}

/// Whether the certificate's key signed attributes that name the content: its kind and its digest; or the name of what
/// is not known here.
fn verify_message(
    message: &Message<'_>,
    with: &SignedWith<'_>,
    digest: DigestAlgorithm,
) -> Result<Result<bool, String>, Fault> {
    let signer = &message.signer;
    let kind = signer.signed.get(CONTENT_TYPE)?;
    let kind = kind
        .map(AnyRef::decode_as::<ObjectIdentifier>)
        .transpose()?;
    let expected = signer.signed.get(MESSAGE_DIGEST)?;
    let expected = expected
        .map(AnyRef::decode_as::<&OctetStringRef>)
        .transpose()?;
    let computed = digest.of_bytes(message.content.value());
    let is_named = kind == Some(INDIRECT_DATA)
        && expected.is_some_and(|expected| expected.as_bytes() == computed.as_ref());
    if !is_named {
        return Ok(Ok(false));
    }
    let key = with.certificate.tbs_certificate().subject_public_key_info();
    let scheme = Scheme {
        digest,
        named: signer.scheme,
    };
    Ok(verify(
        key,
        scheme,
        &signer.signed.as_set()?,
        signer.signature,
    ))
}
