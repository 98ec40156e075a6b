//! Which files are meant: `--include`, `--exclude` and `.longshoreignore`, all in the language of `.gitignore`.
//!
//! What is left out is neither sent nor deleted, so the same rules are asked of names that only the destination has.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::read_error;
use crate::download::is_unfinished;
use crate::{ItemError, SyncError, SyncOptions};

/// The name of the files that hold rules for their directory and what is below. They are not staged themselves.
pub(crate) const IGNORE_FILE: &str = ".longshoreignore";

/// Where a directory that blobs are staged into keeps their digests.
const RECORDS: &str = ".longshore";

/// More directories than this are asked for again rather than remembered.
const REMEMBERED_DIRECTORIES: usize = 4096;

/// The rules in force in one directory, innermost last.
pub(crate) type Rules = Vec<Arc<Gitignore>>;

/// Which files are meant.
#[derive(Debug)]
pub(crate) struct Filter {
    root: PathBuf,
    include: Option<Gitignore>,
    exclude: Gitignore,
    /// Whether directories have rules of their own, as they have where there are directories.
    reads_rules: bool,
}

impl Filter {
    pub(crate) fn new(root: &Path, options: &SyncOptions) -> Result<Self, SyncError> {
        let include = (!options.include.is_empty()).then(|| patterns(root, &options.include));
        Ok(Self {
            root: root.to_owned(),
            include: include.transpose()?,
            exclude: patterns(root, &options.exclude)?,
            reads_rules: true,
        })
    }

    /// The patterns alone, for names that belong to no directory.
    pub(crate) fn of_patterns(options: &SyncOptions) -> Result<Self, SyncError> {
        Ok(Self {
            reads_rules: false,
            ..Self::new(Path::new("/"), options)?
        })
    }

    /// Whether a directory is left out with all that is in it.
    pub(crate) fn skips_directory(&self, path: &Path, rules: &Rules) -> bool {
        self.is_records(path)
            || self.exclude.matched(path, true).is_ignore()
            || ignored(path, true, rules)
    }

    /// Whether a file is left out, given that its directory is not.
    pub(crate) fn skips_file(&self, path: &Path, rules: &Rules) -> bool {
        path.file_name().is_some_and(is_ours)
            || self.exclude.matched(path, false).is_ignore()
            || ignored(path, false, rules)
            || !self.is_included(path)
    }

    /// Whether a directory holds what a directory store remembers of the files beside it.
    fn is_records(&self, path: &Path) -> bool {
        path.strip_prefix(&self.root)
            .is_ok_and(|relative| relative == Path::new(RECORDS))
    }

    fn is_included(&self, path: &Path) -> bool {
        self.include
            .as_ref()
            .is_none_or(|include| include.matched_path_or_any_parents(path, false).is_ignore())
    }
}

/// Whether a file is one that Longshore keeps for itself: rules, or an unfinished download.
fn is_ours(name: &OsStr) -> bool {
    name == IGNORE_FILE || name.to_str().is_some_and(is_unfinished)
}

/// The rules in force in `directory`, given those of the directory above.
///
/// Rules that cannot be read or understood are an error: what they leave out must not be staged.
pub(crate) fn rules_in(directory: &Path, above: &Rules) -> Result<Rules, ItemError> {
    let path = directory.join(IGNORE_FILE);
    let mut rules = above.clone();
    match fs_err::symlink_metadata(&path) {
        Err(error) if is_absent(&error) => return Ok(rules),
        Err(error) => return Err(read_error(&path, error)),
        Ok(metadata) if metadata.is_dir() => return Ok(rules),
        Ok(_) => {}
    }
    let bad = |error| read_error(&path, io::Error::new(io::ErrorKind::InvalidData, error));
    let mut builder = GitignoreBuilder::new(directory);
    if let Some(error) = builder.add(&path) {
        return Err(bad(error));
    }
    rules.push(Arc::new(builder.build().map_err(bad)?));
    Ok(rules)
}

/// Whether an error says that there is nothing at a path.
pub(crate) fn is_absent(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}

fn patterns(root: &Path, patterns: &[String]) -> Result<Gitignore, SyncError> {
    let mut builder = GitignoreBuilder::new(root);
    for pattern in patterns {
        builder
            .add_line(None, pattern)
            .map_err(|cause| SyncError::Pattern {
                pattern: pattern.clone(),
                cause,
            })?;
    }
    builder.build().map_err(|cause| SyncError::Pattern {
        pattern: patterns.join(", "),
        cause,
    })
}

/// The innermost rule that speaks of the path decides.
fn ignored(path: &Path, is_directory: bool, rules: &Rules) -> bool {
    rules
        .iter()
        .rev()
        .map(|rules| rules.matched(path, is_directory))
        .find(|matched| !matched.is_none())
        .is_some_and(|matched| matched.is_ignore())
}

/// Asks a filter about names that the source does not have.
#[derive(Debug)]
pub(crate) struct Shield<'a> {
    filter: &'a Filter,
    rules: HashMap<PathBuf, Rules>,
}

impl<'a> Shield<'a> {
    pub(crate) fn new(filter: &'a Filter) -> Self {
        Self {
            filter,
            rules: HashMap::new(),
        }
    }

    /// Whether a file of this name, relative to the source, would be left out; also when nobody can tell.
    pub(crate) fn covers(&mut self, name: &str) -> bool {
        self.try_covers(name).unwrap_or(true)
    }

    fn try_covers(&mut self, name: &str) -> Result<bool, ItemError> {
        let odd = |part| matches!(part, "" | "." | "..");
        let path = self.filter.root.join(name);
        if !path.starts_with(&self.filter.root) || name.split('/').any(odd) {
            return Ok(false);
        }
        let mut directory = self.filter.root.clone();
        let mut rules = self.rules_of(&directory, &Rules::new())?;
        let mut parts = name.split('/').peekable();
        while let Some(part) = parts.next() {
            directory.push(part);
            if parts.peek().is_none() {
                break;
            }
            if self.filter.skips_directory(&directory, &rules) {
                return Ok(true);
            }
            rules = self.rules_of(&directory, &rules)?;
        }
        Ok(self.filter.skips_file(&path, &rules))
    }

    fn rules_of(&mut self, directory: &Path, above: &Rules) -> Result<Rules, ItemError> {
        if !self.filter.reads_rules {
            return Ok(above.clone());
        }
        if let Some(rules) = self.rules.get(directory) {
            return Ok(rules.clone());
        }
        if self.rules.len() >= REMEMBERED_DIRECTORIES {
            self.rules.clear();
        }
        let rules = rules_in(directory, above)?;
        self.rules.insert(directory.to_owned(), rules.clone());
        Ok(rules)
    }
}
