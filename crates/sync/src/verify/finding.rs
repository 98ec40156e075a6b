//! What an audit says of one blob.

use std::fmt;

use longshore_content::{Blake3Digest, Block};

/// What was found under one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The name in the destination.
    pub name: String,
    /// The size of the blob in bytes; of a missing one, the size that is expected.
    pub size: u64,
    /// What came of it.
    pub verdict: Verdict,
    /// What vouches for the blob's content; none for a damaged or a missing one.
    pub proof: Option<Proof>,
    /// Whether it was given our digests.
    pub adoption: Adoption,
}

/// What came of one name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing speaks against it; and it is what is expected, where something is.
    Sound,
    /// Another tool wrote it, and its Content-MD5 is that of the expected content.
    SameByMd5,
    /// It is not what it says of itself.
    Damaged(Damage),
    /// It holds something else than is expected.
    Different(Difference),
    /// It is expected, and not there.
    Missing,
    /// It is there, and not expected.
    Extra,
    /// Nothing tells whether it holds what is expected.
    Unknown,
}

impl Verdict {
    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Sound => "sound",
            Self::SameByMd5 => "same-by-md5",
            Self::Damaged(_) => "damaged",
            Self::Different(_) => "different",
            Self::Missing => "missing",
            Self::Extra => "extra",
            Self::Unknown => "unknown",
        }
    }

    /// Whether the destination is not what it was compared with, or nobody can tell.
    pub const fn is_drift(self) -> bool {
        matches!(
            self,
            Self::Different(_) | Self::Missing | Self::Extra | Self::Unknown
        )
    }
}

/// In which way a blob is not what it says of itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// The committed blocks name another content than the metadata.
    ListNames(Blake3Digest),
    /// The committed blocks are ours, but were mixed or cut: no file of ours has them.
    ListMixed,
    /// The committed blocks have another size in all than the blob.
    ListSize(u64),
    /// A block does not hold the bytes that it is named by; the first such one.
    Block(Block),
    /// The bytes have another BLAKE3 than the metadata.
    Blake3,
    /// The bytes have the BLAKE3 of the metadata, but not its SHA-256.
    Sha256,
    /// The bytes have another MD5 than the blob's Content-MD5.
    ContentMd5,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ListNames(digest) => {
                write!(f, "its blocks name other content: blake3 {digest}")
            }
            Self::ListMixed => f.write_str("its blocks were mixed or cut"),
            Self::ListSize(size) => write!(f, "its blocks have {size} bytes"),
            Self::Block(block) => write!(
                f,
                "block {} (bytes {} to {}) holds other bytes than its name says",
                block.index,
                block.offset,
                (block.offset + block.length).saturating_sub(1)
            ),
            Self::Blake3 => f.write_str("its bytes have another BLAKE3 than its metadata"),
            Self::Sha256 => f.write_str("its bytes have another SHA-256 than its metadata"),
            Self::ContentMd5 => f.write_str("its bytes have another MD5 than its Content-MD5"),
        }
    }
}

/// How it was found that a blob holds something else than is expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// By their sizes.
    Size {
        /// The size that is expected, in bytes.
        expected: u64,
    },
    /// By their BLAKE3.
    Digest,
    /// By their SHA-256 alone: one of the two is recorded wrongly.
    Sha256,
    /// By their MD5.
    Md5,
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size { expected } => write!(f, "{expected} bytes are expected"),
            Self::Digest => f.write_str("another digest is expected"),
            Self::Sha256 => f.write_str("the same BLAKE3 is expected, and another SHA-256"),
            Self::Md5 => f.write_str("another MD5 is expected"),
        }
    }
}

/// What vouches for a blob's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// Its bytes were read and have both digests of its metadata.
    Bytes,
    /// The committed blocks name the content of its metadata.
    List,
    /// Its metadata alone: a blob of one block has no list.
    Recorded,
    /// Its metadata alone, although it is large enough for a list of ours.
    Unproven(Doubt),
    /// Another tool wrote it; its bytes were read and have its Content-MD5.
    Md5,
    /// Nothing: another tool wrote it.
    Foreign,
}

impl Proof {
    /// Its name for programs.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Bytes => "bytes",
            Self::List => "list",
            Self::Recorded => "recorded",
            Self::Unproven(_) => "unproven",
            Self::Md5 => "md5",
            Self::Foreign => "foreign",
        }
    }
}

/// Why a block list proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// There is none, as after a server-side copy of the whole blob.
    NoList,
    /// Another tool named the blocks.
    ForeignList,
}

impl fmt::Display for Doubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoList => "it has no block list: another tool copied it whole",
            Self::ForeignList => "another tool rewrote its blocks",
        })
    }
}

/// Whether a blob was given our digests.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Adoption {
    /// It was not.
    #[default]
    None,
    /// It would be (dry run).
    Would,
    /// It was.
    Done,
}

impl Finding {
    /// Whether somebody wants to hear of it who does not ask for every blob.
    pub const fn is_notable(&self) -> bool {
        let plain = matches!(
            (self.verdict, self.proof),
            (
                Verdict::Sound,
                Some(Proof::Bytes | Proof::List | Proof::Recorded | Proof::Md5)
            )
        );
        !plain || !matches!(self.adoption, Adoption::None)
    }

    /// What there is to say beyond verdict and proof.
    pub fn detail(&self) -> Option<String> {
        match (self.verdict, self.proof) {
            (Verdict::Damaged(damage), _) => Some(damage.to_string()),
            (Verdict::Different(difference), _) => Some(difference.to_string()),
            (_, Some(Proof::Unproven(doubt))) => Some(doubt.to_string()),
            _ => None,
        }
    }
}
