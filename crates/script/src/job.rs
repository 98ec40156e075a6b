//! What a script is to do.

use longshore_manifest::{Architecture, ArtifactId, LibraryName, TargetOs};
use secrecy::SecretString;
use url::Url;

use crate::FileList;

/// The shell that runs it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Shell {
    /// Windows PowerShell 5.1, and newer ones.
    Pwsh,
    /// A POSIX shell.
    Sh,
}

impl Shell {
    /// Every shell.
    pub const ALL: [Self; 2] = [Self::Pwsh, Self::Sh];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pwsh => "pwsh",
            Self::Sh => "sh",
        }
    }

    /// The shell of a machine.
    pub const fn of(os: TargetOs) -> Self {
        match os {
            TargetOs::Windows => Self::Pwsh,
            TargetOs::Linux => Self::Sh,
        }
    }

    /// The operating system whose releases it installs.
    pub const fn os(self) -> TargetOs {
        match self {
            Self::Pwsh => TargetOs::Windows,
            Self::Sh => TargetOs::Linux,
        }
    }
}

/// What a script is to do, on which machine and by which right.
#[derive(Debug, Clone)]
pub struct Job {
    /// Where the library lies: the URL of its container, with a prefix if it has one; without a query.
    pub root: Url,
    /// What is fetched.
    pub subject: Subject,
    /// By which right.
    pub auth: Auth,
    /// The directory on the build VM, as its shell writes it; nothing in it is expanded.
    pub destination: String,
    /// The architecture of the machine; it finds out by itself unless this is said.
    pub architecture: Option<Architecture>,
    /// Only up to this artifact, that one included: a segment between two restarts.
    pub through: Option<ArtifactId>,
    /// Whether one failure is the end.
    pub on_failure: OnFailure,
    /// How it installs; none when it only fetches.
    pub installing: Option<Installing>,
    /// Where the result file goes; `longshore-result.json` in the destination unless said.
    pub result: Option<String>,
}

/// What is fetched.
#[derive(Debug, Clone)]
pub enum Subject {
    /// These files.
    Files(FileList),
    /// What the pointer of a library names at the time of the run.
    Bootstrap {
        /// The library.
        library: LibraryName,
    },
}

/// By which right blobs are read.
#[derive(Debug, Clone)]
pub enum Auth {
    /// The identity of the machine.
    Identity(Identity),
    /// A shared access signature.
    Sas(SasSource),
    /// None: the container is public, or open for a while.
    Public,
}

/// Which of the machine's identities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Identity {
    /// The only one that it has.
    Only,
    /// By client id.
    Client(String),
    /// By object id.
    Object(String),
    /// By resource id.
    Resource(String),
}

/// Where a script finds its signature: one token, or a line for each blob with the blob, a tab and its token.
#[derive(Debug, Clone)]
pub enum SasSource {
    /// In an environment variable.
    Variable(String),
    /// In a file of the build VM.
    File(String),
    /// In a parameter that is no part of the command line: `-Sas` with a secure string for PowerShell, standard input
    /// for sh.
    Parameter,
    /// In the script itself.
    Embedded(SecretString),
}

/// Whether one failure is the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum OnFailure {
    /// It is.
    #[default]
    Stop,
    /// What does not need it goes on.
    Continue,
}

/// How a script installs what it fetched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Installing {
    /// Whether what was installed before is installed again.
    pub again: bool,
}
