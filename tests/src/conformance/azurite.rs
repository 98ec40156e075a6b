//! Azurite, one for all cases that run at the same time.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use anyhow::{Context, bail};
use longshore_azure::Environment;
use longshore_store::BlobStore;

use super::{Abilities, AzureHarbour, Harbour};

const ACCOUNT: &str = "devstoreaccount1";

/// The key that Microsoft published for its emulators.
const KEY: &str =
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

/// Containers in Azurite.
#[derive(Debug)]
pub struct AzuriteHarbour {
    harbour: AzureHarbour,
    _process: Arc<Process>,
}

impl AzuriteHarbour {
    /// Azurite as it runs for another case, or a new one.
    ///
    /// # Errors
    ///
    /// When it is not installed, with the command that installs it, or when it does not start.
    pub fn shared() -> anyhow::Result<Self> {
        static SHARED: Mutex<Weak<Process>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        let process = match shared.upgrade() {
            Some(process) => process,
            None => Arc::new(Process::start()?),
        };
        *shared = Arc::downgrade(&process);
        let service = format!("{}/{ACCOUNT}", process.address);
        let secret = format!(
            "DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={service};"
        );
        Ok(Self {
            harbour: AzureHarbour::with_key(&service, &secret).of_azurite(),
            _process: process,
        })
    }
}

impl Harbour for AzuriteHarbour {
    fn store(&self) -> anyhow::Result<Arc<dyn BlobStore>> {
        self.harbour.store()
    }

    fn abilities(&self) -> Abilities {
        self.harbour.abilities()
    }
}

/// A running Azurite, which ends with the last case that uses it.
#[derive(Debug)]
struct Process {
    child: Child,
    address: String,
}

impl Process {
    fn start() -> anyhow::Result<Self> {
        let program = program()?;
        let mut child = Command::new(&program)
            .args([
                "--inMemoryPersistence",
                "--skipApiVersionCheck",
                "--disableTelemetry",
                "--silent",
            ])
            .args(["--blobHost", "127.0.0.1", "--blobPort", "0"])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting `{}`", program.display()))?;
        let stdout = child.stdout.take().context("its output")?;
        let mut process = Self {
            child,
            address: String::new(),
        };
        process.address = address(stdout)?;
        Ok(process)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn program() -> anyhow::Result<PathBuf> {
    let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
    let environment = Environment::process();
    let peers = environment
        .get("LONGSHORE_TEST_PEERS")
        .map_or_else(|| clients.join(".peers"), PathBuf::from);
    let program = peers.join("node_modules/.bin/azurite-blob");
    if !program.exists() {
        bail!("Azurite is not installed; run `tests/clients/install`");
    }
    Ok(program)
}

/// Waits for the line that tells where it listens.
fn address(stdout: ChildStdout) -> anyhow::Result<String> {
    let mut lines = BufReader::new(stdout).lines();
    for line in &mut lines {
        let line = line?;
        if let Some((_, address)) = line.split_once("successfully listens on ") {
            // Whatever else it writes must not fill the pipe.
            std::thread::spawn(move || lines.for_each(drop));
            return Ok(address.trim().to_owned());
        }
    }
    bail!("Azurite ended before it listened")
}
