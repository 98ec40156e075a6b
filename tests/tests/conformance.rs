//! The conformance suite over every store: memory, directory, and Azure's against stand-in and emulator.

#[path = "conformance/broken_bodies.rs"]
mod broken_bodies;
#[path = "conformance/public_copies.rs"]
mod public_copies;
#[path = "conformance/strangers.rs"]
mod strangers;

use longshore_drydock::Fault;
use longshore_tests::conformance;
use longshore_tests::conformance::{
    AzuriteHarbour, DirectoryHarbour, DrydockHarbour, MemoryHarbour,
};

conformance!(memory, anyhow::Ok(MemoryHarbour));
conformance!(directory, DirectoryHarbour::new());
conformance!(drydock, DrydockHarbour::with_key().await);
conformance!(drydock_by_sas, DrydockHarbour::with_sas().await);
conformance!(
    busy_every_2nd_time,
    DrydockHarbour::in_bad_weather(Fault::status(503, "ServerBusy"), 2).await
);
conformance!(
    busy_every_5th_time,
    DrydockHarbour::in_bad_weather(Fault::status(503, "ServerBusy"), 5).await
);
conformance!(
    reset_every_3rd_time,
    DrydockHarbour::in_bad_weather(Fault::reset(0), 3).await
);
conformance!(azurite, AzuriteHarbour::shared());
