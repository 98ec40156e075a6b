//! Why a file gave no answer: it could not be read, or what is in it makes no sense.

use std::io;

/// Why a file gave no answer.
#[derive(Debug)]
pub(super) enum Fault {
    /// It could not be read.
    Io(io::Error),
    /// What is in it makes no sense.
    Malformed(String),
}

impl Fault {
    /// Makes no sense, for this reason.
    pub(super) fn malformed(why: impl Into<String>) -> Self {
        Self::Malformed(why.into())
    }
}

/// A file that ends early or contradicts itself is malformed; everything else is the disk's fault.
impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::malformed("the file ends early"),
            io::ErrorKind::InvalidData
            | io::ErrorKind::InvalidInput
            | io::ErrorKind::NotFound
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::Unsupported => Self::Malformed(error.to_string()),
            _ => Self::Io(error),
        }
    }
}

impl From<der::Error> for Fault {
    fn from(error: der::Error) -> Self {
        Self::Malformed(format!("the signature is not in its format: {error}"))
    }
}
