//! The digests and signatures that can be checked here, and how the formats name them.

use aws_lc_rs::digest::{self, Digest};
use aws_lc_rs::signature::{self, UnparsedPublicKey, VerificationAlgorithm};
use der::asn1::ObjectIdentifier;
use x509_cert::spki::SubjectPublicKeyInfoOwned;

const fn oid(text: &str) -> ObjectIdentifier {
    ObjectIdentifier::new_unwrap(text)
}

const RSA: ObjectIdentifier = oid("1.2.840.113549.1.1.1");
const ELLIPTIC: ObjectIdentifier = oid("1.2.840.10045.2.1");
const P256: ObjectIdentifier = oid("1.2.840.10045.3.1.7");
const P384: ObjectIdentifier = oid("1.3.132.0.34");

/// A digest that can be computed here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum DigestAlgorithm {
    /// Still found in old installers; a caveat in the report.
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl DigestAlgorithm {
    /// The digest of this name, or what is not known here.
    pub(super) fn known(name: ObjectIdentifier) -> Result<Self, String> {
        Self::of(name).ok_or_else(|| format!("the digest {name}"))
    }

    /// The name of a digest for people.
    pub(super) fn name_of(name: ObjectIdentifier) -> String {
        Self::of(name).map_or_else(|| name.to_string(), |known| known.name().to_owned())
    }

    fn of(name: ObjectIdentifier) -> Option<Self> {
        const KNOWN: [(ObjectIdentifier, DigestAlgorithm); 4] = [
            (oid("1.3.14.3.2.26"), DigestAlgorithm::Sha1),
            (oid("2.16.840.1.101.3.4.2.1"), DigestAlgorithm::Sha256),
            (oid("2.16.840.1.101.3.4.2.2"), DigestAlgorithm::Sha384),
            (oid("2.16.840.1.101.3.4.2.3"), DigestAlgorithm::Sha512),
        ];
        let known = KNOWN.iter().find(|(known, _)| *known == name);
        known.map(|(_, algorithm)| *algorithm)
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// A digest to be fed.
    pub(super) fn start(self) -> digest::Context {
        digest::Context::new(match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        })
    }

    /// The digest of `bytes`.
    pub(super) fn of_bytes(self, bytes: &[u8]) -> Digest {
        let mut context = self.start();
        context.update(bytes);
        context.finish()
    }

    /// What a signature by RSA (PKCS#1 1.5) or ECDSA over this digest is called, but for `rsaEncryption` itself.
    fn signatures(self) -> [ObjectIdentifier; 2] {
        match self {
            Self::Sha1 => [oid("1.2.840.113549.1.1.5"), oid("1.2.840.10045.4.1")],
            Self::Sha256 => [oid("1.2.840.113549.1.1.11"), oid("1.2.840.10045.4.3.2")],
            Self::Sha384 => [oid("1.2.840.113549.1.1.12"), oid("1.2.840.10045.4.3.3")],
            Self::Sha512 => [oid("1.2.840.113549.1.1.13"), oid("1.2.840.10045.4.3.4")],
        }
    }
}

/// How a signature was made.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scheme {
    /// The digest of what was signed.
    pub(super) digest: DigestAlgorithm,
    /// What the signature calls itself: the scheme, or just the kind of key.
    pub(super) named: ObjectIdentifier,
}

/// Whether `key` made `signature` over `message`.
///
/// # Errors
///
/// The name of what is not known here.
pub(super) fn verify(
    key: &SubjectPublicKeyInfoOwned,
    scheme: Scheme,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, String> {
    let algorithm = algorithm_of(key, scheme)?;
    let key = key.subject_public_key.raw_bytes();
    Ok(UnparsedPublicKey::new(algorithm, key)
        .verify(message, signature)
        .is_ok())
}

fn algorithm_of(
    key: &SubjectPublicKeyInfoOwned,
    scheme: Scheme,
) -> Result<&'static dyn VerificationAlgorithm, String> {
    let kind = key.algorithm.oid;
    let [rsa, ecdsa] = scheme.digest.signatures();
    if kind == RSA && [RSA, rsa].contains(&scheme.named) {
        return Ok(rsa_over(scheme.digest));
    }
    let curve = key.algorithm.parameters.as_ref();
    let curve = curve.and_then(|curve| curve.decode_as::<ObjectIdentifier>().ok());
    if kind == ELLIPTIC && [ELLIPTIC, ecdsa].contains(&scheme.named) {
        return curve
            .and_then(|curve| ecdsa_over(curve, scheme.digest))
            .ok_or_else(|| format!("ECDSA over {} on this curve", scheme.digest.name()));
    }
    Err(format!(
        "the signature scheme {} with a key {kind}",
        scheme.named
    ))
}

fn rsa_over(digest: DigestAlgorithm) -> &'static dyn VerificationAlgorithm {
    match digest {
        DigestAlgorithm::Sha1 => &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY,
        DigestAlgorithm::Sha256 => &signature::RSA_PKCS1_2048_8192_SHA256,
        DigestAlgorithm::Sha384 => &signature::RSA_PKCS1_2048_8192_SHA384,
        DigestAlgorithm::Sha512 => &signature::RSA_PKCS1_2048_8192_SHA512,
    }
}

fn ecdsa_over(
    curve: ObjectIdentifier,
    digest: DigestAlgorithm,
) -> Option<&'static dyn VerificationAlgorithm> {
    match digest {
        DigestAlgorithm::Sha256 if curve == P256 => Some(&signature::ECDSA_P256_SHA256_ASN1),
        DigestAlgorithm::Sha384 if curve == P256 => Some(&signature::ECDSA_P256_SHA384_ASN1),
        DigestAlgorithm::Sha512 if curve == P256 => Some(&signature::ECDSA_P256_SHA512_ASN1),
        DigestAlgorithm::Sha256 if curve == P384 => Some(&signature::ECDSA_P384_SHA256_ASN1),
        DigestAlgorithm::Sha384 if curve == P384 => Some(&signature::ECDSA_P384_SHA384_ASN1),
        DigestAlgorithm::Sha512 if curve == P384 => Some(&signature::ECDSA_P384_SHA512_ASN1),
        _ => None,
    }
}
