//! The conformance suite over every store: memory, directory, and Azure's through the SDK.

use longshore_tests::conformance;
use longshore_tests::conformance::{AzureHarbour, DirectoryHarbour, DrydockHarbour, MemoryHarbour};

conformance!(memory, anyhow::Ok(MemoryHarbour));
conformance!(directory, DirectoryHarbour::new());
conformance!(drydock, DrydockHarbour::with_key().await);
conformance!(drydock_by_sas, DrydockHarbour::with_sas().await);
conformance!(azurite, azurite());

/// TEMPORARY
fn azurite() -> anyhow::Result<AzureHarbour> {
    let port = std::env::var("AZURITE_PORT")?;
    let service = format!("http://127.0.0.1:{port}/devstoreaccount1");
    let text = format!(
        "DefaultEndpointsProtocol=http;AccountName=devstoreaccount1;AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==;BlobEndpoint={service};"
    );
    Ok(AzureHarbour::with_key(&service, &text).of_azurite())
}
