//! Which library is meant, and where it stands: by its manifest, or by the place itself.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use longshore_manifest::{LibraryName, Manifest};
use longshore_mirror::{Releases, Shelf};

use super::doors::Doors;
use crate::args::SubjectArgs;
use crate::commands::run::Context;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::place::{Container, Place};

/// A library as the command line names it.
#[derive(Debug)]
pub(super) struct Subject {
    /// The manifest, where one was named.
    pub(super) manifest: Option<Manifest>,
    /// Its file.
    pub(super) path: Option<PathBuf>,
    /// Where the library stands.
    pub(super) place: Place,
}

impl Subject {
    /// Reads what stands on the command line: a directory and everything remote are places, all else is a manifest.
    ///
    /// # Errors
    ///
    /// A failure with status 78 for a manifest that cannot be used, and 64 for what is neither.
    pub(super) fn parse(
        text: &OsStr,
        destination: Option<&OsStr>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let place = Place::parse(text, &context.environment)?;
        let path = match place {
            Place::Directory(path) if !path.is_dir() => path,
            place => {
                place.must_exist()?;
                return Ok(Self {
                    manifest: None,
                    path: None,
                    place,
                });
            }
        };
        let manifest = read(&path)?;
        let place = destination_of(&manifest, destination, context)?;
        place.must_exist()?;
        Ok(Self {
            manifest: Some(manifest),
            path: Some(path),
            place,
        })
    }

    /// Where its blobs are.
    ///
    /// # Errors
    ///
    /// Those of [`Doors::open`].
    pub(super) async fn shelf(&self, doors: &Doors) -> Result<Shelf, Failure> {
        let Container { store, prefix } = doors.open(&self.place).await?;
        Ok(Shelf::new(store, prefix))
    }

    /// Its releases, and the manifest for whoever wants to know more.
    ///
    /// # Errors
    ///
    /// Those of [`Doors::open`], and a usage failure when a place holds several libraries and none is named.
    pub(super) async fn releases(
        args: &SubjectArgs,
        doors: &Doors,
        context: &Context,
    ) -> Result<(Self, Releases), Failure> {
        let destination = args.destination.destination.as_deref();
        let subject = Self::parse(&args.subject, destination, context)?;
        let shelf = subject.shelf(doors).await?;
        let named = args.library.clone();
        let of_manifest = subject.manifest.as_ref().map(|it| it.library.name.clone());
        let library = match named.or(of_manifest) {
            Some(library) => library,
            None => only_library(&shelf, &subject.place).await?,
        };
        Ok((subject, Releases::new(shelf, library)))
    }

    /// How the command line names it, for whoever is to write the next one.
    pub(super) fn shown(&self) -> String {
        match &self.path {
            Some(path) => path.display().to_string(),
            None => self.place.to_string(),
        }
    }
}

async fn only_library(shelf: &Shelf, place: &Place) -> Result<LibraryName, Failure> {
    let found = Releases::libraries(shelf).await;
    let mut found = found.map_err(|error| Failure::from(&error))?;
    match found.len() {
        1 => Ok(found.remove(0)),
        0 => Err(Failure::new(
            ExitStatus::Failed,
            format!("no library has a release in `{place}`"),
        )
        .hint("publish one with `longshore stage`, or check the place".to_owned())),
        _ => {
            let names: Vec<&str> = found.iter().map(LibraryName::as_str).collect();
            let message = format!(
                "there are several libraries in `{place}`: {}",
                names.join(", ")
            );
            Err(Failure::usage(message, "name one with `--library`"))
        }
    }
}

/// Reads a manifest without its lock.
fn read(path: &Path) -> Result<Manifest, Failure> {
    let text = fs_err::read_to_string(path).map_err(|error| {
        let message = format!("cannot read the manifest `{}`", path.display());
        Failure::because(ExitStatus::Configuration, message, &error)
            .hint("name a manifest, or a place such as az://contoso/apps".to_owned())
    })?;
    Manifest::parse(&text).map_err(|errors| Failure::of_manifest(path, &errors))
}

/// Where a library stands: where the command line says, or its manifest.
///
/// # Errors
///
/// A usage failure when neither says it.
pub(super) fn destination_of(
    manifest: &Manifest,
    given: Option<&OsStr>,
    context: &Context,
) -> Result<Place, Failure> {
    let given = given.filter(|text| !text.is_empty());
    let text = match (given, &manifest.library.destination) {
        (Some(text), _) => text,
        (None, Some(text)) => OsStr::new(text),
        (None, None) => {
            return Err(Failure::usage(
                "the manifest names no destination",
                "name one with `--destination`, or as `destination` below `[library]`",
            ));
        }
    };
    Place::parse(text, &context.environment)
}
