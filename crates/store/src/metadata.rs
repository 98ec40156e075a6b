//! What Longshore writes beside a blob's bytes: its digests, and what others wrote there.

use std::collections::BTreeMap;

use longshore_content::{Blake3Digest, Digests, Sha256Digest};

/// The metadata key of the BLAKE3, in hexadecimal digits.
pub const BLAKE3_KEY: &str = "longshore_blake3";

/// The metadata key of the SHA-256, in hexadecimal digits.
pub const SHA256_KEY: &str = "longshore_sha256";

/// Why a pair cannot be metadata.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MetadataError {
    /// Keys are C# identifiers: a letter or `_`, then letters, digits and `_`, in ASCII.
    #[error("a metadata key is a letter or `_` and then letters, digits and `_`, not `{}`", .key.escape_debug())]
    Key {
        /// The key.
        key: String,
    },
    /// Values travel as header values, so they are printable ASCII.
    #[error("the value of the metadata key `{key}` is not printable ASCII")]
    Value {
        /// The key.
        key: String,
    },
}

/// The metadata of a blob: pairs whose keys do not distinguish case, kept in lower case.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metadata(BTreeMap<String, String>);

impl Metadata {
    /// No metadata.
    pub const fn new() -> Self {
        Self(BTreeMap::new())
    }

    /// The metadata that names a content.
    pub fn of(digests: &Digests) -> Self {
        let mut metadata = Self::new();
        metadata.set_digests(digests);
        metadata
    }

    /// Sets both digests, in place of those that were there.
    pub fn set_digests(&mut self, digests: &Digests) {
        self.0
            .insert(BLAKE3_KEY.to_owned(), digests.blake3.to_string());
        self.0
            .insert(SHA256_KEY.to_owned(), digests.sha256.to_string());
    }

    /// Both digests, when Longshore wrote them and nobody broke them.
    pub fn digests(&self) -> Option<Digests> {
        let blake3 = self.0.get(BLAKE3_KEY)?.parse::<Blake3Digest>().ok()?;
        let sha256 = self.0.get(SHA256_KEY)?.parse::<Sha256Digest>().ok()?;
        Some(Digests { blake3, sha256 })
    }

    /// Adds a pair that Longshore means to write.
    ///
    /// # Errors
    ///
    /// [`MetadataError::Key`] and [`MetadataError::Value`] for what the service would refuse.
    pub fn insert(&mut self, key: &str, value: &str) -> Result<(), MetadataError> {
        let mut chars = key.chars();
        let starts = chars
            .next()
            .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !starts || !chars.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            return Err(MetadataError::Key {
                key: key.to_owned(),
            });
        }
        if !value.bytes().all(|b| (0x20..0x7f).contains(&b)) {
            return Err(MetadataError::Value {
                key: key.to_owned(),
            });
        }
        self.0.insert(key.to_ascii_lowercase(), value.to_owned());
        Ok(())
    }

    /// The value of a key, in any case.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.get(&key.to_ascii_lowercase()).map(String::as_str)
    }

    /// The pairs, sorted by key.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Takes what a service returned as it is: others may have written keys and values that Longshore would not.
impl FromIterator<(String, String)> for Metadata {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.to_ascii_lowercase(), value))
                .collect(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_read_back_whatever_the_case_of_the_keys() {
        let digests = Digests {
            blake3: Blake3Digest::from_bytes([1; 32]),
            sha256: Sha256Digest::from_bytes([2; 32]),
        };
        let metadata: Metadata = Metadata::of(&digests)
            .iter()
            .map(|(k, v)| (k.to_ascii_uppercase(), v.to_owned()))
            .collect();
        assert_eq!(metadata.digests(), Some(digests));
    }

    #[test]
    fn half_or_broken_digests_are_none() {
        let half: Metadata = [(BLAKE3_KEY.to_owned(), "01".repeat(32))]
            .into_iter()
            .collect();
        assert_eq!(half.digests(), None);
        let broken: Metadata = [
            (BLAKE3_KEY.to_owned(), "01".repeat(32)),
            (SHA256_KEY.to_owned(), "?".to_owned()),
        ]
        .into_iter()
        .collect();
        assert_eq!(broken.digests(), None);
    }

    #[test]
    fn pairs_that_the_service_refuses_are_refused() {
        let mut metadata = Metadata::new();
        assert!(metadata.insert("9a", "v").is_err());
        assert!(metadata.insert("a-b", "v").is_err());
        assert!(metadata.insert("", "v").is_err());
        assert!(metadata.insert("a", "é").is_err());
        assert!(metadata.insert("a", "x\ny").is_err());
        metadata.insert("Owner", "build").unwrap();
        assert_eq!(metadata.get("owner"), Some("build"));
    }
}
