//! What a signature permits, in the letters of the service.

use std::fmt;
use std::str::FromStr;

/// The letters of the service, in the order in which it wants them.
const LETTERS: &str = "racwdxyltmeopi";

/// What a signature permits.
///
/// ```
/// use longshore_azure::SasPermissions;
///
/// let permissions = SasPermissions::LIST.and(SasPermissions::READ);
/// assert_eq!(permissions.to_string(), "rl");
/// assert_eq!("lr".parse(), Ok(permissions));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SasPermissions(u16);

impl SasPermissions {
    /// Read blobs.
    pub const READ: Self = Self(1);
    /// Add blocks to append blobs.
    pub const ADD: Self = Self(1 << 1);
    /// Write new blobs.
    pub const CREATE: Self = Self(1 << 2);
    /// Write blobs.
    pub const WRITE: Self = Self(1 << 3);
    /// Delete blobs.
    pub const DELETE: Self = Self(1 << 4);
    /// Delete versions.
    pub const DELETE_VERSION: Self = Self(1 << 5);
    /// Delete versions and snapshots for good.
    pub const PERMANENT_DELETE: Self = Self(1 << 6);
    /// List blobs.
    pub const LIST: Self = Self(1 << 7);
    /// Read and write tags.
    pub const TAGS: Self = Self(1 << 8);
    /// Move blobs and directories.
    pub const MOVE: Self = Self(1 << 9);
    /// Read the system properties, and POSIX access lists.
    pub const EXECUTE: Self = Self(1 << 10);
    /// Change the owner.
    pub const OWNERSHIP: Self = Self(1 << 11);
    /// Change POSIX permissions.
    pub const PERMISSIONS: Self = Self(1 << 12);
    /// Set immutability policies and legal holds.
    pub const IMMUTABILITY: Self = Self(1 << 13);

    /// These and those.
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// These without those.
    pub const fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// Whether all of those are among these.
    pub const fn contains(self, others: Self) -> bool {
        self.0 & others.0 == others.0
    }

    /// Whether nothing is permitted.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Each of them, in the order of the service.
    pub fn letters(self) -> impl Iterator<Item = char> {
        let granted = move |(bit, _): &(usize, char)| self.0 & (1 << bit) != 0;
        LETTERS
            .char_indices()
            .filter(granted)
            .map(|(_, letter)| letter)
    }
}

/// A letter that stands for no permission, or none at all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnknownPermission {
    /// This letter.
    #[error("`{0}` is no permission: the letters are `{LETTERS}`")]
    Letter(char),
    /// There is none.
    #[error("no permission is named, such as `r` for reading")]
    None,
}

impl FromStr for SasPermissions {
    type Err = UnknownPermission;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut permissions = Self(0);
        for letter in text.chars() {
            let bit = LETTERS
                .find(letter)
                .ok_or(UnknownPermission::Letter(letter))?;
            permissions = permissions.and(Self(1 << bit));
        }
        if permissions.is_empty() {
            return Err(UnknownPermission::None);
        }
        Ok(permissions)
    }
}

impl fmt::Display for SasPermissions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.letters().try_for_each(|letter| write!(f, "{letter}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn permissions_come_in_the_order_of_the_service() {
        let named = [
            SasPermissions::IMMUTABILITY,
            SasPermissions::LIST,
            SasPermissions::DELETE,
            SasPermissions::WRITE,
            SasPermissions::READ,
            SasPermissions::CREATE,
            SasPermissions::ADD,
            SasPermissions::DELETE_VERSION,
            SasPermissions::PERMANENT_DELETE,
            SasPermissions::TAGS,
            SasPermissions::MOVE,
            SasPermissions::EXECUTE,
            SasPermissions::OWNERSHIP,
            SasPermissions::PERMISSIONS,
        ];
        let all = named.into_iter().reduce(SasPermissions::and).unwrap();
        assert_eq!(all.to_string(), "racwdxyltmeopi");
        let letters = named.map(|one| one.to_string());
        assert_eq!(letters.concat(), "ildwrcaxytmeop");
    }

    #[test]
    fn what_is_no_permission_is_refused() {
        let read = str::parse::<SasPermissions>;
        assert_eq!(read("rz"), Err(UnknownPermission::Letter('z')));
        assert_eq!(read("R"), Err(UnknownPermission::Letter('R')));
        assert_eq!(read(""), Err(UnknownPermission::None));
    }

    proptest! {
        #[test]
        fn any_order_is_read_and_one_is_written(bits in 1_u16..1 << 14, shift in 0_usize..14) {
            let permissions = SasPermissions(bits);
            let text = permissions.to_string();
            let turned: String = text.chars().cycle().skip(shift).take(text.len()).collect();
            prop_assert_eq!(turned.parse(), Ok(permissions));
            prop_assert!(permissions.contains(permissions) && permissions.without(permissions).is_empty());
        }
    }
}
