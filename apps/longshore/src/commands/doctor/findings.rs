//! What can be found out without sending anything.

use etcetera::BaseStrategy as _;
use longshore_azure::{BlobLocation, Cloud, CredentialChoice, SafeUrl};
use serde::Serialize;
use url::Url;

use super::super::run::Context;
use super::account_of;
use super::probe::Probe;
use crate::exit::ExitStatus;
use crate::failure::{Failure, Story};
use crate::place::{Place, sign_in};
use crate::variables::{PROXIES, azcopy_hints};

/// All that `doctor` tells.
#[derive(Debug, Serialize)]
pub(super) struct Findings {
    /// The version of this program.
    pub(super) version: &'static str,
    /// The destination, when one was given.
    pub(super) destination: Option<Destination>,
    /// As whom it would be used.
    pub(super) credential: Option<Credential>,
    /// What bounds a run.
    pub(super) limits: Limits,
    /// The proxies in effect.
    pub(super) proxies: Vec<Variable>,
    /// Where digests are remembered.
    pub(super) cache_directory: Option<String>,
    /// What somebody may have meant otherwise.
    pub(super) hints: Vec<String>,
    /// The outcome of one request.
    pub(super) probe: Option<Probe>,
    /// What the process ends with.
    #[serde(rename = "exit_code", serialize_with = "code")]
    pub(super) status: ExitStatus,
}

/// A destination, taken apart.
#[derive(Debug, Serialize)]
pub(super) struct Destination {
    pub(super) place: String,
    pub(super) endpoint: Option<String>,
    pub(super) account: Option<String>,
    pub(super) container: Option<String>,
    pub(super) prefix: Option<String>,
    pub(super) cloud: Option<Cloud>,
}

/// Who would sign in.
#[derive(Debug, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Credential {
    /// This one, for these reasons.
    Chosen(CredentialChoice),
    /// Nobody can.
    Refused(Story),
}

/// The limits in effect.
#[derive(Debug, Serialize)]
pub(super) struct Limits {
    pub(super) concurrency: usize,
    pub(super) max_requests_per_second: Option<u32>,
    pub(super) max_bytes_per_second: Option<u64>,
    pub(super) max_retries: u32,
    pub(super) connect_timeout_seconds: u64,
}

/// A variable that is set.
#[derive(Debug, Serialize)]
pub(super) struct Variable {
    pub(super) name: &'static str,
    pub(super) value: String,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes fields so")]
fn code<S: serde::Serializer>(status: &ExitStatus, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u8(status.code())
}

impl Findings {
    /// Looks at flags and environment.
    pub(super) fn gather(place: Option<&Place>, context: &Context) -> Self {
        let (credential, status) = credential(place, context);
        let mut hints = azcopy_hints(&context.environment);
        if let Some(place) = place {
            hints.extend(
                place
                    .warnings()
                    .map(|(message, hint)| format!("{message}; {hint}")),
            );
        }
        Self {
            version: env!("CARGO_PKG_VERSION"),
            destination: place.map(destination),
            credential,
            limits: limits(context),
            proxies: proxies(context),
            cache_directory: etcetera::choose_base_strategy()
                .ok()
                .map(|base| base.cache_dir().join("longshore").display().to_string()),
            hints,
            probe: None,
            status,
        }
    }
}

fn destination(place: &Place) -> Destination {
    let mut destination = Destination {
        place: place.to_string(),
        endpoint: None,
        account: None,
        container: None,
        prefix: None,
        cloud: None,
    };
    if let Place::Account { location, .. } = place {
        destination.endpoint = Some(SafeUrl::from(location.service_url()).to_string());
        destination.account = location.account().map(str::to_owned);
        destination.container = Some(location.container().to_owned());
        destination.prefix = Some(location.prefix().to_owned());
        destination.cloud = Some(location.cloud());
    }
    destination
}

/// A stand-in and a directory need nobody to sign in.
fn credential(place: Option<&Place>, context: &Context) -> (Option<Credential>, ExitStatus) {
    let resolved = match place {
        Some(Place::Account { location, sas }) => sign_in(
            context.settings.auth,
            location,
            sas.clone(),
            &context.environment,
        ),
        Some(_) => return (None, ExitStatus::Done),
        None => anywhere(context).and_then(|location| {
            sign_in(context.settings.auth, &location, None, &context.environment)
        }),
    };
    match resolved {
        Ok(credential) => (
            Some(Credential::Chosen(credential.choice)),
            ExitStatus::Done,
        ),
        Err(failure) => (Some(Credential::Refused(*failure.story)), failure.status),
    }
}

/// A container of the account that the environment names, or of any.
fn anywhere(context: &Context) -> Result<BlobLocation, Failure> {
    let account = account_of(&context.environment).unwrap_or_else(|| "account".to_owned());
    BlobLocation::parse(&format!("az://{account}/container"), &context.environment)
        .map(|parsed| parsed.location)
        .map_err(|error| {
            let message = "the environment does not name a usable account";
            Failure::because(ExitStatus::Configuration, message, &error)
        })
}

fn limits(context: &Context) -> Limits {
    let connection = &context.settings.connection;
    Limits {
        concurrency: connection.concurrency,
        max_requests_per_second: connection.max_requests_per_second.map(Into::into),
        max_bytes_per_second: connection.max_bytes_per_second.map(Into::into),
        max_retries: connection.max_retries,
        connect_timeout_seconds: connection.connect_timeout.as_secs(),
    }
}

/// A proxy's URL may hold a password.
fn proxies(context: &Context) -> Vec<Variable> {
    let shown = |text: &str| match Url::parse(text) {
        Ok(url) => SafeUrl::from(url).to_string(),
        Err(_) if text.contains('@') => "set, but no URL".to_owned(),
        Err(_) => text.to_owned(),
    };
    PROXIES
        .iter()
        .filter_map(|name| {
            Some(Variable {
                name,
                value: shown(context.environment.get(name)?),
            })
        })
        .collect()
}
