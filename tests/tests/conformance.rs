//! The conformance suite over every store: memory, directory, and Azure's against stand-in and emulator.

#[path = "conformance/broken_bodies.rs"]
mod broken_bodies;

use longshore_tests::conformance;
use longshore_tests::conformance::{
    AzuriteHarbour, DirectoryHarbour, DrydockHarbour, MemoryHarbour,
};

conformance!(memory, anyhow::Ok(MemoryHarbour));
conformance!(directory, DirectoryHarbour::new());
conformance!(drydock, DrydockHarbour::with_key().await);
conformance!(drydock_by_sas, DrydockHarbour::with_sas().await);
conformance!(azurite, AzuriteHarbour::shared());
