//! A command of the user that looks at each file before it is published.
//!
//! It is started without a shell, with the path within one argument, and without the secrets of our environment. It
//! ends with us: whoever stops waiting for it kills it.

mod running;
mod words;

#[cfg(test)]
mod tests;

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use longshore_sync::Cancel;
use tokio::process::Command;

use self::running::Running;

/// Where the path goes in a command.
const PLACE: &str = "{}";

/// What our environment may hold that is nobody else's business; places may carry a signature.
const SECRETS: [&str; 19] = [
    "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
    "ACTIONS_RUNTIME_TOKEN",
    "AZURE_CLIENT_CERTIFICATE_PASSWORD",
    "AZURE_CLIENT_SECRET",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_PASSWORD",
    "AZURE_STORAGE_ACCESS_KEY",
    "AZURE_STORAGE_ACCOUNT_KEY",
    "AZURE_STORAGE_CONNECTION_STRING",
    "AZURE_STORAGE_KEY",
    "AZURE_STORAGE_SAS_KEY",
    "AZURE_STORAGE_SAS_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "IDENTITY_HEADER",
    "LONGSHORE_DESTINATION",
    "LONGSHORE_SOURCE",
    "MSI_SECRET",
    "SYSTEM_ACCESSTOKEN",
];

/// A command that says whether a file may be published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scanner {
    program: String,
    arguments: Vec<String>,
    timeout: Duration,
}

/// What is handed to a scanner.
#[derive(Debug, Clone, Copy)]
pub struct Scanned<'a> {
    /// The file.
    pub path: &'a Path,
    /// Its SHA-256, in hex.
    pub sha256: &'a str,
    /// Which artifact it is.
    pub artifact: &'a str,
}

/// Why a text is not a scanner's command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScannerError {
    /// There is no command in it.
    #[error("the scanner's command is empty")]
    Empty,
    /// A quote is not closed.
    #[error("a quote is not closed in the scanner's command")]
    OpenQuote,
}

/// Why a file did not pass its scanner.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// The scanner says no.
    #[error("the scanner `{program}` rejected `{}`, {}", .path.display(), how(*.code))]
    Rejected {
        /// The scanner's program.
        program: String,
        /// The file.
        path: PathBuf,
        /// Its exit code; none when a signal ended it.
        code: Option<i32>,
        /// The last lines of what it said, with control characters escaped.
        output: String,
    },
    /// It could not be run.
    #[error("could not run the scanner `{program}`")]
    Start {
        /// The scanner's program.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// It took too long.
    #[error("the scanner `{program}` did not end within {} s", .timeout.as_secs())]
    TimedOut {
        /// The scanner's program.
        program: String,
        /// How long it was waited for.
        timeout: Duration,
    },
    /// The run was stopped.
    #[error("the scanner was stopped")]
    Cancelled,
}

impl ScanError {
    /// What to do about it.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::Rejected { .. } => {
                "read what the scanner said; nothing of this file was published"
            }
            Self::Start { .. } => {
                "name a program that is installed, by its path or as one that is in PATH; no shell is involved"
            }
            Self::TimedOut { .. } => "give the scanner more time, or find out what it waits for",
            Self::Cancelled => "run the command again",
        }
    }
}

fn how(code: Option<i32>) -> String {
    code.map_or_else(
        || "ended by a signal".to_owned(),
        |code| format!("exit code {code}"),
    )
}

impl Scanner {
    /// The scanner of a command: its program, then its arguments, in which `{}` stands for the path. Where it stands
    /// nowhere, the path is the last argument.
    ///
    /// # Errors
    ///
    /// `Empty` when there is no program.
    pub fn new(
        command: impl IntoIterator<Item = String>,
        timeout: Duration,
    ) -> Result<Self, ScannerError> {
        let mut words = command.into_iter();
        let program = words.next().filter(|program| !program.is_empty());
        let program = program.ok_or(ScannerError::Empty)?;
        let mut arguments: Vec<_> = words.collect();
        if !arguments.iter().any(|argument| argument.contains(PLACE)) {
            arguments.push(PLACE.to_owned());
        }
        Ok(Self {
            program,
            arguments,
            timeout,
        })
    }

    /// The scanner of a command line: words between blanks, with quotes of either kind around what holds blanks.
    /// Nothing else has a meaning: a backslash is a backslash.
    ///
    /// # Errors
    ///
    /// When the line holds no command, or a quote without its second.
    pub fn parse(line: &str, timeout: Duration) -> Result<Self, ScannerError> {
        Self::new(words::split(line)?, timeout)
    }

    /// Whether the scanner lets `file` pass: it does when it ends with exit code 0.
    ///
    /// # Errors
    ///
    /// Every variant of [`ScanError`].
    pub async fn scan(&self, file: Scanned<'_>, cancel: &Cancel) -> Result<(), ScanError> {
        let failed = |source| ScanError::Start {
            program: self.program.clone(),
            source,
        };
        let mut running = Running::start(self.command(file).map_err(failed)?).map_err(failed)?;
        let ended = tokio::select! {
            biased;
            () = cancel.drained() => return Err(ScanError::Cancelled),
            ended = tokio::time::timeout(self.timeout, running.end()) => ended,
        };
        let (status, output) = ended
            .map_err(|_| ScanError::TimedOut {
                program: self.program.clone(),
                timeout: self.timeout,
            })?
            .map_err(failed)?;
        self.verdict(file, status, output)
    }

    fn verdict(
        &self,
        file: Scanned<'_>,
        status: ExitStatus,
        output: String,
    ) -> Result<(), ScanError> {
        if status.success() {
            return Ok(());
        }
        Err(ScanError::Rejected {
            program: self.program.clone(),
            path: file.path.into(),
            code: status.code(),
            output,
        })
    }

    fn command(&self, file: Scanned<'_>) -> io::Result<Command> {
        // A path that begins with a dash is no option of the scanner.
        let path = std::path::absolute(file.path)?;
        let mut command = Command::new(&self.program);
        command
            .args(self.arguments.iter().map(|word| with_path(word, &path)))
            .env("LONGSHORE_FILE", &path)
            .env("LONGSHORE_SHA256", file.sha256)
            .env("LONGSHORE_ARTIFACT", file.artifact)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        for secret in SECRETS {
            command.env_remove(secret);
        }
        Ok(command)
    }
}

/// `word` with the path at every `{}`; the path may be no text.
fn with_path(word: &str, path: &Path) -> OsString {
    let mut parts = word.split(PLACE);
    let mut argument = OsString::from(parts.next().unwrap_or_default());
    for part in parts {
        argument.push(path);
        argument.push(part);
    }
    argument
}
