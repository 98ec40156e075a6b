//! The process that serves: a stand-in of its own, so that its CPU is no client's.

use std::io::{Read, Write};
use std::path::Path;
use std::time::Duration;

use anyhow::Result;
use longshore_drydock::{Drydock, DrydockOptions};
use serde::{Deserialize, Serialize};

/// Longer than any comparison takes.
const A_DAY: Duration = Duration::from_hours(24);

/// What the process says of itself, in one line of JSON, once it listens.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Ready {
    /// The address of the account.
    pub(crate) url: String,
    pub(crate) account: String,
    /// The key of the account, in base64.
    pub(crate) key: String,
    /// The query of a signature that allows everything, for azcopy, which takes no key.
    pub(crate) sas: String,
}

/// Serves the data in `folder` until the standard input ends: with the harness, however it ends.
pub(crate) fn run(folder: &Path) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let drydock = runtime.block_on(Drydock::start(DrydockOptions::new(folder)))?;
    let ready = Ready {
        url: drydock.url().to_owned(),
        account: drydock.account().to_owned(),
        key: drydock.key().expose(),
        sas: drydock.account_sas("rwdlac", A_DAY).expose().to_owned(),
    };
    let mut output = std::io::stdout();
    writeln!(output, "{}", serde_json::to_string(&ready)?)?;
    output.flush()?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    runtime.block_on(drydock.shutdown());
    Ok(())
}
