//! `longshore drydock serve`.

use longshore_drydock::Drydock;
use longshore_sync::Cancel;
use serde_json::json;

use super::run::{Context, Stop};
use crate::args::ServeArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::interrupts::Interrupts;
use crate::output::{OutputLost, Record};
use crate::place::{StandIn, StandInOptions};
use crate::settings::{Format, Verbosity};

/// The container of the example commands.
const EXAMPLE_CONTAINER: &str = "library";

/// Serves until somebody interrupts it, which is its orderly end.
pub(super) async fn run(args: &ServeArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let cancel = Cancel::new();
    let interrupts = Interrupts::listen(cancel.clone(), |_| {}).map_err(|error| {
        Failure::because(ExitStatus::Failed, "cannot listen for signals", &error)
    })?;
    let stand_in = StandIn::start(StandInOptions {
        data: args.data.clone(),
        port: args.port,
        account: args.account.clone(),
    })
    .await?;
    let announced = announce(stand_in.drydock(), context);
    if announced.is_ok() {
        cancel.drained().await;
    }
    stand_in.stop().await;
    announced?;
    Ok(interrupts.status().unwrap_or(ExitStatus::Done))
}

fn announce(drydock: &Drydock, context: &Context) -> Result<(), OutputLost> {
    let console = &context.console;
    if console.format() == Format::Json {
        return Record::new(
            "serving",
            json!({
                "url": drydock.url(),
                "account": drydock.account(),
                "key": drydock.key().expose(),
                "connection_string": drydock.connection_string(),
            }),
        )
        .write(console);
    }
    console.data(&format!("serving {}", drydock.url()))?;
    console.data(&format!(
        "AZURE_STORAGE_CONNECTION_STRING='{}'",
        drydock.connection_string()
    ))?;
    if console.tells(Verbosity::Normal) {
        console.tell(&format!(
            "\nTry it, in another shell with that variable exported:\n\n# longshore\nlongshore sync DIR '{}/{EXAMPLE_CONTAINER}' --create-container\n\n{}\nStop it with Ctrl-C; the data stay.",
            drydock.url(),
            drydock.examples(EXAMPLE_CONTAINER),
        ));
    }
    Ok(())
}
