//! Reading a source or a destination.

use std::ffi::OsStr;
use std::fmt;
use std::path::{Path, PathBuf};

use longshore_azure::{BlobLocation, Environment, LocationError, ParsedLocation, SasToken};

use super::route::resolved;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::redact::redact;

/// What begins the name of a stand-in.
const DRYDOCK: &str = "drydock:";

/// The container of a stand-in unless said.
const DEFAULT_CONTAINER: &str = "library";

/// Where blobs stand.
#[derive(Debug, Clone)]
pub(crate) enum Place {
    /// In a storage account.
    Account {
        /// Where.
        location: BlobLocation,
        /// The signature that stood in the URL.
        sas: Option<SasToken>,
    },
    /// In an embedded stand-in.
    Drydock {
        /// Where its data live.
        directory: PathBuf,
        /// The container.
        container: String,
        /// The folder in it; empty, or without slashes at its ends.
        prefix: String,
    },
    /// In a directory.
    Directory(PathBuf),
}

impl Place {
    /// Reads what stands on the command line.
    ///
    /// # Errors
    ///
    /// A failure with status 64 for what is no place, and 78 for variables that cannot be read.
    pub(crate) fn parse(text: &OsStr, environment: &Environment) -> Result<Self, Failure> {
        let Some(unicode) = text.to_str() else {
            return Self::directory(text);
        };
        if let Some(rest) = unicode.strip_prefix(DRYDOCK) {
            return Self::drydock(rest);
        }
        if !looks_remote(unicode) {
            return Self::directory(text);
        }
        let ParsedLocation { location, sas } = BlobLocation::parse(unicode, environment)
            .map_err(|error| Self::refused(unicode, &error))?;
        Ok(Self::Account { location, sas })
    }

    fn drydock(rest: &str) -> Result<Self, Failure> {
        let (directory, inside) = rest.split_once('#').unwrap_or((rest, ""));
        let inside = inside.trim_matches('/');
        let (container, prefix) = inside.split_once('/').unwrap_or((inside, ""));
        if directory.is_empty() {
            return Err(Failure::usage(
                "the directory of the stand-in is missing",
                "write drydock:DIR[#CONTAINER[/PREFIX]], such as drydock:./stand-in",
            ));
        }
        Ok(Self::Drydock {
            directory: directory.into(),
            container: match container {
                "" => DEFAULT_CONTAINER.to_owned(),
                name => name.to_owned(),
            },
            prefix: prefix.trim_matches('/').to_owned(),
        })
    }

    /// Reads what can only be a directory.
    ///
    /// # Errors
    ///
    /// A failure with status 64 when nothing is named, or plainly no directory.
    pub(crate) fn parse_directory(text: &OsStr) -> Result<Self, Failure> {
        let unicode = text.to_string_lossy();
        if unicode.starts_with(DRYDOCK) || looks_remote(&unicode) {
            return Err(Failure::usage(
                format!("`{}` is no directory of this machine", redact(&unicode)),
                "name a directory",
            ));
        }
        Self::directory(text)
    }

    fn directory(text: &OsStr) -> Result<Self, Failure> {
        if text.is_empty() {
            return Err(Failure::usage(
                "a place is empty",
                "is a variable of the script unset?",
            ));
        }
        Ok(Self::Directory(text.into()))
    }

    fn refused(text: &str, error: &LocationError) -> Failure {
        let shown = redact(text.split('?').next().unwrap_or_default()).into_owned();
        let status = ExitStatus::of_location(error);
        // A connection string is a secret as a whole.
        let message = if matches!(
            error,
            LocationError::ConnectionString | LocationError::UserInfo
        ) {
            "cannot use this place".to_owned()
        } else {
            format!("cannot use the place `{shown}`")
        };
        Failure::because(status, message, error)
    }

    /// The same as a plan names it for whoever applies it.
    ///
    /// # Errors
    ///
    /// A failure with status 64 for a path that no text can name.
    pub(crate) fn to_text(&self) -> Result<String, Failure> {
        match self.local_directory() {
            Some(path) if path.to_str().is_none() => Err(Failure::usage(
                format!("a plan cannot name `{}`", path.display()),
                "the path is not Unicode; reach it by another name, such as a link",
            )),
            _ => Ok(self.to_string()),
        }
    }

    /// The directory that the place keeps on this machine, when it does.
    pub(crate) fn local_directory(&self) -> Option<&Path> {
        match self {
            Self::Account { .. } => None,
            Self::Drydock { directory, .. } | Self::Directory(directory) => Some(directory),
        }
    }

    /// For commands that only look, which makes nothing.
    ///
    /// # Errors
    ///
    /// A failure with status 1 when its directory is not there.
    pub(crate) fn must_exist(&self) -> Result<(), Failure> {
        match self.local_directory() {
            Some(directory) if !directory.is_dir() => Err(Failure::new(
                ExitStatus::Failed,
                format!("there is no directory `{}`", directory.display()),
            )),
            _ => Ok(()),
        }
    }

    /// The container, by what tells it from all others; none for a directory.
    pub(crate) fn container(&self) -> Option<(String, &str)> {
        match self {
            Self::Account { location, .. } => {
                Some((location.service_url().to_string(), location.container()))
            }
            Self::Drydock {
                directory,
                container,
                ..
            } => Some((
                format!("{DRYDOCK}{}", resolved(directory).display()),
                container,
            )),
            Self::Directory(_) => None,
        }
    }

    /// The folder in the container; empty, or without slashes at its ends.
    pub(crate) fn prefix(&self) -> &str {
        match self {
            Self::Account { location, .. } => location.prefix(),
            Self::Drydock { prefix, .. } => prefix,
            Self::Directory(_) => "",
        }
    }

    /// Another folder of the same container.
    pub(crate) fn with_prefix(&self, folder: &str) -> Self {
        match self {
            Self::Account { location, sas } => Self::Account {
                location: location.with_prefix(folder),
                sas: sas.clone(),
            },
            Self::Drydock {
                directory,
                container,
                ..
            } => Self::Drydock {
                directory: directory.clone(),
                container: container.clone(),
                prefix: folder.to_owned(),
            },
            Self::Directory(directory) => Self::Directory(directory.clone()),
        }
    }

    /// Whether it is in a stand-in.
    pub(crate) const fn is_stand_in(&self) -> bool {
        matches!(self, Self::Drydock { .. })
    }

    /// Whether the container is made without being asked for.
    pub(crate) const fn creates_itself(&self) -> bool {
        !matches!(self, Self::Account { .. })
    }

    /// What is to be said before it is used, each with what to do.
    pub(crate) fn warnings(&self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let sas = matches!(self, Self::Account { sas: Some(_), .. });
        sas.then_some((
            "a shared access signature on the command line is seen by every process of this machine, and by logs",
            "leave it out of the URL, and put it into AZURE_STORAGE_SAS_TOKEN",
        ))
        .into_iter()
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account { location, .. } => write!(f, "{location}"),
            Self::Directory(directory) => write!(f, "{}", directory.display()),
            Self::Drydock {
                directory,
                container,
                prefix,
            } => {
                write!(f, "{DRYDOCK}{}#{container}", directory.display())?;
                if prefix.is_empty() {
                    Ok(())
                } else {
                    write!(f, "/{prefix}")
                }
            }
        }
    }
}

/// Whether a text means something that is not on this machine: what has a scheme, or was meant to have one.
fn looks_remote(text: &str) -> bool {
    let scheme = text
        .split(':')
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let is_scheme = matches!(
        scheme.as_str(),
        "http"
            | "https"
            | "az"
            | "azure"
            | "abfs"
            | "abfss"
            | "adl"
            | "wasb"
            | "wasbs"
            | "s3"
            | "gs"
    ) && text.len() > scheme.len();
    is_scheme
        || text.contains("://")
        || text.contains(".blob.core.")
        || text.contains("AccountName=")
        || text.contains("UseDevelopmentStorage=")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Place, Failure> {
        Place::parse(OsStr::new(text), &Environment::default())
    }

    #[test]
    fn each_kind_of_place_is_read() {
        let check = |text: &str, expect: &str| assert_eq!(parse(text).unwrap().to_string(), expect);
        check("drydock:./d", "drydock:./d#library");
        check("drydock:./d#apps/win/64/", "drydock:./d#apps/win/64");
        check(
            "az://contoso/apps/win",
            "https://contoso.blob.core.windows.net/apps/win",
        );
        check(
            "https://contoso.blob.core.windows.net/apps?sv=1&sig=c2VjcmV0",
            "https://contoso.blob.core.windows.net/apps",
        );
        check("./apps", "./apps");
        check("az", "az");
    }

    #[test]
    fn a_signature_on_the_line_is_warned_of() {
        let place = parse("https://contoso.blob.core.windows.net/apps?sv=1&sig=c2VjcmV0").unwrap();
        assert_eq!(place.warnings().count(), 1);
        assert_eq!(parse("az://contoso/apps").unwrap().warnings().count(), 0);
    }

    #[test]
    fn what_is_no_place_is_refused_without_its_secrets() {
        for text in [
            "",
            "drydock:",
            "az:/contoso/apps",
            "s3://bucket/x",
            "contoso.blob.core.windows.net/apps",
            "https://contoso.blob.core.windows.net/",
            "https://u:c2VjcmV0@contoso.blob.core.windows.net/apps",
            "https://contoso.blob.core.windows.net/apps?sv=1&x=c2VjcmV0",
            "DefaultEndpointsProtocol=https;AccountName=a;AccountKey=c2VjcmV0",
        ] {
            let failure = parse(text).unwrap_err();
            assert_eq!(failure.status, ExitStatus::Usage, "{text}");
            assert!(!format!("{failure:?}").contains("c2VjcmV0"), "{failure:?}");
        }
    }
}
