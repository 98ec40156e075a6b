//! The clients and the ways in which they are called.

use std::path::Path;
use std::process::Command;

use crate::measure::Input;
use crate::peers::Programs;
use crate::scenario::Scenario::{self, Large, Million, Second, Small, Stage, Touched};
use crate::server::{CONTAINER, Server};

/// One way to call a client.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) name: &'static str,
    pub(crate) input: Input,
    pub(crate) scenarios: &'static [Scenario],
    call: Call,
}

#[derive(Debug, Clone, Copy)]
enum Call {
    Longshore,
    Azcopy(&'static [&'static str]),
    Rclone,
}

/// The one that the others are compared with.
pub(crate) const LONGSHORE: &str = "longshore sync";
pub(crate) const AZCOPY_SYNC: &str = "azcopy sync";
pub(crate) const AZCOPY_MD5: &str = "azcopy sync --put-md5";
pub(crate) const AZCOPY_COPY: &str = "azcopy copy --check-length=false";

/// Everybody by plain defaults, and azcopy also in its faster and in its more careful way.
///
/// azcopy spins a core when its input is at its end: it gets an open one, and the other case is reported beside.
pub(crate) const CLIENTS: &[Client] = &[
    Client {
        name: LONGSHORE,
        input: Input::Open,
        scenarios: &[Large, Small, Second, Touched, Stage, Million],
        call: Call::Longshore,
    },
    Client {
        name: AZCOPY_SYNC,
        input: Input::Open,
        scenarios: &[Large, Small, Second, Touched, Million],
        call: Call::Azcopy(&["sync"]),
    },
    Client {
        name: AZCOPY_MD5,
        input: Input::Open,
        scenarios: &[Large],
        call: Call::Azcopy(&["sync", "--put-md5"]),
    },
    Client {
        name: AZCOPY_COPY,
        input: Input::Open,
        scenarios: &[Small],
        call: Call::Azcopy(&["copy", "--recursive", "--check-length=false"]),
    },
    Client {
        name: "azcopy sync </dev/null",
        input: Input::Ended,
        scenarios: &[Large, Small, Second],
        call: Call::Azcopy(&["sync"]),
    },
    Client {
        name: "rclone sync",
        input: Input::Open,
        scenarios: &[Large, Small, Second, Touched],
        call: Call::Rclone,
    },
];

impl Client {
    /// The command that makes the server's container hold what `source` holds.
    ///
    /// `home` is where the client keeps its caches and logs: nothing of the machine's own settings is read.
    pub(crate) fn command(
        &self,
        programs: &Programs,
        source: &Path,
        server: &Server,
        home: &Path,
    ) -> Command {
        let mut command = match self.call {
            Call::Longshore => longshore(&programs.longshore, source, server),
            Call::Azcopy(arguments) => azcopy(&programs.azcopy, arguments, source, server),
            Call::Rclone => rclone(&programs.rclone, source, server),
        };
        command
            .current_dir(home)
            .env("HOME", home)
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("XDG_CONFIG_HOME", home.join("config"));
        command
    }
}

fn longshore(program: &Path, source: &Path, server: &Server) -> Command {
    let mut command = Command::new(program);
    command
        .arg("sync")
        .arg(source)
        .arg(server.container_url())
        .env("AZURE_STORAGE_ACCOUNT", server.account())
        .env("AZURE_STORAGE_KEY", server.key());
    command
}

fn azcopy(program: &Path, arguments: &[&str], source: &Path, server: &Server) -> Command {
    let is_copy = arguments.first() == Some(&"copy");
    let source = if is_copy {
        source.join("*")
    } else {
        source.to_owned()
    };
    let mut command = Command::new(program);
    command
        .args(arguments)
        .arg(source)
        .arg(server.container_url_with_sas())
        .args(["--from-to=LocalBlob", "--log-level=ERROR"]);
    command
}

fn rclone(program: &Path, source: &Path, server: &Server) -> Command {
    let mut command = Command::new(program);
    command
        .args(["sync", "--config", ""])
        .arg(source)
        .arg(format!(":azureblob:{CONTAINER}"))
        .env("RCLONE_AZUREBLOB_ACCOUNT", server.account())
        .env("RCLONE_AZUREBLOB_KEY", server.key())
        .env("RCLONE_AZUREBLOB_ENDPOINT", server.url());
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_has_longshore_and_a_rival() {
        for scenario in [Large, Small, Second, Touched, Million] {
            let names: Vec<_> = CLIENTS
                .iter()
                .filter(|client| client.scenarios.contains(&scenario))
                .map(|client| client.name)
                .collect();
            assert!(
                names.contains(&LONGSHORE) && names.contains(&AZCOPY_SYNC),
                "{names:?}"
            );
        }
    }
}
