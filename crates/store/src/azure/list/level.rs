//! What stands at one level of folders behind a point of a listing: pure.
//!
//! A look is a listing with a delimiter: the blobs and the folders right below a prefix. In the order of bytes all
//! names in a folder stand together, where the name of the folder stands; so folders can be listed each on its own and
//! put together in the order of their names, with the blobs between them.

use crate::{ListPage, ListedBlob};

/// A stretch of a listing.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These blobs.
    Blobs(Vec<ListedBlob>),
    /// All names that start so.
    Folder(String),
}

/// A level as seen from a name on it or below it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Level {
    /// The folder that the name is in, unless it stands on this level itself.
    pub(super) inside: Option<String>,
    /// How many folders the listing has been in so far, that one included.
    pub(super) passed: usize,
    /// What is behind the name and behind the folder that it is in, in order.
    pub(super) behind: Vec<Part>,
}

impl Level {
    /// How a level looks from `last`; none when it is not in the order of bytes.
    pub(super) fn seen_from(last: &str, prefix: &str, look: ListPage) -> Option<Self> {
        let ListPage { blobs, prefixes } = look;
        let is_sorted =
            blobs.is_sorted_by(|a, b| a.name < b.name) && prefixes.is_sorted_by(|a, b| a < b);
        if !is_sorted {
            return None;
        }
        let inside = last
            .strip_prefix(prefix)?
            .find('/')
            .map(|at| last[..=prefix.len() + at].to_owned());
        // A folder that the name is in is not behind it.
        let passed = prefixes.partition_point(|folder| folder.as_str() <= last);
        let blobs = blobs.into_iter().filter(|blob| blob.name.as_str() > last);
        let folders = prefixes.into_iter().skip(passed);
        Some(Self {
            behind: merge(blobs, folders),
            inside,
            passed,
        })
    }
}

fn merge(
    blobs: impl Iterator<Item = ListedBlob>,
    folders: impl Iterator<Item = String>,
) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut blobs = blobs.peekable();
    for folder in folders {
        let before: Vec<_> =
            std::iter::from_fn(|| blobs.next_if(|blob| blob.name < folder)).collect();
        parts.extend((!before.is_empty()).then_some(Part::Blobs(before)));
        parts.push(Part::Folder(folder));
    }
    let rest: Vec<_> = blobs.collect();
    parts.extend((!rest.is_empty()).then_some(Part::Blobs(rest)));
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(name: &str) -> ListedBlob {
        ListedBlob {
            name: name.to_owned(),
            size: 0,
            etag: None,
            last_modified: None,
            digests: None,
            content_md5: None,
            is_directory: false,
        }
    }

    fn look(blobs: &[&str], prefixes: &[&str]) -> ListPage {
        ListPage {
            blobs: blobs.iter().map(|name| blob(name)).collect(),
            prefixes: prefixes.iter().map(ToString::to_string).collect(),
        }
    }

    fn say(level: &Level) -> Vec<String> {
        let say = |part: &Part| match part {
            Part::Folder(folder) => folder.clone(),
            Part::Blobs(blobs) => {
                let names: Vec<_> = blobs.iter().map(|blob| blob.name.as_str()).collect();
                names.join(" ")
            }
        };
        level.behind.iter().map(say).collect()
    }

    #[test]
    fn what_is_behind_comes_in_order() {
        let look = || look(&["a", "a.b", "a0", "c", "d"], &["A/", "a/", "b/", "c/"]);
        for (last, inside, passed, behind) in [
            ("a/x/y", Some("a/"), 2, &["a0", "b/", "c", "c/", "d"][..]),
            ("a.b", None, 1, &["a/", "a0", "b/", "c", "c/", "d"]),
            ("a", None, 1, &["a.b", "a/", "a0", "b/", "c", "c/", "d"]),
            ("c/", Some("c/"), 4, &["d"]),
            ("d", None, 4, &[]),
            // A folder that has gone since.
            ("a1/x", Some("a1/"), 2, &["b/", "c", "c/", "d"]),
        ] {
            let level = Level::seen_from(last, "", look()).unwrap();
            assert_eq!(level.inside.as_deref(), inside, "{last}");
            assert_eq!(
                (level.passed, say(&level)),
                (passed, behind.iter().map(ToString::to_string).collect()),
                "{last}"
            );
        }
        let below = self::look(&["p/a", "p/c"], &["p/b/"]);
        let level = Level::seen_from("p/a", "p/", below).unwrap();
        assert_eq!((level.inside.as_deref(), level.passed), (None, 0));
        assert_eq!(say(&level), ["p/b/", "p/c"]);
    }

    #[test]
    fn another_order_is_no_level() {
        for look in [look(&["b", "a"], &[]), look(&[], &["b/", "a/"])] {
            assert_eq!(Level::seen_from("a", "", look), None);
        }
        assert_eq!(Level::seen_from("a", "p/", look(&[], &[])), None);
    }
}
