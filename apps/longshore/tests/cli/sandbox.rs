//! A home of its own for each test, and no variable of the developer's.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// Runs the binary where nothing of this machine is seen.
pub(crate) struct Sandbox {
    folder: TempDir,
}

/// What came of a run.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// A file in the sandbox, with the folders above it.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, content).unwrap();
        path
    }

    /// What a file in the sandbox holds.
    pub(crate) fn read(&self, name: &str) -> String {
        fs_err::read_to_string(self.path().join(name)).unwrap()
    }

    /// The names and sizes below a place, as `ls` shows them.
    pub(crate) fn listed(&self, place: &str) -> Vec<(String, u64)> {
        let listed = self.run(&["ls", place, "--json"]).expect(0);
        let blobs = listed.events_of("blob").into_iter();
        blobs
            .map(|blob| {
                let name = blob["name"].as_str().unwrap().to_owned();
                (name, blob["size"].as_u64().unwrap())
            })
            .collect()
    }

    /// A small library in `apps`.
    pub(crate) fn library(&self) {
        self.write("apps/bginfo/BGInfo.zip", "PK bginfo");
        self.write("apps/tools/azcopy.exe", "MZ azcopy");
        self.write("apps/readme.txt", "three files");
    }

    /// A manifest `library.toml` of two of the files in `apps`.
    pub(crate) fn manifest(&self, destination: &str) {
        self.library();
        let text = format!(
            r#"# What our machines need.
[library]
name = "win"
destination = "{destination}"

[[artifact]]
id = "bginfo"
version = "4.33"
path = "apps/bginfo/BGInfo.zip"
install = {{ type = "zip", to = 'C:\apps' }}

[[artifact]]
id = "azcopy"
version = "10.28"
path = "apps/tools/azcopy.exe"
install = {{ type = "portable", to = 'C:\tools', requires = ["bginfo"] }}
"#
        );
        self.write("library.toml", text);
    }

    /// Changes a text in a file.
    pub(crate) fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{text}");
        self.write(name, text.replace(from, to));
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_longshore"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", self.path().join("home"))
            .env("XDG_CACHE_HOME", self.path().join("cache"))
            .current_dir(self.path())
            .stdin(Stdio::null());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome::from(self.command(arguments).output().unwrap())
    }

    pub(crate) fn run_with(&self, arguments: &[&str], variables: &[(&str, &str)]) -> Outcome {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        Outcome::from(command.output().unwrap())
    }
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().expect("it ended by itself"),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Outcome {
    /// The summary of a run that reported in JSON.
    #[track_caller]
    pub(crate) fn summary(&self) -> Value {
        self.events_of("summary").remove(0)
    }

    /// Standard output and standard error, without what is different in each run: digests, times, counts of requests.
    pub(crate) fn shown(&self) -> String {
        let mut lines = Vec::new();
        for line in self.stdout.lines().chain(self.stderr.lines()) {
            let mut words: Vec<String> = line.split(' ').map(steady).collect();
            for at in 1..words.len() {
                if words[at] == "s" || words[at].starts_with("request") {
                    "N".clone_into(&mut words[at - 1]);
                }
            }
            lines.push(words.join(" "));
        }
        lines.join("\n")
    }

    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }

    /// Standard output as events; each is checked to be one.
    #[track_caller]
    pub(crate) fn events(&self) -> Vec<Value> {
        self.stdout
            .lines()
            .map(|line| {
                let event: Value = serde_json::from_str(line).unwrap();
                assert_eq!(event["schema"], "longshore.event/1", "{line}");
                assert!(event["event"].is_string(), "{line}");
                let time = event["time"].as_str().unwrap();
                assert!(time.parse::<jiff::Timestamp>().is_ok(), "{line}");
                event
            })
            .collect()
    }

    /// The events of one kind.
    #[track_caller]
    pub(crate) fn events_of(&self, kind: &str) -> Vec<Value> {
        let mut events = self.events();
        events.retain(|event| event["event"] == kind);
        events
    }
}

/// A word of an output, if it is one that is the same in each run.
fn steady(word: &str) -> String {
    let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
    let is_digest =
        matches!(bare.len(), 12 | 64) && bare.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_date = bare.len() == 10 && bare.starts_with("20") && bare.matches('-').count() == 2;
    let is_time = bare.len() == 5 && bare.as_bytes()[2] == b':';
    let other = match () {
        () if is_digest => "DIGEST",
        () if is_date => "DATE",
        () if is_time => "TIME",
        () => return word.to_owned(),
    };
    word.replace(bare, other)
}
