//! The pointer: which release counts, one field a line, so that plain `sed` can read it.

use std::fmt::Write;

use serde::Serialize;

use super::document::check_version;
use super::{Document, Pointer, Provenance, RELEASE_VERSION, Release, ReleaseDigest, ReleaseError};

impl Pointer {
    /// A pointer at a release, whose documents are the texts that [`Release::render`] and [`Release::twin`] give.
    ///
    /// For a release that is there already, whoever published it, take the documents that are there: [`Document::of`]
    /// their bytes, in `json` and `tsv`.
    pub fn new(release: &Release, previous: Option<ReleaseDigest>, provenance: Provenance) -> Self {
        let (library, digest) = (&release.content.library, release.release);
        let json = Release::json_path(library, digest);
        let tsv = Release::tsv_path(library, digest);
        Self {
            version: RELEASE_VERSION,
            library: library.clone(),
            release: digest,
            json: Document::of(json, release.render().as_bytes()),
            tsv: Document::of(tsv, release.twin().as_bytes()),
            previous,
            provenance,
        }
    }

    /// The text of the pointer: JSON, one field a line in a fixed order, each line beginning with two spaces and its
    /// name. `docs/releases.md` promises what plain `sed` finds in it.
    pub fn render(&self) -> String {
        let mut text = String::from("{\n");
        field(&mut text, "version", &self.version);
        field(&mut text, "library", &self.library);
        field(&mut text, "release", &self.release);
        field(&mut text, "json", &self.json);
        field(&mut text, "tsv", &self.tsv);
        if let Some(previous) = &self.previous {
            field(&mut text, "previous", previous);
        }
        field(&mut text, "provenance", &self.provenance);
        text.truncate(text.len() - ",\n".len());
        text + "\n}\n"
    }

    /// Reads a pointer.
    ///
    /// # Errors
    ///
    /// [`ReleaseError::Syntax`] for a text that is none, [`ReleaseError::Newer`] and [`ReleaseError::Version`] for
    /// versions that this program does not read, [`ReleaseError::Foreign`] when it names other documents than those of
    /// its release.
    pub fn parse(text: &str) -> Result<Self, ReleaseError> {
        check_version(text)?;
        let pointer: Self = serde_json::from_str(text).map_err(ReleaseError::Syntax)?;
        let (library, release) = (&pointer.library, pointer.release);
        for (document, path) in [
            (&pointer.json, Release::json_path(library, release)),
            (&pointer.tsv, Release::tsv_path(library, release)),
        ] {
            if document.blob != path {
                let blob = Box::new(document.blob.clone());
                return Err(ReleaseError::Foreign { blob });
            }
        }
        Ok(pointer)
    }

    /// The JSON Schema of pointers.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).into()
    }
}

fn field(text: &mut String, name: &str, value: &impl Serialize) {
    let value = serde_json::to_string(value).expect("texts and numbers become JSON");
    // Writing into a `String` cannot fail.
    let _ = writeln!(text, "  \"{name}\": {value},");
}
