//! An artifact as text of a library's manifest, written as a person would write it.

use toml_edit::{ArrayOfTables, DocumentMut, InlineTable, Item, Table, TomlError, Value};

use crate::{Architecture, Artifact};

/// The longest install block that is written in one line.
const ONE_LINE: usize = 100;

/// What says where an artifact comes from.
const SOURCES: [&str; 3] = ["url", "path", "from"];

/// What only people say of an install block, and winget does not know.
const OURS: [&str; 3] = ["to", "order", "requires"];

/// Why an artifact cannot be put into a manifest's text.
#[derive(Debug, thiserror::Error)]
pub enum AppendError {
    /// The text is not TOML.
    #[error("the manifest is not TOML")]
    Toml(#[source] TomlError),
    /// `artifact` is something else than a list of tables.
    #[error("`artifact` is not a list of tables in the manifest; write each as `[[artifact]]`")]
    NotTables,
    /// Several artifacts of the manifest have the id and the architecture.
    #[error("more than one `{id}` for {architecture} in the manifest; leave one")]
    Several {
        /// The id.
        id: String,
        /// The architecture.
        architecture: &'static str,
    },
}

/// The artifact as a `[[artifact]]` block that can be pasted into a manifest.
pub fn render_artifact(artifact: &Artifact) -> String {
    let mut tables = ArrayOfTables::new();
    tables.push(table_of(artifact));
    let mut document = DocumentMut::new();
    document.insert("artifact", Item::ArrayOfTables(tables));
    document.to_string()
}

/// The manifest's text with the artifact in it: at its end, or in the place of the one of the same id and architecture,
/// of which only version, source, digest and install block change. Everything else stays as people wrote it, also in the
/// install block where winget knows nothing of it: `to`, `order` and `requires`.
///
/// # Errors
///
/// [`AppendError::Toml`] and [`AppendError::NotTables`] when the text is no manifest, [`AppendError::Several`] when it is
/// not clear which artifact is meant.
pub fn append(manifest: &str, artifact: &Artifact) -> Result<String, AppendError> {
    let mut document: DocumentMut = manifest.parse().map_err(AppendError::Toml)?;
    let is_empty = document.is_empty();
    let tables = (document.entry("artifact"))
        .or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()))
        .as_array_of_tables_mut()
        .ok_or(AppendError::NotTables)?;
    let mut new = table_of(artifact);
    let is_same = |(at, table)| is_same(table, artifact).then_some(at);
    let same: Vec<usize> = tables.iter().enumerate().filter_map(is_same).collect();
    match *same.as_slice() {
        [] => {
            if !is_empty {
                new.decor_mut().set_prefix("\n");
            }
            tables.push(new);
        }
        [at] => {
            if let Some(old) = tables.get_mut(at) {
                update(old, &mut new);
            }
        }
        _ => {
            return Err(AppendError::Several {
                id: artifact.id.to_string(),
                architecture: artifact.architecture.name(),
            });
        }
    }
    Ok(document.to_string())
}

fn is_same(table: &Table, artifact: &Artifact) -> bool {
    let text = |key| table.get(key).and_then(Item::as_str);
    let usual = Architecture::default().name();
    text("id") == Some(artifact.id.as_str())
        && text("architecture").unwrap_or(usual) == artifact.architecture.name()
}

fn update(old: &mut Table, new: &mut Table) {
    if let (Some(old), Some(new)) = (
        old.get("install").and_then(Item::as_table_like),
        new.get_mut("install").and_then(Item::as_table_like_mut),
    ) {
        for key in OURS {
            if let Some(said) = old.get(key) {
                new.insert(key, said.clone());
            }
        }
    }
    for key in SOURCES {
        if !new.contains_key(key) {
            old.remove(key);
        }
    }
    let before = old.len();
    for key in ["version", "url", "path", "from", "sha256", "install"] {
        if let Some(item) = new.remove(key) {
            replace(old, key, item);
        }
    }
    if old.len() > before {
        move_to_end(old, &["signer", "install", "update"]);
    }
}

/// Puts the values that people write last behind those that came anew.
fn move_to_end(table: &mut Table, keys: &[&str]) {
    for key in keys {
        if let Some((key, item)) = table.remove_entry(key) {
            table.insert_formatted(&key, item);
        }
    }
}

/// Puts a value in the place of another, with the comment behind it.
fn replace(table: &mut Table, key: &str, mut item: Item) {
    let old = table.get(key).and_then(Item::as_value);
    if let (Some(old), Some(new)) = (old, item.as_value_mut()) {
        if old.to_string().trim() == new.to_string().trim() {
            return;
        }
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        Some(place) => *place = item,
        None => {
            table.insert(key, item);
        }
    }
}

fn table_of(artifact: &Artifact) -> Table {
    let mut table = Table::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value {
            table.insert(key, toml_edit::value(value));
        }
    };
    let architecture = (artifact.architecture != Architecture::default())
        .then(|| artifact.architecture.name().to_owned());
    set("id", Some(artifact.id.to_string()));
    set("version", Some(artifact.version.to_string()));
    set("name", artifact.name.clone());
    set("publisher", artifact.publisher.clone());
    set("architecture", architecture);
    set("path", artifact.path.clone());
    set("url", artifact.url.as_ref().map(ToString::to_string));
    set("from", artifact.from.clone());
    set("sha256", artifact.sha256.map(|digest| digest.to_string()));
    set("file", artifact.file.as_ref().map(ToString::to_string));
    set("blob", artifact.blob.as_ref().map(ToString::to_string));
    set("signer", artifact.signer.clone());
    let update = artifact.update.as_ref().and_then(inline);
    if let Some(install) = artifact.install.as_ref().and_then(inline) {
        let is_long = install.to_string().len() > ONE_LINE;
        // A table of its own ends the values of the artifact, so what is in one line stands before it.
        if is_long {
            insert_inline(&mut table, "update", update);
            table.insert("install", Item::Table(install.into_table()));
            return table;
        }
        insert_inline(&mut table, "install", Some(install));
    }
    insert_inline(&mut table, "update", update);
    table
}

fn insert_inline(table: &mut Table, key: &str, value: Option<InlineTable>) {
    if let Some(value) = value {
        table.insert(key, Item::Value(Value::InlineTable(value)));
    }
}

/// A value of the model as an inline table; none never comes, since the model is made of texts, numbers and lists.
fn inline(value: &impl serde::Serialize) -> Option<InlineTable> {
    let document = toml_edit::ser::to_document(value).ok()?;
    let mut table = document.as_table().clone().into_inline_table();
    table.fmt();
    Some(table)
}
