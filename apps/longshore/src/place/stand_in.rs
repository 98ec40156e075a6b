//! The embedded stand-in: started in this process, reached like any account, stopped in order.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use longshore_azure::{
    AuthMode, BlobLocation, Environment, ResolvedCredential, resolve_credential,
};
use longshore_drydock::{Drydock, DrydockError, DrydockOptions};

use super::open::credential_failure;
use crate::exit::ExitStatus;
use crate::failure::Failure;

/// How it is started.
#[derive(Debug)]
pub(crate) struct StandInOptions {
    /// Where its data live.
    pub(crate) data: PathBuf,
    /// The port on loopback; 0 takes a free one.
    pub(crate) port: u16,
    /// The account that it plays, unless it is its own choice.
    pub(crate) account: Option<String>,
}

impl StandInOptions {
    /// For a run that uses it by itself.
    pub(crate) fn embedded(data: &Path) -> Self {
        Self {
            data: data.to_owned(),
            port: 0,
            account: None,
        }
    }
}

/// A stand-in that serves.
#[derive(Debug)]
pub(crate) struct StandIn {
    drydock: Drydock,
}

impl StandIn {
    /// Starts it.
    ///
    /// # Errors
    ///
    /// A failure with status 64 for a name that no account has, and 1 for everything else that keeps it from serving.
    pub(crate) async fn start(options: StandInOptions) -> Result<Self, Failure> {
        let shown = options.data.display().to_string();
        let listen = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
        let mut wanted = DrydockOptions::new(options.data).listen(listen);
        if let Some(account) = options.account {
            wanted = wanted.account(account);
        }
        let drydock = Drydock::start(wanted)
            .await
            .map_err(|error| start_failure(&shown, &error))?;
        Ok(Self { drydock })
    }

    /// A container in it, as a location.
    ///
    /// # Errors
    ///
    /// A failure with status 64 for a name that no container has.
    pub(crate) fn location(&self, container: &str) -> Result<BlobLocation, Failure> {
        // The name is no path: what a URL would take apart is refused as a name.
        let name = container
            .replace('%', "%25")
            .replace('?', "%3F")
            .replace('#', "%23");
        let url = format!("{}/{name}", self.drydock.url());
        BlobLocation::parse(&url, &Environment::default())
            .map(|parsed| parsed.location)
            .map_err(|error| {
                let message = format!("cannot use the container `{container}` of the stand-in");
                Failure::because(ExitStatus::of_location(&error), message, &error)
            })
    }

    /// Its own key: what the environment says of accounts does not concern it.
    ///
    /// # Errors
    ///
    /// A failure when the key is not taken, which would be a defect.
    pub(crate) fn credential(
        &self,
        location: &BlobLocation,
    ) -> Result<ResolvedCredential, Failure> {
        let connection_string = self.drydock.connection_string();
        let environment =
            Environment::from_pairs([("AZURE_STORAGE_CONNECTION_STRING", connection_string)]);
        resolve_credential(AuthMode::Key, location, None, &environment)
            .map_err(|error| credential_failure("cannot sign in to the stand-in", &error))
    }

    /// What it says of itself.
    pub(crate) const fn drydock(&self) -> &Drydock {
        &self.drydock
    }

    /// Stops it; its data stay.
    pub(crate) async fn stop(self) {
        self.drydock.shutdown().await;
    }
}

fn start_failure(data: &str, error: &DrydockError) -> Failure {
    let message = format!("cannot start the stand-in in `{data}`");
    let status = match error {
        DrydockError::AccountName { .. } => ExitStatus::Usage,
        _ => ExitStatus::Failed,
    };
    let hint = match error {
        DrydockError::InUse { .. } => {
            Some("wait for the other process, or use the URL that it prints as the destination")
        }
        DrydockError::Listen { .. } => Some("choose another `--port`, or none for a free one"),
        _ => None,
    };
    Failure::because(status, message, error).hint(hint.map(str::to_owned))
}
