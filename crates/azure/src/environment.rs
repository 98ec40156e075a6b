//! The one place that reads the process environment.
//!
//! Everything else in Longshore takes an [`Environment`], so that a test states its variables and never
//! touches those of the process. It knows no variable by name.

use std::collections::BTreeMap;
use std::fmt;

/// A snapshot of environment variables.
///
/// Empty values count as unset, as the Azure tools treat them.
///
/// ```
/// use longshore_azure::Environment;
///
/// let environment = Environment::from_pairs([("AZURE_TENANT_ID", "contoso"), ("AZURE_CLIENT_ID", "")]);
/// assert_eq!(environment.get("AZURE_TENANT_ID"), Some("contoso"));
/// assert_eq!(environment.get("AZURE_CLIENT_ID"), None);
/// ```
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
}

impl Environment {
    /// The variables of this process whose names and values are Unicode.
    pub fn process() -> Self {
        Self::from_pairs(std::env::vars_os().filter_map(|(name, value)| {
            let name = name.into_string().ok()?;
            // Windows ignores case in these names, and scripts there rely on it.
            let name = if cfg!(windows) {
                name.to_ascii_uppercase()
            } else {
                name
            };
            Some((name, value.into_string().ok()?))
        }))
    }

    /// Exactly these variables.
    pub fn from_pairs<N, V>(pairs: impl IntoIterator<Item = (N, V)>) -> Self
    where
        N: Into<String>,
        V: Into<String>,
    {
        Self {
            variables: pairs
                .into_iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
        }
    }

    /// The value of a variable, unless it is unset or blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        let value = self.variables.get(name)?.trim();
        (!value.is_empty()).then_some(value)
    }

    /// The first of these variables that is set, with its name.
    pub fn first<'n>(&self, names: &[&'n str]) -> Option<(&'n str, &str)> {
        names
            .iter()
            .find_map(|&name| self.get(name).map(|value| (name, value)))
    }

    /// Whether a variable is set to something that means yes.
    pub fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| {
            matches!(value.to_ascii_lowercase().as_str(), "1" | "true" | "yes")
        })
    }
}

// Values may be secrets, so only names are shown.
impl fmt::Debug for Environment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_values_are_unset_and_debug_shows_names_only() {
        let environment = Environment::from_pairs([("KEY", "c2VjcmV0"), ("BLANK", "  ")]);
        assert_eq!(
            environment.first(&["BLANK", "KEY"]),
            Some(("KEY", "c2VjcmV0"))
        );
        assert_eq!(format!("{environment:?}"), r#"{"BLANK", "KEY"}"#);
    }

    #[test]
    fn words_for_yes() {
        let environment = Environment::from_pairs([("A", "True"), ("B", "0")]);
        assert!(environment.is_true("A"));
        assert!(!environment.is_true("B"));
        assert!(!environment.is_true("C"));
    }
}
