//! Identities of Entra ID, built from settings that are known to be complete.

use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::ClientOptions;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, ClientAssertion, ClientAssertionCredential,
    ClientAssertionCredentialOptions, ClientSecretCredential, ClientSecretCredentialOptions,
    ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId,
    WorkloadIdentityCredential, WorkloadIdentityCredentialOptions,
};

use super::candidates::Surroundings;
use super::certificate::CertificateAssertion;
use super::metadata::Probed;
use super::oidc::OidcAssertion;
use super::{Credential, CredentialError};
use crate::environment::Environment;
use crate::error::Cause;
use crate::transport;

/// Signing in takes few requests at a time.
const CONCURRENCY: usize = 4;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Which identity to build.
#[derive(Clone, Copy)]
pub(super) enum Identity {
    Github,
    Pipelines,
    Workload,
    ClientSecret,
    ClientCertificate,
    Managed,
    Cli,
}

/// Builds an identity; `variables` are those that its candidate found set, in the candidate's order.
pub(super) fn build(
    identity: Identity,
    variables: &[&'static str],
    around: &Surroundings<'_>,
    source: &str,
) -> Result<Credential, CredentialError> {
    let client = client_options(around);
    let values = Values {
        environment: around.environment,
        variables,
    };
    let token: azure_core::Result<Arc<dyn TokenCredential>> = match identity {
        Identity::Github => {
            let assertion = OidcAssertion::github(values.at(0), values.at(1), client.clone());
            assertion.and_then(|assertion| federated(&values, [2, 3], assertion, client))
        }
        Identity::Pipelines => {
            let assertion =
                OidcAssertion::pipelines(values.at(0), values.at(1), values.at(4), client.clone());
            assertion.and_then(|assertion| federated(&values, [2, 3], assertion, client))
        }
        Identity::ClientCertificate => {
            let assertion =
                CertificateAssertion::load(values.at(0), around, values.at(1), values.at(2))?;
            federated(&values, [1, 2], assertion, client)
        }
        Identity::Workload => workload(&values, client),
        Identity::ClientSecret => client_secret(&values, client),
        Identity::Managed => managed(around.environment, client),
        Identity::Cli => azure_cli(around.environment),
    };
    token
        .map(Credential::Token)
        .map_err(|error| CredentialError::Identity {
            source_name: source.to_owned(),
            cause: Cause::of(&error),
        })
}

/// The values of the variables that a candidate found set.
struct Values<'v> {
    environment: &'v Environment,
    variables: &'v [&'static str],
}

impl<'v> Values<'v> {
    fn at(&self, index: usize) -> &'v str {
        self.variables
            .get(index)
            .and_then(|variable| self.environment.get(variable))
            .unwrap_or_default()
    }
}

fn client_options(around: &Surroundings<'_>) -> ClientOptions {
    let cloud = around.location.cloud().authority(around.environment);
    ClientOptions {
        transport: Some(transport::transport(CONCURRENCY, CONNECT_TIMEOUT)),
        cloud: Some(Arc::new(cloud)),
        ..ClientOptions::default()
    }
}

fn federated<A: ClientAssertion + 'static>(
    values: &Values<'_>,
    [client_id, tenant_id]: [usize; 2],
    assertion: A,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let options = ClientAssertionCredentialOptions { client_options };
    let (tenant_id, client_id) = (
        values.at(tenant_id).to_owned(),
        values.at(client_id).to_owned(),
    );
    Ok(ClientAssertionCredential::new(
        tenant_id,
        client_id,
        assertion,
        Some(options),
    )?)
}

fn workload(
    values: &Values<'_>,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let options = WorkloadIdentityCredentialOptions {
        credential_options: ClientAssertionCredentialOptions { client_options },
        token_file_path: Some(values.at(0).into()),
        client_id: Some(values.at(1).to_owned()),
        tenant_id: Some(values.at(2).to_owned()),
    };
    Ok(WorkloadIdentityCredential::new(Some(options))?)
}

fn client_secret(
    values: &Values<'_>,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let secret = Secret::new(values.at(0).to_owned());
    let options = ClientSecretCredentialOptions { client_options };
    Ok(ClientSecretCredential::new(
        values.at(2),
        values.at(1).to_owned(),
        secret,
        Some(options),
    )?)
}

fn managed(
    environment: &Environment,
    client_options: ClientOptions,
) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let by_client = environment
        .get("AZURE_CLIENT_ID")
        .map(|id| UserAssignedId::ClientId(id.to_owned()));
    let by_resource = || {
        Some(UserAssignedId::ResourceId(
            environment.get("AZURE_MSI_RES_ID")?.to_owned(),
        ))
    };
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: by_client.or_else(by_resource),
        client_options,
    };
    let credential = ManagedIdentityCredential::new(Some(options))?;
    let hosted = environment
        .first(&["IDENTITY_ENDPOINT", "MSI_ENDPOINT"])
        .is_some();
    Ok(if hosted {
        credential
    } else {
        Probed::new(credential)
    })
}

fn azure_cli(environment: &Environment) -> azure_core::Result<Arc<dyn TokenCredential>> {
    let options = AzureCliCredentialOptions {
        tenant_id: environment.get("AZURE_TENANT_ID").map(str::to_owned),
        ..AzureCliCredentialOptions::default()
    };
    Ok(AzureCliCredential::new(Some(options))?)
}
