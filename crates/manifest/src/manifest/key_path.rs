//! Where in a manifest something stands: a path of keys, and the one way from there to the bytes of the text.

use std::fmt;
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

/// One step from a table or an array to what is in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Key(String),
    Index(usize),
}

impl Step {
    fn of<'a, 'i>(&self, value: &'a Spanned<DeValue<'i>>) -> Option<&'a Spanned<DeValue<'i>>> {
        match self {
            Self::Key(key) => value.get_ref().get(key.as_str()),
            Self::Index(index) => value.get_ref().get(*index),
        }
    }
}

/// A path of keys: `artifact[1].install.to`. The empty one is the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct KeyPath(Vec<Step>);

impl KeyPath {
    /// The path of a key of this table.
    pub(super) fn key(&self, key: &str) -> Self {
        self.with(Step::Key(key.to_owned()))
    }

    /// The path of an element of this array.
    pub(super) fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }

    /// The path that goes on with the other.
    pub(super) fn join(&self, other: &Self) -> Self {
        Self([&self.0[..], &other.0[..]].concat())
    }

    /// Whether this is the document, or the table that a path is relative to.
    pub(super) const fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The last key in it.
    pub(super) fn last_key(&self) -> Option<&str> {
        self.0.iter().rev().find_map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Index(_) => None,
        })
    }

    /// The value at this path.
    pub(super) fn get<'a, 'i>(
        &self,
        root: &'a Spanned<DeValue<'i>>,
    ) -> Option<&'a Spanned<DeValue<'i>>> {
        self.0.iter().try_fold(root, |value, step| step.of(value))
    }

    /// The value at this path, or the nearest thing around it that is there.
    pub(super) fn nearest<'a, 'i>(
        &self,
        root: &'a Spanned<DeValue<'i>>,
    ) -> &'a Spanned<DeValue<'i>> {
        let mut value = root;
        for step in &self.0 {
            match step.of(value) {
                Some(next) => value = next,
                None => break,
            }
        }
        value
    }

    /// The path of the key or the value that stands at these bytes.
    pub(super) fn of_span(root: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Self> {
        Self::default().search(root, span)
    }

    fn search(&self, value: &Spanned<DeValue<'_>>, span: &Range<usize>) -> Option<Self> {
        if value.span() == *span {
            return Some(self.clone());
        }
        match value.get_ref() {
            DeValue::Table(table) => table.iter().find_map(|(key, value)| {
                let at = self.key(key.get_ref());
                if key.span() == *span {
                    return Some(at);
                }
                at.search(value, span)
            }),
            DeValue::Array(array) => array
                .iter()
                .enumerate()
                .find_map(|(index, value)| self.index(index).search(value, span)),
            _ => None,
        }
    }

    /// Takes what is at this path out of a value.
    pub(super) fn remove_from(&self, value: &mut DeValue<'_>) {
        let Some((step, rest)) = self.0.split_first() else {
            return;
        };
        let rest = Self(rest.to_vec());
        match (step, value) {
            (Step::Key(key), DeValue::Table(table)) if rest.is_root() => {
                table.remove(key.as_str());
            }
            (Step::Key(key), DeValue::Table(table)) => {
                if let Some(value) = table.get_mut(key.as_str()) {
                    rest.remove_from(value.get_mut());
                }
            }
            (Step::Index(wrong), DeValue::Array(array)) if rest.is_root() => {
                let all = array.clone().into_iter().enumerate();
                *array = all
                    .filter(|(index, _)| index != wrong)
                    .map(|(_, value)| value)
                    .collect();
            }
            (Step::Index(index), DeValue::Array(array)) => {
                if let Some(value) = array.get_mut(*index) {
                    rest.remove_from(value.get_mut());
                }
            }
            _ => {}
        }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}
