//! Where blobs are: the address of a container, with a prefix if wanted.
//!
//! A location never holds a secret: a shared access signature in the text is split off while parsing.
//! It knows nothing of credentials or transports. See DESIGN, section 4.

mod error;
mod host;
mod names;
mod parse;
#[cfg(test)]
mod tests;

use std::fmt;

use azure_core::cloud::{CloudConfiguration, CustomConfiguration};
use serde::Serialize;
use url::Url;

pub use error::LocationError;

use crate::environment::Environment;
use crate::secret::SasToken;

/// Which Azure a location belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cloud {
    /// The public cloud.
    Public,
    /// Azure Government of the United States.
    UsGovernment,
    /// Azure operated by 21Vianet.
    China,
    /// The former German cloud.
    Germany,
    /// A custom domain, an emulator, or a cloud that is not known here.
    Other,
}

impl Cloud {
    /// Where its identities sign in; `AZURE_AUTHORITY_HOST` outranks it.
    pub(crate) fn authority(self, environment: &Environment) -> CloudConfiguration {
        let custom = |host: &str| {
            let mut configuration = CustomConfiguration::default();
            host.clone_into(&mut configuration.authority_host);
            CloudConfiguration::Custom(configuration)
        };
        if let Some(host) = environment.get("AZURE_AUTHORITY_HOST") {
            // The Azure tools take the bare host too.
            return if host.contains("://") {
                custom(host)
            } else {
                custom(&format!("https://{host}"))
            };
        }
        match self {
            Self::Public | Self::Other => CloudConfiguration::AzurePublic,
            Self::UsGovernment => CloudConfiguration::AzureGovernment,
            Self::China => CloudConfiguration::AzureChina,
            Self::Germany => custom("https://login.microsoftonline.de"),
        }
    }
}

/// A container in a storage account, and a prefix in it.
///
/// ```
/// use longshore_azure::{BlobLocation, Environment};
///
/// let text = "https://contoso.blob.core.windows.net/apps/windows%20server/?sp=rl&sig=c2VjcmV0";
/// let parsed = BlobLocation::parse(text, &Environment::default()).unwrap();
/// assert_eq!(parsed.location.account(), Some("contoso"));
/// assert_eq!(parsed.location.container(), "apps");
/// assert_eq!(parsed.location.prefix(), "windows server");
/// assert_eq!(
///     parsed.location.to_string(),
///     "https://contoso.blob.core.windows.net/apps/windows%20server",
/// );
/// assert!(parsed.sas.is_some());
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct BlobLocation {
    account: Option<String>,
    container: String,
    prefix: String,
    service_url: Url,
    cloud: Cloud,
    emulator: bool,
}

/// What [`BlobLocation::parse`] made of a text.
#[derive(Clone, Debug)]
pub struct ParsedLocation {
    /// The address, without any secret.
    pub location: BlobLocation,
    /// The shared access signature that stood in the text.
    pub sas: Option<SasToken>,
}

impl BlobLocation {
    /// Reads a location as people write it.
    ///
    /// Understood are `https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX][?SAS]`, the same under other
    /// clouds, custom domains and path-style emulator endpoints, `az://ACCOUNT/CONTAINER[/PREFIX]` (also
    /// `azure://`), and `abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PREFIX`.
    /// `AZURE_STORAGE_ENDPOINT` and a connection string in the environment tell where an account is served.
    ///
    /// # Errors
    ///
    /// Every [`LocationError`]; each says what to write instead.
    pub fn parse(text: &str, environment: &Environment) -> Result<ParsedLocation, LocationError> {
        parse::parse(text, environment)
    }

    /// The storage account; none behind a custom domain that does not tell.
    pub fn account(&self) -> Option<&str> {
        self.account.as_deref()
    }

    /// The container.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The prefix as blob names have it: decoded, without slashes at its ends, empty if there is none.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Another folder of the same container.
    #[must_use]
    pub fn with_prefix(&self, prefix: &str) -> Self {
        Self {
            prefix: prefix.trim_matches('/').to_owned(),
            ..self.clone()
        }
    }

    /// The blob service's endpoint; with the account as path where the endpoint is path-style.
    pub fn service_url(&self) -> Url {
        self.service_url.clone()
    }

    /// The container's URL.
    pub fn container_url(&self) -> Url {
        self.url_of([self.container.as_str()])
    }

    /// Which Azure this is.
    pub const fn cloud(&self) -> Cloud {
        self.cloud
    }

    /// Whether the endpoint is path-style, as only emulators and stand-ins are.
    pub const fn is_emulator(&self) -> bool {
        self.emulator
    }

    fn url_of<'s>(&self, segments: impl IntoIterator<Item = &'s str>) -> Url {
        let mut url = self.service_url.clone();
        if let Ok(mut path) = url.path_segments_mut() {
            path.pop_if_empty().extend(segments);
        }
        url
    }
}

impl fmt::Display for BlobLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = self.prefix.split('/').filter(|_| !self.prefix.is_empty());
        let url = self.url_of(std::iter::once(self.container.as_str()).chain(prefix));
        f.write_str(url.as_str())
    }
}

impl fmt::Debug for BlobLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BlobLocation({self})")
    }
}
