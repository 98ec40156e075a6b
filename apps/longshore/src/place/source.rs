//! The directory to be staged, checked before anything starts.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use super::parse::{Place, looks_remote};
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// A directory that is there.
#[derive(Debug)]
pub(crate) struct Source {
    path: PathBuf,
}

impl Source {
    /// Checks it; the destination is looked at only to tell a mix-up.
    ///
    /// # Errors
    ///
    /// A failure with status 64 for what is no directory of this machine by its name, and 1 for one that is not there
    /// or cannot be read.
    pub(crate) fn check(source: &OsStr, destination: &OsStr) -> Result<Self, Failure> {
        let text = source.to_string_lossy();
        if looks_remote(&text) || text.starts_with("drydock:") {
            let hint = if Path::new(destination).is_dir() {
                "downloads come later; to upload, name the directory first: `longshore sync DIR DST`"
            } else {
                "copies between accounts and downloads come later"
            };
            return Err(Failure::usage(
                "the source must be a directory of this machine",
                hint,
            ));
        }
        if text.is_empty() {
            return Err(Failure::usage(
                "the source is empty",
                "is a variable of the script unset?",
            ));
        }
        let path = PathBuf::from(source);
        readable(&path)?;
        Ok(Self { path })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Refuses a destination within the source, or around it: each run would find what the last one wrote.
    ///
    /// # Errors
    ///
    /// A failure with status 64.
    pub(crate) fn stands_apart_from(&self, place: &Place) -> Result<(), Failure> {
        let Some(directory) = place.local_directory() else {
            return Ok(());
        };
        let (source, destination) = (resolved(&self.path), resolved(directory));
        if source.starts_with(&destination) || destination.starts_with(&source) {
            return Err(Failure::usage(
                format!(
                    "the source `{}` and the destination `{}` lie within one another",
                    self.path.display(),
                    directory.display()
                ),
                "name a destination beside the source",
            ));
        }
        Ok(())
    }
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
fn resolved(path: &Path) -> PathBuf {
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
    use longshore_azure::Environment;

    use super::*;

    fn check(source: &Path, destination: &str) -> Result<(), Failure> {
        let destination = OsStr::new(destination);
        let place = Place::parse(destination, &Environment::default())?;
        Source::check(source.as_os_str(), destination)?.stands_apart_from(&place)
    }

    #[test]
    fn a_missing_source_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let failure = check(&folder.path().join("typo"), "az://contoso/apps").unwrap_err();
        assert_eq!(failure.status, ExitStatus::Failed);
        assert!(failure.story.hint.unwrap().contains("nothing was changed"));
    }

    #[test]
    fn a_file_or_a_url_is_no_source() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        fs_err::write(&file, "x").unwrap();
        for source in [
            file.as_path(),
            Path::new("az://contoso/apps"),
            Path::new(""),
        ] {
            let failure = check(source, "az://contoso/apps").unwrap_err();
            assert_eq!(failure.status, ExitStatus::Usage, "{}", source.display());
        }
    }

    #[test]
    fn swapped_operands_are_recognised() {
        let folder = tempfile::tempdir().unwrap();
        let directory = folder.path().to_str().unwrap();
        let failure = check(Path::new("az://contoso/apps"), directory).unwrap_err();
        assert!(
            failure
                .story
                .hint
                .unwrap()
                .contains("name the directory first")
        );
    }

    #[test]
    fn source_and_destination_lie_apart() {
        let folder = tempfile::tempdir().unwrap();
        let (source, inner) = (folder.path().join("a"), folder.path().join("a/b"));
        fs_err::create_dir_all(&inner).unwrap();
        let text = |path: &Path| path.to_str().unwrap().to_owned();
        assert!(check(&source, &text(&inner)).is_err());
        assert!(check(&source, &text(&inner.join("not/yet"))).is_err());
        assert!(check(&inner, &text(&source)).is_err());
        assert!(check(&source, &text(&source)).is_err());
        assert!(check(&source, &format!("drydock:{}", text(&inner))).is_err());
        assert!(check(&source, &text(&folder.path().join("ab"))).is_ok());
        assert!(check(&inner, &text(&folder.path().join("a/c"))).is_ok());
    }
}
