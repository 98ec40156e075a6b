//! The optional checks before an installer is published: who signed it, and what a scanner says.
//!
//! A check looks at one file on the disk. It knows no manifest, no store and no upstream.

mod authenticode;
mod error;
mod report;
mod scanner;

pub use authenticode::{check_signer, read_signature};
pub use error::CheckError;
pub use report::{FileKind, SignatureReport, SignatureState, Signed, Signer};
pub use scanner::{ScanError, Scanned, Scanner, ScannerError};
