//! Signed programs and packages for tests, made from nothing: a key, a certificate, a message, a file.
//!
//! It shares no code with what reads them, but the crate that does the arithmetic.

use std::io::{Cursor, Write};
use std::path::Path;

use aws_lc_rs::digest::{self, digest};
use aws_lc_rs::encoding::AsDer;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, KeyPair, RsaEncoding, RsaKeyPair};
use cfb::CompoundFile;

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const OCTETS: u8 = 0x04;
const UTF8: u8 = 0x0c;

const SHA1: &[u8] = &[0x2b, 14, 3, 2, 26];
const SHA256: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1];
const SHA384: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2];
const SHA512: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3];
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1];
const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
const INDIRECT_DATA: &[u8] = &[0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 1, 4];
const PKCS7_DATA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7];
const PKCS9: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 9];

/// A tag, a length, and what is in it.
pub(super) fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let length = content.len().to_be_bytes();
    let length = &length[length.iter().position(|byte| *byte != 0).unwrap_or(7)..];
    let mut bytes = vec![tag];
    if content.len() >= 0x80 {
        bytes.push(0x80 | u8::try_from(length.len()).unwrap());
    }
    bytes.extend(length);
    bytes.extend(content);
    bytes
}

fn oid(bytes: &[u8]) -> Vec<u8> {
    tlv(0x06, &[bytes])
}

fn algorithm(name: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[&oid(name), &[0x05, 0]])
}

/// What is signed with.
pub(super) enum Key {
    Rsa(RsaKeyPair),
    Elliptic(EcdsaKeyPair),
}

impl Key {
    pub(super) fn rsa() -> Self {
        Self::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    pub(super) fn elliptic() -> Self {
        let scheme = &signature::ECDSA_P256_SHA256_ASN1_SIGNING;
        Self::Elliptic(EcdsaKeyPair::generate(scheme).unwrap())
    }

    /// The subject public key info.
    fn public(&self) -> Vec<u8> {
        match self {
            Self::Rsa(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
            Self::Elliptic(key) => key.public_key().as_der().unwrap().as_ref().to_vec(),
        }
    }

    fn scheme(&self) -> Vec<u8> {
        match self {
            Self::Rsa(_) => algorithm(RSA),
            Self::Elliptic(_) => tlv(SEQUENCE, &[&oid(ECDSA_SHA256)]),
        }
    }

    fn sign(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        match self {
            Self::Rsa(key) => {
                let mut signature = vec![0; key.public_modulus_len()];
                let padding: &dyn RsaEncoding = hash.padding();
                key.sign(padding, &SystemRandom::new(), message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Elliptic(key) => {
                let made = key.sign(&SystemRandom::new(), message).unwrap();
                made.as_ref().to_vec()
            }
        }
    }
}

/// What is signed over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Hash {
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Sha1 => SHA1,
            Self::Sha256 => SHA256,
            Self::Sha384 => SHA384,
            Self::Sha512 => SHA512,
        }
    }

    fn of(self, bytes: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest(algorithm, bytes).as_ref().to_vec()
    }

    fn padding(self) -> &'static dyn RsaEncoding {
        match self {
            Self::Sha384 => &signature::RSA_PKCS1_SHA384,
            Self::Sha512 => &signature::RSA_PKCS1_SHA512,
            Self::Sha1 | Self::Sha256 => &signature::RSA_PKCS1_SHA256,
        }
    }
}

/// A vendor who signs.
pub(super) struct Vendor {
    pub(super) key: Key,
    /// Over what the file is digested.
    pub(super) file_hash: Hash,
    /// Over what the signature is made.
    pub(super) hash: Hash,
    pub(super) common_name: &'static str,
    pub(super) organisation: &'static str,
    /// When the countersignature says that it was.
    pub(super) time: Option<&'static str>,
}

impl Vendor {
    pub(super) fn new(key: Key) -> Self {
        Self {
            key,
            file_hash: Hash::Sha256,
            hash: Hash::Sha256,
            common_name: "Contoso Installers",
            organisation: "Contoso Ltd",
            time: None,
        }
    }

    fn name(&self) -> Vec<u8> {
        let part = |kind: u8, text: &str| {
            let value = tlv(UTF8, &[text.as_bytes()]);
            tlv(SET, &[&tlv(SEQUENCE, &[&oid(&[0x55, 4, kind]), &value])])
        };
        tlv(
            SEQUENCE,
            &[&part(10, self.organisation), &part(3, self.common_name)],
        )
    }

    /// A certificate that the vendor gave itself; its own signature is not looked at by anybody.
    pub(super) fn certificate(&self) -> Vec<u8> {
        let validity = tlv(
            SEQUENCE,
            &[
                &tlv(0x17, &[b"260101000000Z"]),
                &tlv(0x17, &[b"290101000000Z"]),
            ],
        );
        let body = tlv(
            SEQUENCE,
            &[
                &tlv(0xa0, &[&[2, 1, 2]]),
                &[2, 2, 0x12, 0x34],
                &self.key.scheme(),
                &self.name(),
                &validity,
                &self.name(),
                &self.key.public(),
            ],
        );
        let signature = self.key.sign(self.hash, &body);
        tlv(
            SEQUENCE,
            &[&body, &self.key.scheme(), &tlv(3, &[&[0], &signature])],
        )
    }

    /// The message over the digest of a file.
    pub(super) fn message(&self, file_digest: &[u8]) -> Vec<u8> {
        let what = tlv(SEQUENCE, &[&oid(INDIRECT_DATA), &tlv(SEQUENCE, &[])]);
        let digest = tlv(
            SEQUENCE,
            &[
                &algorithm(self.file_hash.name()),
                &tlv(OCTETS, &[file_digest]),
            ],
        );
        let content = [what, digest].concat();
        let data = tlv(
            SEQUENCE,
            &[
                &[2, 1, 1],
                &tlv(SET, &[&algorithm(self.hash.name())]),
                &tlv(
                    SEQUENCE,
                    &[
                        &oid(INDIRECT_DATA),
                        &tlv(0xa0, &[&tlv(SEQUENCE, &[&content])]),
                    ],
                ),
                &tlv(0xa0, &[&self.certificate()]),
                &tlv(SET, &[&self.signer_info(&content)]),
            ],
        );
        let signed_data = oid(&[PKCS7_DATA, &[2]].concat());
        tlv(SEQUENCE, &[&signed_data, &tlv(0xa0, &[&data])])
    }

    fn signer_info(&self, content: &[u8]) -> Vec<u8> {
        let attributes = [
            attribute(&[PKCS9, &[3]].concat(), &oid(INDIRECT_DATA)),
            attribute(
                &[PKCS9, &[4]].concat(),
                &tlv(OCTETS, &[&self.hash.of(content)]),
            ),
        ]
        .concat();
        let signature = self.key.sign(self.hash, &tlv(SET, &[&attributes]));
        let countersigned = self
            .time
            .map(|time| tlv(0xa1, &[&self.countersignature(time)]));
        tlv(
            SEQUENCE,
            &[
                &[2, 1, 1],
                &tlv(SEQUENCE, &[&self.name(), &[2, 2, 0x12, 0x34]]),
                &algorithm(self.hash.name()),
                &tlv(0xa0, &[&attributes]),
                &self.key.scheme(),
                &tlv(OCTETS, &[&signature]),
                &countersigned.unwrap_or_default(),
            ],
        )
    }

    /// A countersignature of the older kind, which nobody made.
    fn countersignature(&self, time: &str) -> Vec<u8> {
        let said = attribute(&[PKCS9, &[5]].concat(), &tlv(0x17, &[time.as_bytes()]));
        let info = tlv(
            SEQUENCE,
            &[
                &[2, 1, 1],
                &tlv(SEQUENCE, &[&self.name(), &[2, 2, 0x12, 0x34]]),
                &algorithm(SHA256),
                &tlv(0xa0, &[&said]),
                &algorithm(RSA),
                &tlv(OCTETS, &[b"nobody"]),
            ],
        );
        attribute(&[PKCS9, &[6]].concat(), &info)
    }

    /// `program` with a signature at its end.
    pub(super) fn sign_program(&self, program: &[u8]) -> Vec<u8> {
        let entry = entry_of(program);
        let covered = [
            &program[..CHECKSUM],
            &program[CHECKSUM + 4..entry],
            &program[entry + 8..],
        ]
        .concat();
        attach(program, &self.message(&self.file_hash.of(&covered)))
    }
}

fn attribute(name: &[u8], value: &[u8]) -> Vec<u8> {
    tlv(SEQUENCE, &[&oid(name), &tlv(SET, &[value])])
}

/// Where the programs of these tests have their header.
const HEADER: usize = 0x80;
/// Where their checksum is.
pub(super) const CHECKSUM: usize = HEADER + 24 + 64;

/// The smallest thing with the headers of a program, followed by `body`.
pub(super) fn program(is_64_bit: bool, body: &[u8]) -> Vec<u8> {
    let (magic, extra): (u16, usize) = if is_64_bit { (0x20b, 16) } else { (0x10b, 0) };
    let mut bytes = vec![0; 0x200];
    bytes[..2].copy_from_slice(b"MZ");
    bytes[0x3c] = 0x80;
    bytes[HEADER..HEADER + 4].copy_from_slice(b"PE\0\0");
    bytes[HEADER + 4] = 0x64;
    bytes[HEADER + 5] = 0x86;
    bytes[HEADER + 20] = u8::try_from(224 + extra).unwrap();
    bytes[HEADER + 24..HEADER + 26].copy_from_slice(&magic.to_le_bytes());
    bytes[HEADER + 24 + 92 + extra] = 16;
    bytes.extend(body);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// Where the entry is that points at the certificate table.
pub(super) fn entry_of(program: &[u8]) -> usize {
    let is_64_bit = program[HEADER + 25] == 2;
    HEADER + 24 + 96 + 32 + if is_64_bit { 16 } else { 0 }
}

/// `program` with a certificate table that holds `message`.
pub(super) fn attach(program: &[u8], message: &[u8]) -> Vec<u8> {
    let size = (message.len() + 8).next_multiple_of(8);
    let entry = entry_of(program);
    let mut bytes = program.to_vec();
    bytes[entry..entry + 4].copy_from_slice(&u32::try_from(program.len()).unwrap().to_le_bytes());
    bytes[entry + 4..entry + 8].copy_from_slice(&u32::try_from(size).unwrap().to_le_bytes());
    bytes.extend(u32::try_from(size).unwrap().to_le_bytes());
    bytes.extend([0, 2, 2, 0]);
    bytes.extend(message);
    bytes.resize(program.len() + size, 0);
    bytes
}

/// A package with these streams, which stand at its root.
pub(super) fn package(streams: &[(&str, &[u8])]) -> Vec<u8> {
    let mut file = CompoundFile::create(Cursor::new(Vec::new())).unwrap();
    for (name, content) in streams {
        let mut stream = file.create_stream(Path::new("/").join(name)).unwrap();
        stream.write_all(content).unwrap();
    }
    file.flush().unwrap();
    file.into_inner().into_inner()
}
