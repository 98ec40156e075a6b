//! Writing a lock: one block an artifact, always the same bytes, so that git merges locks block by block.

use std::fmt::{Display, Write};

use super::{Lock, Locked};

/// The first line of a lock.
const HEADING: &str =
    "# Written by longshore lock. Keep it in version control beside its manifest.";

impl Lock {
    /// The text of a lock. The same lock is always the same text.
    pub fn render(&self) -> String {
        let mut text = format!("{HEADING}\nversion = {}\n", self.version);
        line(&mut text, "library", self.library.as_str());
        for locked in &self.artifacts {
            text.push_str("\n[[artifact]]\n");
            locked.render(&mut text);
        }
        text
    }
}

impl Locked {
    fn render(&self, text: &mut String) {
        line(text, "id", self.id.as_str());
        line(text, "architecture", self.architecture.name());
        line(text, "version", self.version.as_str());
        line(text, "file", self.file.as_str());
        let url = self.url.as_ref().map(url::Url::as_str);
        for (key, source) in [
            ("path", self.path.as_deref()),
            ("url", url),
            ("from", self.from.as_deref()),
        ] {
            optional(text, key, source);
        }
        number(text, "size", self.size);
        line(text, "sha256", &self.sha256.to_string());
        line(text, "blake3", &self.blake3.to_string());
        optional(text, "etag", self.etag.as_deref());
        for (key, time) in [("modified", self.modified), ("seen", self.seen)] {
            optional(text, key, time.map(|time| time.to_string()).as_deref());
        }
    }
}

fn optional(text: &mut String, key: &str, value: Option<&str>) {
    if let Some(value) = value {
        line(text, key, value);
    }
}

fn line(text: &mut String, key: &str, value: &str) {
    put(text, key, &quoted(value));
}

fn number(text: &mut String, key: &str, value: u64) {
    put(text, key, &value);
}

fn put(text: &mut String, key: &str, value: &dyn Display) {
    // Writing into a `String` cannot fail.
    let _ = writeln!(text, "{key} = {value}");
}

/// A text on one line, whatever is in it. JSON writes texts as TOML does, but for one character.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text)
        .to_string()
        .replace('\u{7f}', "\\u007F")
}
