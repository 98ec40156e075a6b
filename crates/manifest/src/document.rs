//! What the documents of this crate have in common: a version that every reader looks at first, and JSON for people.

use serde::{Deserialize, Serialize};

/// The one thing that all versions of a document have.
#[derive(Debug, Deserialize)]
pub(crate) struct Head {
    pub(crate) version: i64,
}

/// A document as JSON for people, always the same for the same document.
///
/// # Panics
///
/// Never: the documents hold texts, numbers and lists, which all become JSON.
pub(crate) fn render(document: &impl Serialize) -> String {
    let text =
        serde_json::to_string_pretty(document).expect("texts, numbers and lists become JSON");
    text + "\n"
}
