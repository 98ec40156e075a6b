//! Each way to sign in: what it needs, and whether it is there.

use super::entra::{self, Identity};
use super::{AuthMode, Credential, CredentialError};
use crate::connection_string::{
    ConnectionSecret, ConnectionString, EMULATOR_ACCOUNT, EMULATOR_KEY,
};
use crate::environment::Environment;
use crate::location::BlobLocation;
use crate::secret::{AccountKey, SasToken};

const SAS_VARIABLES: &[&str] = &["AZURE_STORAGE_SAS_TOKEN", "AZURE_STORAGE_SAS_KEY"];
const KEY_VARIABLES: &[&str] = &[
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_ACCESS_KEY",
];
const ACCOUNT_VARIABLES: &[&str] = &["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"];
const CONNECTION_STRING: &str = "AZURE_STORAGE_CONNECTION_STRING";

/// All that a choice depends on.
pub(super) struct Surroundings<'s> {
    pub(super) mode: AuthMode,
    pub(super) location: &'s BlobLocation,
    pub(super) sas: Option<SasToken>,
    pub(super) environment: &'s Environment,
}

/// A candidate's answer.
pub(super) enum Offer {
    Taken {
        credential: Credential,
        source: String,
    },
    Passed(String),
}

impl Offer {
    fn taken(credential: Credential, source: &str) -> Self {
        Self::Taken {
            credential,
            source: source.to_owned(),
        }
    }

    fn unset(names: &[&str]) -> Self {
        let verb = if names.len() == 1 { "is" } else { "are" };
        Self::Passed(format!("{} {verb} not set", names.join(", ")))
    }
}

type Asked = Result<Offer, CredentialError>;

#[expect(
    clippy::unnecessary_wraps,
    reason = "candidates have one signature, and others can fail"
)]
pub(super) fn sas_in_location(around: &Surroundings<'_>) -> Asked {
    Ok(match &around.sas {
        Some(sas) => Offer::taken(Credential::Sas(sas.clone()), "the location"),
        None => Offer::Passed("the location holds none".to_owned()),
    })
}

pub(super) fn sas_in_variable(around: &Surroundings<'_>) -> Asked {
    let Some((variable, text)) = first(around.environment, SAS_VARIABLES) else {
        return Ok(Offer::unset(&SAS_VARIABLES[..1]));
    };
    if let Some(reason) = other_account(around) {
        return Ok(Offer::Passed(format!("{variable} is set, but {reason}")));
    }
    let sas =
        SasToken::parse(text).map_err(|cause| CredentialError::BadSecret { variable, cause })?;
    Ok(Offer::taken(Credential::Sas(sas), variable))
}

pub(super) fn sas_in_connection_string(around: &Surroundings<'_>) -> Asked {
    in_connection_string(around, |connection| match connection.secret() {
        ConnectionSecret::Sas(sas) => Some(Credential::Sas(sas.clone())),
        ConnectionSecret::Key(_) => None,
    })
}

pub(super) fn key_in_connection_string(around: &Surroundings<'_>) -> Asked {
    in_connection_string(around, |connection| match connection.secret() {
        ConnectionSecret::Sas(_) => None,
        ConnectionSecret::Key(key) => Some(Credential::SharedKey {
            account: connection
                .account()
                .or(around.location.account())?
                .to_owned(),
            key: key.clone(),
        }),
    })
}

fn in_connection_string(
    around: &Surroundings<'_>,
    take: impl Fn(&ConnectionString) -> Option<Credential>,
) -> Asked {
    let Some(text) = around.environment.get(CONNECTION_STRING) else {
        return Ok(Offer::unset(&[CONNECTION_STRING]));
    };
    let connection = ConnectionString::parse(text).map_err(CredentialError::ConnectionString)?;
    let Some(credential) = take(&connection) else {
        return Ok(Offer::Passed(format!("{CONNECTION_STRING} holds none")));
    };
    let location = around.location;
    let same_host = connection.endpoint().host_str() == location.service_url().host_str();
    let fits = match (connection.account(), location.account()) {
        (Some(ours), Some(theirs)) => ours == theirs,
        _ => same_host,
    };
    if !fits {
        let named = connection
            .account()
            .or(connection.endpoint().host_str())
            .unwrap_or_default();
        let wanted = location.account().unwrap_or("another host");
        return Ok(Offer::Passed(format!(
            "{CONNECTION_STRING} is for `{named}`, the location for `{wanted}`"
        )));
    }
    Ok(Offer::taken(credential, CONNECTION_STRING))
}

pub(super) fn key_in_variable(around: &Surroundings<'_>) -> Asked {
    let Some((variable, text)) = first(around.environment, KEY_VARIABLES) else {
        return Ok(Offer::unset(&KEY_VARIABLES[..1]));
    };
    if let Some(reason) = other_account(around) {
        return Ok(Offer::Passed(format!("{variable} is set, but {reason}")));
    }
    let named = around
        .environment
        .first(ACCOUNT_VARIABLES)
        .map(|(_, name)| name);
    let Some(account) = around.location.account().or(named) else {
        return Ok(Offer::Passed(format!(
            "{variable} is set, but the host does not tell the account: set AZURE_STORAGE_ACCOUNT"
        )));
    };
    let key =
        AccountKey::parse(text).map_err(|cause| CredentialError::BadSecret { variable, cause })?;
    let account = account.to_owned();
    Ok(Offer::taken(
        Credential::SharedKey { account, key },
        variable,
    ))
}

pub(super) fn emulator_key(around: &Surroundings<'_>) -> Asked {
    let location = around.location;
    if !(location.is_emulator() && location.account() == Some(EMULATOR_ACCOUNT)) {
        return Ok(Offer::Passed(
            "the location is not the emulator's own account".to_owned(),
        ));
    }
    let key = AccountKey::parse(EMULATOR_KEY).map_err(|cause| CredentialError::BadSecret {
        variable: "the emulator's key",
        cause,
    })?;
    let account = EMULATOR_ACCOUNT.to_owned();
    Ok(Offer::taken(
        Credential::SharedKey { account, key },
        "the key that every emulator has",
    ))
}

pub(super) fn github(around: &Surroundings<'_>) -> Asked {
    entra_offer(
        around,
        &[
            "ACTIONS_ID_TOKEN_REQUEST_URL",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
        ],
        Identity::Github,
    )
}

pub(super) fn pipelines(around: &Surroundings<'_>) -> Asked {
    // The Azure CLI task exports the first spelling by itself; people set the second.
    let task = [
        "AZURESUBSCRIPTION_CLIENT_ID",
        "AZURESUBSCRIPTION_TENANT_ID",
        "AZURESUBSCRIPTION_SERVICE_CONNECTION_ID",
    ];
    let people = [
        "AZURE_CLIENT_ID",
        "AZURE_TENANT_ID",
        "AZURE_SERVICE_CONNECTION_ID",
    ];
    let exported = around.environment.get(task[2]).is_some();
    let [client, tenant, connection] = if exported || around.environment.get(people[2]).is_none() {
        task
    } else {
        people
    };
    entra_offer(
        around,
        &[
            "SYSTEM_OIDCREQUESTURI",
            "SYSTEM_ACCESSTOKEN",
            client,
            tenant,
            connection,
        ],
        Identity::Pipelines,
    )
}

pub(super) fn workload(around: &Surroundings<'_>) -> Asked {
    entra_offer(
        around,
        &[
            "AZURE_FEDERATED_TOKEN_FILE",
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
        ],
        Identity::Workload,
    )
}

pub(super) fn client_secret(around: &Surroundings<'_>) -> Asked {
    entra_offer(
        around,
        &["AZURE_CLIENT_SECRET", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"],
        Identity::ClientSecret,
    )
}

pub(super) fn client_certificate(around: &Surroundings<'_>) -> Asked {
    entra_offer(
        around,
        &[
            "AZURE_CLIENT_CERTIFICATE_PATH",
            "AZURE_CLIENT_ID",
            "AZURE_TENANT_ID",
        ],
        Identity::ClientCertificate,
    )
}

/// Nothing but its endpoint tells a machine's identity, and asking for it where there is none takes long; so unless it
/// is named, it needs a sign that it is meant.
pub(super) fn managed_identity(around: &Surroundings<'_>) -> Asked {
    let environment = around.environment;
    let user_assigned = (environment.get("AZURE_TENANT_ID").is_none())
        .then(|| first(environment, &["AZURE_CLIENT_ID", "AZURE_MSI_RES_ID"]))
        .flatten();
    let sign = first(environment, &["IDENTITY_ENDPOINT", "MSI_ENDPOINT"]).or(user_assigned);
    let source = match sign {
        Some((variable, _)) => variable,
        None if around.mode == AuthMode::ManagedIdentity => "--auth managed-identity",
        None => {
            return Ok(Offer::Passed(
                "IDENTITY_ENDPOINT is not set; on a virtual machine use --auth managed-identity"
                    .to_owned(),
            ));
        }
    };
    let credential = entra::build(Identity::Managed, &[], around, source)?;
    Ok(Offer::taken(credential, source))
}

pub(super) fn azure_cli(around: &Surroundings<'_>) -> Asked {
    let credential = entra::build(Identity::Cli, &[], around, "az login")?;
    Ok(Offer::taken(credential, "az login"))
}

/// Offers an identity when all of its variables are set; the first of them is the one that is its own.
fn entra_offer(around: &Surroundings<'_>, variables: &[&'static str], identity: Identity) -> Asked {
    let own = variables.first().copied().unwrap_or_default();
    if around.environment.get(own).is_none() {
        return Ok(Offer::unset(&[own]));
    }
    let unset: Vec<_> = variables
        .iter()
        .copied()
        .filter(|variable| around.environment.get(variable).is_none())
        .collect();
    if !unset.is_empty() {
        return Ok(Offer::unset(&unset));
    }
    let credential = entra::build(identity, variables, around, own)?;
    Ok(Offer::taken(credential, own))
}

/// Why storage variables are not meant for this location, if they say so.
fn other_account(around: &Surroundings<'_>) -> Option<String> {
    let (variable, named) = first(around.environment, ACCOUNT_VARIABLES)?;
    let account = around.location.account()?;
    (named != account).then(|| format!("{variable} names `{named}`, the location `{account}`"))
}

fn first<'e>(
    environment: &'e Environment,
    names: &[&'static str],
) -> Option<(&'static str, &'e str)> {
    environment.first(names)
}
