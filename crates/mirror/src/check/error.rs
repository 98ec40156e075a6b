//! Why a file did not pass as one of its signer.

use std::io;
use std::path::PathBuf;

/// Why a file did not pass as one of its signer.
#[derive(Debug, thiserror::Error)]
pub enum CheckError {
    /// There is no signature in it.
    #[error("`{}` is not signed", .path.display())]
    Unsigned {
        /// The file.
        path: PathBuf,
    },
    /// Somebody else signed it.
    #[error("`{}` is signed by `{}`, not by `{}`", .path.display(), .found.escape_debug(), .expected.escape_debug())]
    WrongSigner {
        /// The file.
        path: PathBuf,
        /// Who should have.
        expected: String,
        /// Who did.
        found: String,
    },
    /// It is not the file that was signed.
    #[error("`{}` is not what was signed: its digest is another", .path.display())]
    DigestMismatch {
        /// The file.
        path: PathBuf,
    },
    /// The certificate's key did not make the signature.
    #[error("the signature of `{}` was not made by the key in its certificate", .path.display())]
    BadSignature {
        /// The file.
        path: PathBuf,
    },
    /// The signature uses what cannot be checked here.
    #[error("the signature of `{}` cannot be checked here: {what}", .path.display())]
    Unsupported {
        /// The file.
        path: PathBuf,
        /// What is not known.
        what: String,
    },
    /// The file, or the signature in it, cannot be read.
    #[error("`{}` has no signature that can be read: {why}", .path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The file could not be read.
    #[error("could not read `{}`", .path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl CheckError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Unsigned { .. } => {
                "take `signer` out of the artifact if its vendor does not sign, and pin its `sha256`"
            }
            Self::WrongSigner { .. } => {
                "ask the vendor whether the name changed; if so, write the new one as `signer`"
            }
            Self::DigestMismatch { .. } => {
                "the file was changed after it was signed: fetch it again, and do not install it"
            }
            Self::BadSignature { .. } => {
                "the signature was made up or damaged: fetch the file again, and do not install it"
            }
            Self::Unsupported { .. } => {
                "check the file on Windows, then pin its `sha256` in place of `signer`"
            }
            Self::Malformed { .. } => "fetch the file again: it may be cut short",
            Self::Io { .. } => "check that the file is there and may be read",
        }
    }
}
