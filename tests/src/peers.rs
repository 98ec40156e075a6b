//! The independent clients, as `tests/clients/install` installs them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use anyhow::{Context, ensure};
use longshore_azure::Environment;

const AZCOPY: &str = "node_modules/@azure-tools/azcopy-linux/dist/bin/azcopy_linux_amd64";
const RCLONE: &str = "venv/bin/rclone";
const PYTHON: &str = "venv/bin/python";

/// Where the clients are.
#[derive(Debug)]
pub struct Peers {
    folder: PathBuf,
}

impl Peers {
    /// Looks in `LONGSHORE_TEST_PEERS`, or where the installer puts them unless told otherwise.
    ///
    /// # Errors
    ///
    /// When one is missing, with the command that installs it.
    pub fn find() -> anyhow::Result<Self> {
        let clients = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients");
        let folder = Environment::process()
            .get("LONGSHORE_TEST_PEERS")
            .map_or_else(|| clients.join(".peers"), PathBuf::from);
        for program in [AZCOPY, RCLONE, PYTHON] {
            let path = folder.join(program);
            ensure!(
                path.exists(),
                "no `{}`: run `{}`",
                path.display(),
                clients.join("install").display()
            );
        }
        Ok(Self { folder })
    }

    /// azcopy, with its log and plans under `home`.
    pub fn azcopy(&self, home: &Path) -> Peer {
        self.peer(AZCOPY, home)
            .env("AZCOPY_LOG_LOCATION", &home.join("log").to_string_lossy())
            .env(
                "AZCOPY_JOB_PLAN_LOCATION",
                &home.join("plan").to_string_lossy(),
            )
            .env("AZCOPY_DISABLE_SYSLOG", "true")
    }

    /// rclone, without a configuration file.
    pub fn rclone(&self, home: &Path) -> Peer {
        self.peer(RCLONE, home).env("RCLONE_CONFIG", "/dev/null")
    }

    /// Python with azure-storage-blob.
    pub fn python(&self, home: &Path) -> Peer {
        self.peer(PYTHON, home)
    }

    fn peer(&self, program: &str, home: &Path) -> Peer {
        let mut command = Command::new(self.folder.join(program));
        command.env_clear().env("HOME", home).env("LANG", "C.UTF-8");
        Peer { command }
    }
}

/// One run of a client.
#[derive(Debug)]
pub struct Peer {
    command: Command,
}

impl Peer {
    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Runs it to its end with these arguments, and gives back what it printed.
    ///
    /// Its standard input stays open: azcopy spins at the end of it.
    ///
    /// # Errors
    ///
    /// When it cannot be started or fails, with all that it said.
    pub fn run(mut self, arguments: &[&str]) -> anyhow::Result<String> {
        let program = self.command.get_program().to_owned();
        let name = Path::new(&program)
            .file_name()
            .unwrap_or(&program)
            .to_owned();
        let mut child = self
            .command
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting `{}`", program.display()))?;
        let stdin = child.stdin.take();
        let output = child.wait_with_output()?;
        drop(stdin);
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        let (stdout, stderr) = (
            String::from_utf8_lossy(&stdout),
            String::from_utf8_lossy(&stderr),
        );
        ensure!(
            status.success(),
            "{} failed: {status}\n{stdout}\n{stderr}",
            name.display()
        );
        Ok(stdout.into_owned())
    }
}
