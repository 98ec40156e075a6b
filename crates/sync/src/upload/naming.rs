//! How the blocks of one upload are named.

use longshore_content::BlockId;
use longshore_store::BlockName;

/// The least length into which both a salt and an ordinal go.
const LEAST: usize = 8;

/// How the blocks of one upload are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Naming {
    /// By what they hold: the rule.
    Content,
    /// By a salt and an ordinal, in as many bytes as the ids that another tool committed: all ids of a blob have one
    /// length, and the old blocks must stay until the new blob is whole. Such an upload cannot be continued.
    Fitted { length: usize, salt: [u8; 4] },
}

impl Naming {
    /// Names that fit beside ids of so many bytes; none when those are too short to be safe.
    pub(super) fn fitted(length: usize) -> Option<Self> {
        let salt = std::process::id()
            ^ u32::try_from(crate::platform::now() & 0xffff_ffff).unwrap_or_default();
        (length >= LEAST).then_some(Self::Fitted {
            length,
            salt: salt.to_be_bytes(),
        })
    }

    /// The length of the ids in bytes.
    pub(super) const fn length(self) -> usize {
        match self {
            Self::Content => BlockId::LENGTH,
            Self::Fitted { length, .. } => length,
        }
    }

    /// The name of the block at `index` whose content has this id.
    pub(super) fn name(self, index: u64, id: BlockId) -> BlockName {
        match self {
            Self::Content => id.into(),
            Self::Fitted { length, salt } => {
                fitted_name(length, salt, index).unwrap_or_else(|| id.into())
            }
        }
    }
}

fn fitted_name(length: usize, salt: [u8; 4], index: u64) -> Option<BlockName> {
    let mut name = vec![0; length];
    name.get_mut(..4)?.copy_from_slice(&salt);
    name.get_mut(4..LEAST)?
        .copy_from_slice(&u32::try_from(index).ok()?.to_be_bytes());
    BlockName::new(name).ok()
}

#[cfg(test)]
mod tests {
    use longshore_content::Block;

    use super::*;

    #[test]
    fn fitted_names_have_the_length_and_differ() {
        let id = BlockId::of(
            Block {
                index: 0,
                offset: 0,
                length: 1,
            },
            b"x",
        );
        for length in [8, 16, 36, 64] {
            let naming = Naming::fitted(length).unwrap();
            let names = [0, 1, 49_999].map(|index| naming.name(index, id));
            assert!(names.iter().all(|name| name.as_bytes().len() == length));
            assert!(names[0] != names[1] && names[1] != names[2]);
        }
        assert_eq!(Naming::fitted(7), None);
    }
}
