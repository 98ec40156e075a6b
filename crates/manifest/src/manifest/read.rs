//! From a text to a manifest, or to all that is wrong with it.
//!
//! Serde stops at the first value that it cannot read. So the tables are read one by one, and what cannot be read is
//! told, taken out and read past, until all of them were seen.

use std::collections::BTreeSet;

use serde::de::DeserializeOwned;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::check::{self, Checked};
use super::key_path::KeyPath;
use super::problem::ManifestErrors;
use super::report::{Finding, Kind, Report};
use super::{Artifact, Library, Manifest, told};

impl Manifest {
    /// Reads a manifest and checks what it means.
    ///
    /// # Errors
    ///
    /// All that is wrong with it, at once.
    pub fn parse(text: &str) -> Result<Self, ManifestErrors> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let mut report = Report::new(text);
        for error in &errors {
            report.syntax(error);
        }
        if !report.is_empty() {
            return Err(report.into_errors());
        }
        let span = root.span();
        let root = Spanned::new(span, DeValue::Table(root.into_inner()));
        let manifest = Reader {
            root: &root,
            report: &mut report,
        }
        .manifest();
        match manifest {
            Some(manifest) if report.is_empty() => Ok(manifest),
            _ => Err(report.into_errors()),
        }
    }
}

/// A table that was read.
struct Read<T> {
    value: T,
    /// Whether nothing was left out.
    is_whole: bool,
}

/// Reads the parts of a document.
struct Reader<'r, 't> {
    root: &'r Spanned<DeValue<'t>>,
    report: &'r mut Report<'t>,
}

impl Reader<'_, '_> {
    /// The manifest, so far as it can be read; what is wrong is in the report.
    fn manifest(&mut self) -> Option<Manifest> {
        self.check_keys();
        let at = KeyPath::default().key("library");
        let library: Option<Read<Library>> = self.read(&at);
        if let Some(library) = &library {
            self.add(check::library(&library.value, &at), library.is_whole);
        }
        let os = library.as_ref().map(|library| library.value.os);
        let places = self.artifact_places();
        let artifacts: Vec<Option<Read<Artifact>>> =
            places.iter().map(|at| self.read(at)).collect();
        let mut checked = Vec::new();
        for (read, at) in artifacts.iter().zip(&places) {
            let Some(read) = read else { continue };
            self.add(check::artifact(&read.value, at, os), read.is_whole);
            checked.push(Checked {
                artifact: &read.value,
                at,
            });
        }
        let is_whole = artifacts
            .iter()
            .all(|read| read.as_ref().is_some_and(|read| read.is_whole));
        self.add(check::together(&checked), is_whole);
        Some(Manifest {
            library: library?.value,
            artifacts: artifacts
                .into_iter()
                .map(|read| read.map(|read| read.value))
                .collect::<Option<_>>()?,
        })
    }

    /// Tells what the checks found. What seems to be missing may be what could not be read: that is told already.
    fn add(&mut self, findings: Vec<Finding>, is_whole: bool) {
        for finding in findings {
            if is_whole || finding.kind != Kind::Absent {
                self.report.add(self.root, finding);
            }
        }
    }

    /// The document has two keys.
    fn check_keys(&mut self) {
        let table = self.root.get_ref().as_table();
        for (key, _) in table.into_iter().flatten() {
            if !matches!(key.get_ref().as_ref(), "library" | "artifact") {
                let at = KeyPath::default().key(key.get_ref());
                let finding = told::unknown(at, key.get_ref(), &["library", "artifact"]);
                self.report.add_at(key.span(), finding);
            }
        }
        if table.is_none_or(|table| !table.contains_key("library")) {
            let hint = "begin with `[library]` and `name = \"…\"`";
            let finding = Finding::absent(KeyPath::default(), "`library` is missing", hint);
            self.report.add_at(0..0, finding);
        }
    }

    /// The paths of the artifacts.
    fn artifact_places(&mut self) -> Vec<KeyPath> {
        let at = KeyPath::default().key("artifact");
        match self.root.get_ref().get("artifact").map(Spanned::get_ref) {
            None => Vec::new(),
            Some(DeValue::Array(array)) => (0..array.len()).map(|index| at.index(index)).collect(),
            Some(_) => {
                let hint = "begin each with `[[artifact]]`, in double brackets";
                let finding = Finding::wrong(at, "`artifact` is not a list of artifacts", hint);
                self.report.add(self.root, finding);
                Vec::new()
            }
        }
    }

    /// Reads what is there, and tells everything in it that cannot be read.
    fn read<T: DeserializeOwned>(&mut self, at: &KeyPath) -> Option<Read<T>> {
        let value = at.get(self.root)?;
        let mut rest = value.clone();
        let mut gone = BTreeSet::new();
        loop {
            let error = match T::deserialize(ValueDeserializer::from(rest.clone())) {
                Ok(value) => {
                    let is_whole = gone.is_empty();
                    return Some(Read { value, is_whole });
                }
                Err(error) => error,
            };
            let span = error.span().unwrap_or_else(|| value.span());
            let place = KeyPath::of_span(value, &span).unwrap_or_default();
            let (finding, span) = told::told(&error, value, &place);
            let missing = finding.at.clone();
            if !(finding.kind == Kind::Absent && gone.contains(&missing)) {
                let at = at.join(&finding.at);
                self.report.add_at(span, Finding { at, ..finding });
            }
            let left = KeyPath::of_span(&rest, &error.span()?)?;
            if left.is_root() {
                return None;
            }
            left.remove_from(rest.get_mut());
            gone.insert(place);
        }
    }
}
