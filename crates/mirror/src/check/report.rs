//! What was found out about a file's signature, and what was not: for people and for programs.
//!
//! See `docs/adr/0010-what-a-signature-check-proves.md`.

use std::fmt;

use jiff::Timestamp;
use serde::Serialize;

/// What was found out about the signature of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SignatureReport {
    /// What kind of file it is.
    pub kind: FileKind,
    /// Whether it is signed, by whom, and whether that holds.
    #[serde(flatten)]
    pub state: SignatureState,
    /// What was proved, in sentences.
    pub proved: Vec<String>,
    /// What was not proved, in sentences.
    pub not_proved: Vec<String>,
}

/// What kind of file a signature was looked for in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum FileKind {
    /// A program or library of Windows: exe, dll.
    Pe,
    /// A package of Windows Installer, or another compound file.
    Msi,
    /// Anything else: no signature is looked for in it.
    Other,
}

/// Whether a file is signed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "lowercase")]
pub enum SignatureState {
    /// There is no signature in it.
    Unsigned,
    /// There is one, which may hold or not.
    Signed(Box<Signed>),
    /// The file, or the signature in it, cannot be read.
    Malformed {
        /// What is wrong with it.
        why: String,
    },
}

/// What a signature says, and whether that was proved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Who the certificate says signed it.
    pub signer: Signer,
    /// Who the certificate says issued it.
    pub issuer: String,
    /// The certificate's serial number, in hex.
    pub serial: String,
    /// The SHA-256 of the certificate, in hex.
    pub certificate_sha256: String,
    /// From when the certificate is valid.
    pub not_before: Option<Timestamp>,
    /// Until when.
    pub not_after: Option<Timestamp>,
    /// The digest of the file that was signed: `SHA-256`, or the object identifier of one that is not known here.
    pub digest_algorithm: String,
    /// Whether the file has the digest that was signed.
    pub digest_matches: bool,
    /// Whether the key of the certificate made the signature over that digest.
    pub signature_verified: bool,
    /// Never: no chain to a trusted root, no revocation and no time stamp is checked here.
    pub chain_verified: bool,
    /// When the countersignature says that it was signed, which was not verified.
    pub timestamp: Option<Timestamp>,
    /// What in it is not known here, so that it could not be checked.
    pub unsupported: Option<String>,
}

impl Signed {
    /// Whether the file is what the key of the certificate signed.
    pub const fn holds(&self) -> bool {
        self.digest_matches && self.signature_verified
    }
}

/// Who a certificate is for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Signer {
    /// The common name.
    pub common_name: Option<String>,
    /// The organisation.
    pub organisation: Option<String>,
}

impl fmt::Display for SignatureReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.state {
            SignatureState::Unsigned => f.write_str("not signed")?,
            SignatureState::Malformed { why } => {
                write!(f, "no signature that can be read: {}", why.escape_debug())?;
            }
            SignatureState::Signed(signed) => signed.fmt(f)?,
        }
        for sentence in &self.proved {
            write!(f, "\n  proved: {sentence}")?;
        }
        for sentence in &self.not_proved {
            write!(f, "\n  not proved: {sentence}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Signed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let broken = if self.holds() {
            ""
        } else {
            ", which does not hold"
        };
        write!(
            f,
            "signed by `{}`{broken}; certificate {} of `{}`",
            self.signer,
            self.serial,
            self.issuer.escape_debug()
        )?;
        if let (Some(from), Some(to)) = (self.not_before, self.not_after) {
            write!(f, ", valid from {from} to {to}")?;
        }
        if let Some(time) = self.timestamp {
            write!(f, "; by its own account at {time}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.common_name.as_ref().or(self.organisation.as_ref());
        match name {
            Some(name) => write!(f, "{}", name.escape_debug()),
            None => f.write_str("nobody by name"),
        }
    }
}
