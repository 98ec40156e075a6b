//! The real `longshore` binary, run in a world of its own.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use anyhow::Context;

/// The binary of this build, made first if need be.
///
/// # Panics
///
/// When it cannot be built.
pub fn longshore() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| build().expect("`cargo test --no-run --workspace --test cli` works"))
}

fn build() -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    // target/PROFILE/deps/TEST-HASH
    let directory = test
        .parent()
        .and_then(Path::parent)
        .context("a target directory")?;
    let mut cargo = Command::new(env!("CARGO"));
    // The binary comes with the tests of its package. Asked for in this way, it shares every dependency with a test run
    // of the whole workspace; a plain build has other features, and would compile them all once more.
    cargo.args([
        "test",
        "--no-run",
        "--quiet",
        "--locked",
        "--workspace",
        "--test",
        "cli",
    ]);
    if directory.ends_with("release") {
        cargo.arg("--release");
    }
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    anyhow::ensure!(cargo.status()?.success(), "cargo failed");
    Ok(directory.join("longshore"))
}

/// How one run is to be made.
#[derive(Debug)]
pub struct Run {
    command: Command,
}

/// What a run said, and how it ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// `longshore` with these arguments, and nothing of this process's environment that could change what it does.
    pub fn new(home: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(longshore());
        command.args(arguments).env_clear().stdin(Stdio::null());
        command
            .env("HOME", home)
            .env("PATH", path())
            .env("XDG_CACHE_HOME", home.join("cache"));
        Self { command }
    }

    /// With a variable of the environment.
    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.command.env(name, value);
        self
    }

    /// Through another program, which is given the command line as its last arguments.
    pub fn through(&self, program: &str, arguments: &[&str]) -> Self {
        let mut command = Command::new(program);
        command.args(arguments).arg(self.command.get_program());
        self.passed_on(command)
    }

    /// By a copy of the binary in this folder, for a user who may not look into the build's.
    ///
    /// # Panics
    ///
    /// When it cannot be copied.
    pub fn copied_to(&self, folder: &Path) -> Self {
        let copy = folder.join("longshore");
        fs_err::copy(longshore(), &copy).expect("the binary can be copied");
        self.passed_on(Command::new(copy))
    }

    /// The same arguments and environment for another command.
    fn passed_on(&self, mut command: Command) -> Self {
        let environment = self.command.get_envs();
        command
            .args(self.command.get_args())
            .env_clear()
            .stdin(Stdio::null());
        command.envs(environment.filter_map(|(name, value)| Some((name, value?))));
        Self { command }
    }

    /// The command, for what is not foreseen here.
    pub fn command(&mut self) -> &mut Command {
        &mut self.command
    }

    /// Starts it; its output is thrown away.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn start(mut self) -> Child {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        self.command.spawn().expect("the binary starts")
    }

    /// Runs it to its end.
    ///
    /// # Panics
    ///
    /// When it cannot be started.
    pub fn run(mut self) -> Ran {
        let output = self.command.output().expect("the binary starts");
        Ran::from(output)
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    /// The closing event of a run with `--output json`.
    ///
    /// # Panics
    ///
    /// When there is none.
    pub fn summary(&self) -> serde_json::Value {
        let last = self.stdout.lines().last().unwrap_or_default();
        let event: serde_json::Value = serde_json::from_str(last).unwrap_or_default();
        assert_eq!(event["event"], "summary", "{}{}", self.stdout, self.stderr);
        event
    }
}

/// Where programs are found.
#[expect(
    clippy::disallowed_methods,
    reason = "a test passes the search path on, and reads nothing else"
)]
fn path() -> String {
    std::env::var("PATH").unwrap_or_default()
}
