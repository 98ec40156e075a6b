//! Opening places: stores, what stands before their names, and what counts their requests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use longshore_azure::{
    AuthMode, BlobLocation, Connection, CredentialError, Environment, MeterSnapshot,
    ResolvedCredential, SasToken, resolve_credential,
};
use longshore_store::{AzureStore, BlobStore, DirectoryStore};

use super::parse::Place;
use super::route::resolved;
use super::stand_in::{StandIn, StandInOptions};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::settings::Settings;

/// A container that can be used. Nothing was sent yet.
#[derive(Debug, Clone)]
pub(crate) struct Container {
    /// The container.
    pub(crate) store: Arc<dyn BlobStore>,
    /// What stands before every name: empty, or ending with `/`.
    pub(crate) prefix: String,
}

/// What the places of one command are reached by.
///
/// Places in one account share a connection with its limits, and places in one stand-in share the server, since two
/// cannot serve the same data.
#[derive(Debug, Default)]
pub(crate) struct Links {
    connections: Vec<Link>,
    stand_ins: Vec<(PathBuf, StandIn)>,
}

/// A connection to an account.
#[derive(Debug)]
struct Link {
    /// The service; none when the connection carries a signature of its own, which holds for one place.
    service: Option<String>,
    connection: Connection,
}

impl Links {
    /// Opens a place; a stand-in is started.
    ///
    /// # Errors
    ///
    /// A failure with status 7 when nobody is signed in, 78 when a credential cannot be read, and 1 when a stand-in
    /// does not start.
    pub(crate) async fn open(
        &mut self,
        place: &Place,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Container, Failure> {
        let store: Arc<dyn BlobStore> = match place {
            Place::Account { location, sas } => {
                let connection = self.account(location, sas.as_ref(), settings, environment)?;
                store(location, &connection)?
            }
            Place::Directory(directory) => Arc::new(DirectoryStore::new(directory)),
            Place::Drydock {
                directory,
                container,
                ..
            } => {
                let stand_in = self.stand_in(directory).await?;
                let location = stand_in.location(container)?;
                let credential = stand_in.credential(&location)?;
                let connection = self.connect(&location, &credential, settings)?;
                store(&location, &connection)?
            }
        };
        let prefix = match place.prefix() {
            "" => String::new(),
            prefix => format!("{prefix}/"),
        };
        Ok(Container { store, prefix })
    }

    fn account(
        &mut self,
        location: &BlobLocation,
        sas: Option<&SasToken>,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Connection, Failure> {
        let credential = sign_in(settings.auth, location, sas.cloned(), environment)?;
        if sas.is_none() {
            return self.connect(location, &credential, settings);
        }
        let connection = connect(&credential, settings)?;
        self.connections.push(Link {
            service: None,
            connection: connection.clone(),
        });
        Ok(connection)
    }

    fn connect(
        &mut self,
        location: &BlobLocation,
        credential: &ResolvedCredential,
        settings: &Settings,
    ) -> Result<Connection, Failure> {
        let service = Some(location.service_url().to_string());
        if let Some(known) = self.connections.iter().find(|link| link.service == service) {
            return Ok(known.connection.clone());
        }
        let connection = connect(credential, settings)?;
        self.connections.push(Link {
            service,
            connection: connection.clone(),
        });
        Ok(connection)
    }

    async fn stand_in(&mut self, data: &Path) -> Result<&StandIn, Failure> {
        let key = resolved(data);
        let at = match self.stand_ins.iter().position(|(known, _)| *known == key) {
            Some(at) => at,
            None => {
                let stand_in = StandIn::start(StandInOptions::embedded(data)).await?;
                // What was not there had no resolved name yet.
                self.stand_ins.push((resolved(data), stand_in));
                self.stand_ins.len() - 1
            }
        };
        Ok(&self.stand_ins[at].1)
    }

    /// The requests so far, where there are any.
    pub(crate) fn requests(&self) -> Option<MeterSnapshot> {
        self.connections
            .iter()
            .map(|link| link.connection.meter().snapshot())
            .reduce(|left, right| sum(&left, &right))
    }

    /// Lets go of all; embedded stand-ins are stopped in order.
    pub(crate) async fn close(self) {
        drop(self.connections);
        for (_, stand_in) in self.stand_ins {
            stand_in.stop().await;
        }
    }
}

fn sum(left: &MeterSnapshot, right: &MeterSnapshot) -> MeterSnapshot {
    let requests = left.requests.iter().zip(&right.requests);
    MeterSnapshot {
        requests: requests
            .map(|((class, count), (_, more))| (*class, count + more))
            .collect(),
        retries: left.retries + right.retries,
        throttles: left.throttles + right.throttles,
        bytes_sent: left.bytes_sent + right.bytes_sent,
        bytes_received: left.bytes_received + right.bytes_received,
    }
}

/// One place, opened by itself.
#[derive(Debug)]
pub(crate) struct Opened {
    /// The container.
    pub(crate) store: Arc<dyn BlobStore>,
    /// What stands before every name: empty, or ending with `/`.
    pub(crate) prefix: String,
    /// The place as people read it.
    pub(crate) shown: String,
    links: Links,
}

impl Opened {
    /// Lets go of it; an embedded stand-in is stopped in order.
    pub(crate) async fn close(self) {
        drop(self.store);
        self.links.close().await;
    }
}

impl Place {
    /// Opens it alone.
    ///
    /// # Errors
    ///
    /// Those of [`Links::open`].
    pub(crate) async fn open(
        &self,
        settings: &Settings,
        environment: &Environment,
    ) -> Result<Opened, Failure> {
        let mut links = Links::default();
        let Container { store, prefix } = links.open(self, settings, environment).await?;
        Ok(Opened {
            store,
            prefix,
            shown: self.to_string(),
            links,
        })
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
