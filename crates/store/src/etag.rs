//! The version of a blob, as the service names it.

use std::fmt;

/// An entity tag, opaque and without the quotes that headers put around it.
///
/// Headers carry `"0x8D…"`, listings carry `0x8D…`; both are the same version, so the quotes are taken off here and
/// put back by [`ETag::quoted`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ETag(Box<str>);

impl ETag {
    /// The tag in `text`, quoted or not.
    pub fn new(text: &str) -> Self {
        let text = text.trim();
        let bare = text
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'))
            .unwrap_or(text);
        Self(bare.into())
    }

    /// The tag without quotes.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The tag as headers want it.
    pub fn quoted(&self) -> String {
        format!("\"{}\"", self.0)
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ETag({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_of_headers_and_listings_are_equal() {
        assert_eq!(ETag::new("\"0x8DD\""), ETag::new("0x8DD"));
        assert_eq!(ETag::new("0x8DD").quoted(), "\"0x8DD\"");
    }
}
