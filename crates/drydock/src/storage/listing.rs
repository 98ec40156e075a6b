//! One page of a container's listing, in the order of the bytes of the names.

use std::ops::Bound;
use std::sync::Arc;
use std::time::SystemTime;

use super::Store;
use super::blob::{Blob, Entry};
use super::lease::{Holding, LeaseState};
use crate::failure::Outcome;

/// What a page is asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ListQuery {
    /// Only names that begin with it.
    pub(crate) prefix: String,
    /// Names are rolled up at its first occurrence behind the prefix; empty for a flat listing.
    pub(crate) delimiter: String,
    /// The name to start at, itself included.
    pub(crate) from: String,
    /// At most this many items.
    pub(crate) limit: usize,
    /// Blobs that were never committed too.
    pub(crate) uncommitted: bool,
}

/// One line of a listing.
#[derive(Debug, Clone)]
pub(crate) enum Item {
    /// A blob.
    Blob(Box<str>, Arc<Blob>, LeaseState),
    /// A blob that has only uncommitted blocks.
    Uncommitted(Box<str>),
    /// All names that begin with this.
    Prefix(String),
}

/// A page and where the next one starts.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    pub(crate) next: Option<String>,
}

impl Store {
    /// One page of a listing.
    pub(crate) fn list_blobs(&self, container: &str, query: &ListQuery) -> Outcome<Page> {
        let now = self.lease_time.now();
        let state = self.state();
        let blobs = &state.container(container)?.blobs;
        let mut items = Vec::new();
        let mut from = query.prefix.as_str().max(&query.from).to_owned();
        'pages: loop {
            let range = (Bound::Included(from.as_str()), Bound::Unbounded);
            for (name, entry) in blobs.range::<str, _>(range) {
                if !name.starts_with(&query.prefix) {
                    break 'pages;
                }
                let Some(item) = item(name, entry, query, now) else {
                    continue;
                };
                if items.len() == query.limit {
                    let next = Some(name.to_string());
                    return Ok(Page { items, next });
                }
                let rolled_up = match &item {
                    Item::Prefix(prefix) => Some(after_all(prefix)),
                    Item::Blob(..) | Item::Uncommitted(..) => None,
                };
                items.push(item);
                match rolled_up {
                    None => {}
                    Some(None) => break 'pages,
                    Some(Some(next)) => {
                        from = next;
                        continue 'pages;
                    }
                }
            }
            break;
        }
        Ok(Page { items, next: None })
    }
}

fn item(name: &str, entry: &Entry, query: &ListQuery, now: SystemTime) -> Option<Item> {
    let visible = entry.committed.is_some() || query.uncommitted;
    if !visible {
        return None;
    }
    if !query.delimiter.is_empty() {
        let rest = &name[query.prefix.len()..];
        if let Some(at) = rest.find(&query.delimiter) {
            let end = query.prefix.len() + at + query.delimiter.len();
            return Some(Item::Prefix(name[..end].to_owned()));
        }
    }
    if let Some(blob) = &entry.committed {
        let lease = Holding::new(entry.lease.as_deref(), now).state();
        return Some(Item::Blob(name.into(), Arc::clone(blob), lease));
    }
    Some(Item::Uncommitted(name.into()))
}

/// The smallest name behind all names that begin with `prefix`, if there can be one.
fn after_all(prefix: &str) -> Option<String> {
    let mut next = prefix.to_owned();
    while let Some(last) = next.pop() {
        // The range steps over the surrogates, which are no characters.
        if let Some(successor) = (last..=char::MAX).nth(1) {
            next.push(successor);
            return Some(next);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::after_all;

    #[test]
    fn the_name_behind_a_prefix_is_the_next_character() {
        assert_eq!(after_all("a/").as_deref(), Some("a0"));
        assert_eq!(after_all("\u{d7ff}").as_deref(), Some("\u{e000}"));
        assert_eq!(after_all("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(after_all("\u{10ffff}"), None);
    }
}
