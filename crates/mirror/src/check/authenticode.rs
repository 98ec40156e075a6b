//! Authenticode, the signatures of Windows in programs and packages: read and checked on any platform.
//!
//! It is proved that the file has the signed digest and that the certificate's key signed it; never that the
//! certificate is one to trust. See `docs/adr/0010-what-a-signature-check-proves.md`.

mod algorithm;
mod fault;
mod judge;
mod message;
mod msi;
mod names;
mod pe;
mod sentences;
mod timestamp;

#[cfg(test)]
mod signing;
#[cfg(test)]
mod tests;

use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use fs_err::File;

use self::fault::Fault;
use self::judge::judge;
use self::msi::Package;
use self::pe::Layout;
use self::sentences::Caveats;
use super::error::CheckError;
use super::report::{FileKind, SignatureReport, SignatureState, Signed};

/// Reads the signature of the file at `path` and checks what can be checked. Blocks while it reads.
///
/// # Errors
///
/// `Io` when the file cannot be read; what is wrong with a signature is in the report.
pub fn read_signature(path: &Path) -> Result<SignatureReport, CheckError> {
    File::open(path)
        .and_then(|mut file| examine(&mut file))
        .map_err(|source| CheckError::Io {
            path: path.into(),
            source,
        })
}

/// Whether the file at `path` was signed by `expected`: the common name or the organisation in the certificate,
/// or the SHA-256 of the certificate in hex, which nobody else can have.
///
/// # Errors
///
/// Every variant of [`CheckError`].
pub async fn check_signer(path: &Path, expected: &str) -> Result<SignatureReport, CheckError> {
    let file = path.to_owned();
    let read = tokio::task::spawn_blocking(move || read_signature(&file)).await;
    let report = read.map_err(|lost| CheckError::Io {
        path: path.into(),
        source: io::Error::other(lost),
    })??;
    match &report.state {
        SignatureState::Unsigned => Err(CheckError::Unsigned { path: path.into() }),
        SignatureState::Malformed { why } => Err(CheckError::Malformed {
            path: path.into(),
            why: why.clone(),
        }),
        SignatureState::Signed(signed) => match objection(signed, path, expected) {
            Some(error) => Err(error),
            None => Ok(report),
        },
    }
}

/// What speaks against the file: first whether the signature holds, then whose it is.
fn objection(signed: &Signed, path: &Path, expected: &str) -> Option<CheckError> {
    let path = || path.to_owned();
    if let Some(what) = &signed.unsupported {
        return Some(CheckError::Unsupported {
            path: path(),
            what: what.clone(),
        });
    }
    if !signed.digest_matches {
        return Some(CheckError::DigestMismatch { path: path() });
    }
    if !signed.signature_verified {
        return Some(CheckError::BadSignature { path: path() });
    }
    let signer = &signed.signer;
    let is_expected = [&signer.common_name, &signer.organisation]
        .into_iter()
        .flatten()
        .any(|name| name == expected)
        || signed.certificate_sha256.eq_ignore_ascii_case(expected);
    (!is_expected).then(|| CheckError::WrongSigner {
        path: path(),
        expected: expected.to_owned(),
        found: signer
            .common_name
            .clone()
            .or_else(|| signer.organisation.clone())
            .unwrap_or_default(),
    })
}

/// The report on a file; what makes no sense in it is part of the report.
fn examine(file: &mut (impl Read + Seek)) -> io::Result<SignatureReport> {
    let kind = kind_of(file)?;
    let found = match kind {
        FileKind::Pe => program(file),
        FileKind::Msi => package(file),
        FileKind::Other => Ok(None),
    };
    match found {
        Ok(Some((signed, caveats))) => Ok(sentences::report(kind, signed, caveats)),
        Ok(None) => Ok(sentences::without(kind, SignatureState::Unsigned)),
        Err(Fault::Malformed(why)) => {
            Ok(sentences::without(kind, SignatureState::Malformed { why }))
        }
        Err(Fault::Io(error)) => Err(error),
    }
}

/// What a file begins like.
fn kind_of(file: &mut (impl Read + Seek)) -> io::Result<FileKind> {
    let mut start = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(8).read_to_end(&mut start)?;
    Ok(if start == msi::MAGIC {
        FileKind::Msi
    } else if start.starts_with(b"MZ") {
        FileKind::Pe
    } else {
        FileKind::Other
    })
}

fn program(file: &mut (impl Read + Seek)) -> Result<Option<(Signed, Caveats)>, Fault> {
    let Some(layout) = Layout::read(file)? else {
        return Ok(None);
    };
    let Some(found) = layout.signature(file)? else {
        return Ok(None);
    };
    let judged = judge(&found.message, |algorithm| layout.digest(file, algorithm))?;
    let caveats = Caveats {
        has_nested: judged.has_nested,
        has_stowaways: judged.has_rest || found.has_others,
        only_contents: false,
    };
    Ok(Some((judged.signed, caveats)))
}

fn package(file: &mut (impl Read + Seek)) -> Result<Option<(Signed, Caveats)>, Fault> {
    let mut package = Package::open(file)?;
    let Some(message) = package.signature()? else {
        return Ok(None);
    };
    let judged = judge(&message, |algorithm| package.digest(algorithm))?;
    let caveats = Caveats {
        has_nested: judged.has_nested,
        has_stowaways: judged.has_rest,
        only_contents: !package.is_extended(),
    };
    Ok(Some((judged.signed, caveats)))
}
