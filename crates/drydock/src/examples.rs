//! Ready commands for the clients that people have at hand.

use std::time::Duration;

use crate::drydock::Drydock;

/// How long the signatures in the examples hold.
const VALID: Duration = Duration::from_hours(24);

/// Commands that create `container`, fill it, list it and read it, each with another client.
pub(crate) fn commands(drydock: &Drydock, container: &str) -> String {
    let url = drydock.url();
    let account = drydock.account();
    let key = drydock.key().expose();
    let connection = drydock.connection_string();
    let sas = drydock.account_sas("rwdlac", VALID);
    let sas = sas.expose();
    format!(
        r#"# curl
curl -X PUT -H 'Content-Length: 0' '{url}/{container}?restype=container&{sas}'
curl -X PUT -H 'x-ms-blob-type: BlockBlob' --data-binary @FILE '{url}/{container}/FILE?{sas}'
curl '{url}/{container}?restype=container&comp=list&{sas}'

# azcopy
azcopy copy DIR '{url}/{container}?{sas}' --recursive --from-to LocalBlob

# rclone
export RCLONE_AZUREBLOB_ACCOUNT='{account}' RCLONE_AZUREBLOB_KEY='{key}' RCLONE_AZUREBLOB_ENDPOINT='{url}'
rclone copy DIR :azureblob:{container}

# az
export AZURE_STORAGE_CONNECTION_STRING='{connection}'
az storage container create --name {container}
az storage blob list --container-name {container} --output table

# Python, with azure-storage-blob
python3 - <<'END'
from azure.storage.blob import BlobServiceClient
service = BlobServiceClient.from_connection_string("{connection}")
for blob in service.get_container_client("{container}").list_blobs():
    print(blob.name, blob.size)
END
"#
    )
}
