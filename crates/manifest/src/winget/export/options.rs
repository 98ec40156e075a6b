//! What a release does not say, and winget's manifests need.

use super::ExportError;
use crate::winget::{ManifestVersion, Scope};

/// How winget is told to read the blobs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Authentication {
    /// Without signing in: the blobs are public.
    None,
    /// As the user or the machine's identity, with Microsoft Entra ID.
    #[default]
    EntraBlob,
}

/// What a release does not say, and winget's manifests need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportOptions {
    /// How winget reads the blobs.
    pub authentication: Authentication,
    /// Who publishes what has no publisher in the manifest; the name of the library unless said.
    pub publisher: Option<String>,
    /// The licence.
    pub license: String,
    /// What a package is, in a line; its name and that of the library unless said.
    pub short_description: Option<String>,
    /// The language that names and descriptions are written in.
    pub locale: String,
    /// The version of the format that is written: older clients of winget refuse newer ones.
    pub manifest_version: ManifestVersion,
    /// For whom the installers install, where all of them do so for the same.
    pub scope: Option<Scope>,
}

impl Default for ExportOptions {
    fn default() -> Self {
        Self {
            authentication: Authentication::default(),
            publisher: None,
            license: "Proprietary".to_owned(),
            short_description: None,
            locale: "en-US".to_owned(),
            manifest_version: ManifestVersion::NEWEST,
            scope: None,
        }
    }
}

/// Whether the options can stand in winget's manifests.
pub(super) fn check_options(options: &ExportOptions) -> Result<(), ExportError> {
    let refuse = |option, text: &str, rule| {
        Err(ExportError::Option {
            option,
            text: text.chars().take(80).collect(),
            rule,
        })
    };
    if !has_length(&options.license, 3..=512) {
        return refuse("the licence", &options.license, "3 to 512 characters");
    }
    if let Some(publisher) = &options.publisher
        && !has_length(publisher, 2..=256)
    {
        return refuse("the publisher", publisher, "2 to 256 characters");
    }
    if let Some(description) = &options.short_description
        && !has_length(description, 3..=256)
    {
        return refuse("the short description", description, "3 to 256 characters");
    }
    if !is_locale(&options.locale) {
        return refuse("the locale", &options.locale, "a language, such as `en-US`");
    }
    if options.authentication == Authentication::EntraBlob
        && options.manifest_version < ManifestVersion::FIRST_WITH_AUTHENTICATION
    {
        let version = options.manifest_version.to_string();
        return refuse(
            "the manifest version",
            &version,
            "private blobs need 1.10.0 or newer",
        );
    }
    Ok(())
}

pub(super) fn has_length(text: &str, length: std::ops::RangeInclusive<usize>) -> bool {
    length.contains(&text.chars().count())
}

fn is_locale(text: &str) -> bool {
    let mut parts = text.split('-');
    let is_part = |part: &str| (1..=8).contains(&part.len()) && is_letters(part);
    text.len() <= 20
        && parts
            .next()
            .is_some_and(|part| (2..=3).contains(&part.len()) && is_letters(part))
        && parts.all(is_part)
}

fn is_letters(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphabetic())
}
