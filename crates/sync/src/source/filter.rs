//! Which files are meant: `--include`, `--exclude` and `.longshoreignore`, all in the language of `.gitignore`.
//!
//! What is left out is neither sent nor deleted, so the same rules are asked of names that only the destination has.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::{SyncError, SyncOptions};

/// The name of the files that hold rules for their directory and what is below. They are not staged themselves.
pub(crate) const IGNORE_FILE: &str = ".longshoreignore";

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
}

impl Filter {
    pub(crate) fn new(root: &Path, options: &SyncOptions) -> Result<Self, SyncError> {
        let include = (!options.include.is_empty()).then(|| patterns(root, &options.include));
        Ok(Self {
            root: root.to_owned(),
            include: include.transpose()?,
            exclude: patterns(root, &options.exclude)?,
        })
    }

    /// Whether a directory is left out with all that is in it.
    pub(crate) fn skips_directory(&self, path: &Path, rules: &Rules) -> bool {
        self.exclude.matched(path, true).is_ignore() || ignored(path, true, rules)
    }

    /// Whether a file is left out, given that its directory is not.
    pub(crate) fn skips_file(&self, path: &Path, rules: &Rules) -> bool {
        path.file_name().is_some_and(|name| name == IGNORE_FILE)
            || self.exclude.matched(path, false).is_ignore()
            || ignored(path, false, rules)
            || !self.is_included(path)
    }

    fn is_included(&self, path: &Path) -> bool {
        self.include
            .as_ref()
            .is_none_or(|include| include.matched_path_or_any_parents(path, false).is_ignore())
    }
}

/// The rules in force in `directory`, given those of the directory above.
///
/// The second value tells what is wrong with the rules there, if anything; the others hold.
pub(crate) fn rules_in(directory: &Path, above: &Rules) -> (Rules, Option<ignore::Error>) {
    let path = directory.join(IGNORE_FILE);
    let mut rules = above.clone();
    if !path.is_file() {
        return (rules, None);
    }
    let mut builder = GitignoreBuilder::new(directory);
    let problem = builder.add(path);
    match builder.build() {
        Ok(found) => {
            rules.push(Arc::new(found));
            (rules, problem)
        }
        Err(error) => (rules, problem.or(Some(error))),
    }
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

    /// Whether a file of this name, relative to the source, would be left out.
    pub(crate) fn covers(&mut self, name: &str) -> bool {
        let path = self.filter.root.join(name);
        if !path.starts_with(&self.filter.root)
            || name.split('/').any(|part| matches!(part, "" | "." | ".."))
        {
            return false;
        }
        let mut directory = self.filter.root.clone();
        let mut rules = self.rules_of(&directory, &Rules::new());
        let mut parts = name.split('/').peekable();
        while let Some(part) = parts.next() {
            directory.push(part);
            if parts.peek().is_none() {
                break;
            }
            if self.filter.skips_directory(&directory, &rules) {
                return true;
            }
            rules = self.rules_of(&directory, &rules);
        }
        self.filter.skips_file(&path, &rules)
    }

    fn rules_of(&mut self, directory: &Path, above: &Rules) -> Rules {
        if let Some(rules) = self.rules.get(directory) {
            return rules.clone();
        }
        if self.rules.len() >= REMEMBERED_DIRECTORIES {
            self.rules.clear();
        }
        let (rules, _) = rules_in(directory, above);
        self.rules.insert(directory.to_owned(), rules.clone());
        rules
    }
}
