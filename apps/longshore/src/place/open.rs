//! Opening a destination: a store, what stands before its names, and what counts its requests.

use std::sync::Arc;

use longshore_azure::{
    AuthMode, BlobLocation, Connection, CredentialError, Environment, MeterSnapshot, RequestMeter,
    ResolvedCredential, SasToken, resolve_credential,
};
use longshore_store::{AzureStore, BlobStore, DirectoryStore};

use super::parse::Place;
use super::stand_in::{StandIn, StandInOptions};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::settings::Settings;

/// A destination that can be used. Nothing was sent yet.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The container.
    pub(crate) store: Arc<dyn BlobStore>,
    /// What stands before every name: empty, or ending with `/`.
    pub(crate) prefix: String,
    /// The place as people read it.
    pub(crate) shown: String,
    /// Whether the container is made without being asked for.
    pub(crate) creates_itself: bool,
    meter: Option<RequestMeter>,
    stand_in: Option<StandIn>,
}

impl Opened {
    /// The requests so far, where there are any.
    pub(crate) fn requests(&self) -> Option<MeterSnapshot> {
        self.meter.as_ref().map(RequestMeter::snapshot)
    }

    /// Lets go of it; an embedded stand-in is stopped in order.
    pub(crate) async fn close(self) {
        drop(self.store);
        if let Some(stand_in) = self.stand_in {
            stand_in.stop().await;
        }
    }
}

impl Place {
    /// Opens it; a stand-in is started.
    ///
    /// # Errors
    ///
    /// A failure with status 7 when nobody is signed in, 78 when a credential cannot be read, and 1 when a stand-in
    /// does not start.
    pub(crate) async fn open(
        &self,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Opened, Failure> {
        match self {
            Self::Account { location, sas } => {
                let credential = sign_in(settings.auth, location, sas.clone(), environment)?;
                let connection = connect(&credential, settings)?;
                Ok(self.opened(
                    store(location, &connection)?,
                    location.prefix(),
                    Some(&connection),
                ))
            }
            Self::Directory(directory) => {
                let store = DirectoryStore::new(directory);
                Ok(self.opened(Arc::new(store), "", None))
            }
            Self::Drydock {
                directory,
                container,
                prefix,
            } => {
                let stand_in = StandIn::start(StandInOptions::embedded(directory)).await?;
                let location = stand_in.location(container)?;
                let credential = stand_in.credential(&location)?;
                let connection = connect(&credential, settings)?;
                let mut opened =
                    self.opened(store(&location, &connection)?, prefix, Some(&connection));
                opened.stand_in = Some(stand_in);
                Ok(opened)
            }
        }
    }

    fn opened(
        &self,
        store: Arc<dyn BlobStore>,
        prefix: &str,
        connection: Option<&Connection>,
    ) -> Opened {
        Opened {
            store,
            prefix: if prefix.is_empty() {
                String::new()
            } else {
                format!("{prefix}/")
            },
            shown: self.to_string(),
            creates_itself: !matches!(self, Self::Account { .. }),
            meter: connection.map(Connection::meter),
            stand_in: None,
        }
    }
}

/// Decides as whom the account is used; nothing is sent.
///
/// # Errors
///
/// A failure with status 7 when there is no credential that holds, and 78 when one cannot be read.
pub(crate) fn sign_in(
    auth: AuthMode,
    location: &BlobLocation,
    sas: Option<SasToken>,
    environment: &Environment,
) -> Result<ResolvedCredential, Failure> {
    resolve_credential(auth, location, sas, environment)
        .map_err(|error| credential_failure(&format!("cannot sign in to `{location}`"), &error))
}

/// What a credential's error comes to.
pub(super) fn credential_failure(message: &str, error: &CredentialError) -> Failure {
    let status = match error {
        CredentialError::Nothing { .. } | CredentialError::ExpiredSas { .. } => {
            ExitStatus::NotAllowed
        }
        _ => ExitStatus::Configuration,
    };
    Failure::because(status, message, error).hint(error.hint())
}

fn connect(credential: &ResolvedCredential, settings: &Settings) -> Result<Connection, Failure> {
    Connection::new(credential, &settings.connection).map_err(|error| {
        Failure::because(ExitStatus::Failed, "cannot set up the connection", &error)
            .hint(error.hint())
    })
}

fn store(location: &BlobLocation, connection: &Connection) -> Result<Arc<dyn BlobStore>, Failure> {
    match AzureStore::new(location, connection) {
        Ok(store) => Ok(Arc::new(store)),
        Err(error) => Err(Failure::of_store(
            format!("cannot use `{location}`"),
            &error,
        )),
    }
}
