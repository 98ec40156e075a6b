//! Source and destination together: which way the bytes go, and what forbids it before anything starts.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use longshore_azure::Environment;
use longshore_sync::Direction;

use super::parse::Place;
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// A source that is there as far as this machine can tell, and a destination beside it.
#[derive(Debug)]
pub(crate) struct Route {
    /// What is to be held.
    pub(crate) source: Place,
    /// Where it is to stand.
    pub(crate) destination: Place,
    /// Which way the bytes go.
    pub(crate) direction: Direction,
}

impl Route {
    /// The way of `sync`: a directory as destination of a container gets plain files, and as that of another
    /// directory what a container would get.
    ///
    /// # Errors
    ///
    /// A failure with status 64 for what is no place and for places that lie within one another, and 1 for a source
    /// that is not there or cannot be read.
    pub(crate) fn parse(
        source: &OsStr,
        destination: &OsStr,
        environment: &Environment,
    ) -> Result<Self, Failure> {
        let source = Place::parse(source, environment)?;
        let destination = Place::parse(destination, environment)?;
        let direction = match (&source, &destination) {
            (Place::Directory(_), _) => Direction::Up,
            (_, Place::Directory(_)) => Direction::Down,
            _ => Direction::Across,
        };
        Self::checked(source, destination, direction)
    }

    /// The way of a plan, or of a download, which was settled before.
    ///
    /// # Errors
    ///
    /// Those of [`Route::parse`].
    pub(crate) fn checked(
        source: Place,
        destination: Place,
        direction: Direction,
    ) -> Result<Self, Failure> {
        if let Some(directory) = source.local_directory() {
            readable(directory)?;
        }
        let route = Self {
            source,
            destination,
            direction,
        };
        // What is pruned is source and destination in one.
        if direction != Direction::Prune && route.lies_within_itself() {
            return Err(Failure::usage(
                format!(
                    "the source `{}` and the destination `{}` lie within one another",
                    route.source, route.destination
                ),
                "name a destination beside the source",
            ));
        }
        Ok(route)
    }

    /// Refuses backups that the next run would take for a part of the source.
    ///
    /// # Errors
    ///
    /// A failure with status 64.
    pub(crate) fn check_backups(&self, prefix: Option<&str>) -> Result<(), Failure> {
        match prefix {
            Some(prefix)
                if self.direction == Direction::Across
                    && self.source.container() == self.destination.container()
                    && is_within(prefix.trim_end_matches('/'), self.source.prefix()) =>
            {
                Err(Failure::usage(
                    format!(
                        "the backups below `{prefix}` would lie within the source `{}`",
                        self.source
                    ),
                    "name a prefix beside the source",
                ))
            }
            _ => Ok(()),
        }
    }

    /// Each run would find what the last one wrote.
    fn lies_within_itself(&self) -> bool {
        let (source, destination) = (&self.source, &self.destination);
        if source.container().is_some() && source.container() == destination.container() {
            let (from, to) = (source.prefix(), destination.prefix());
            return is_within(from, to) || is_within(to, from);
        }
        match (source.local_directory(), destination.local_directory()) {
            (Some(from), Some(to)) => {
                let (from, to) = (resolved(from), resolved(to));
                // Containers of one stand-in lie beside one another.
                let is_shared = from == to && source.is_stand_in() && destination.is_stand_in();
                !is_shared && (from.starts_with(&to) || to.starts_with(&from))
            }
            _ => false,
        }
    }
}

/// Whether a folder of a container is another one or lies in it; the empty name is the container itself.
fn is_within(inner: &str, outer: &str) -> bool {
    inner
        .strip_prefix(outer)
        .is_some_and(|rest| outer.is_empty() || rest.is_empty() || rest.starts_with('/'))
}

fn readable(path: &Path) -> Result<(), Failure> {
    let failed = |cause: &std::io::Error| {
        let message = format!("cannot read the source directory `{}`", path.display());
        Failure::because(ExitStatus::Failed, message, cause)
    };
    match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {}
        Ok(_) => {
            return Err(Failure::usage(
                format!("the source `{}` is a file", path.display()),
                "name its directory, and choose the file with `--include /NAME`",
            ));
        }
        Err(error) => {
            let hint = "check the path; nothing was changed in the destination".to_owned();
            return Err(failed(&error).hint(hint));
        }
    }
    match path.read_dir() {
        Ok(_) => Ok(()),
        Err(error) => Err(failed(&error).hint("give this user the right to read it".to_owned())),
    }
}

/// The path without links, as far as it is there.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let found = absolute
        .ancestors()
        .find_map(|known| Some((known, known.canonicalize().ok()?)));
    match found {
        Some((known, real)) => match absolute.strip_prefix(known) {
            Ok(rest) if rest.as_os_str().is_empty() => real,
            Ok(rest) => real.join(rest),
            Err(_) => absolute,
        },
        None => absolute,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(source: &str, destination: &str) -> Result<Route, Failure> {
        let (source, destination) = (OsStr::new(source), OsStr::new(destination));
        Route::parse(source, destination, &Environment::default())
    }

    fn text(path: &Path) -> String {
        path.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_missing_source_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let typo = text(&folder.path().join("typo"));
        for source in [typo.clone(), format!("drydock:{typo}")] {
            let failure = check(&source, "az://contoso/apps").unwrap_err();
            assert_eq!(failure.status, ExitStatus::Failed);
            assert!(failure.story.hint.unwrap().contains("nothing was changed"));
        }
    }

    #[test]
    fn a_file_or_nothing_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs_err::write(&file, "x").unwrap();
        for source in [text(&file), String::new()] {
            let failure = check(&source, "az://contoso/apps").unwrap_err();
            assert_eq!(failure.status, ExitStatus::Usage, "{source}");
        }
    }

    #[test]
    fn the_places_tell_the_direction() {
        let folder = tempfile::tempdir().unwrap();
        let directory = text(folder.path());
        let direction = |source, destination| check(source, destination).unwrap().direction;
        assert_eq!(direction(&directory, "az://contoso/apps"), Direction::Up);
        assert_eq!(direction(&directory, "target"), Direction::Up);
        assert_eq!(direction("az://contoso/apps", &directory), Direction::Down);
        assert_eq!(
            direction("az://contoso/apps", "az://fabrikam/apps"),
            Direction::Across
        );
    }

    #[test]
    fn directories_lie_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (source, inner) = (folder.path().join("a"), folder.path().join("a/b"));
        fs_err::create_dir_all(&inner).unwrap();
        let (source, inner) = (text(&source), text(&inner));
        assert!(check(&source, &inner).is_err());
        assert!(check(&source, &format!("{inner}/not/yet")).is_err());
        assert!(check(&inner, &source).is_err());
        assert!(check(&source, &source).is_err());
        assert!(check(&source, &format!("drydock:{inner}")).is_err());
        assert!(check(&format!("drydock:{source}"), &inner).is_err());
        assert!(check(&format!("drydock:{source}"), &format!("drydock:{inner}")).is_err());
        assert!(check(&source, &text(&folder.path().join("ab"))).is_ok());
        assert!(check(&inner, &text(&folder.path().join("a/c"))).is_ok());
    }

    #[test]
    fn folders_of_one_container_lie_apart() {
        let folder = tempfile::tempdir().unwrap();
        let stand_in = format!("drydock:{}", text(folder.path()));
        for base in ["az://contoso", &format!("{stand_in}#")] {
            let base = if base.ends_with('#') {
                base.to_owned()
            } else {
                format!("{base}/")
            };
            let pair =
                |from: &str, to: &str| check(&format!("{base}{from}"), &format!("{base}{to}"));
            assert!(pair("apps", "apps").is_err(), "{base}");
            assert!(pair("apps/a", "apps").is_err(), "{base}");
            assert!(pair("apps/a", "apps/a/b").is_err(), "{base}");
            assert!(pair("apps/a", "apps/ab").is_ok(), "{base}");
            assert!(pair("apps", "other").is_ok(), "{base}");
        }
        let same = check(
            "az://contoso/apps",
            "https://contoso.blob.core.windows.net/apps/x",
        );
        assert!(same.is_err());
    }

    #[test]
    fn backups_stand_beside_the_source() {
        let route = check("az://contoso/apps/live", "az://contoso/apps/copy").unwrap();
        assert!(route.check_backups(Some("live/old/")).is_err());
        assert!(route.check_backups(Some("copy/old/")).is_ok());
        assert!(route.check_backups(Some("lively/")).is_ok());
        assert!(route.check_backups(None).is_ok());
    }
}
