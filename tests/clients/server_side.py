"""Copies, leases and deletes blobs with azure-storage-blob, without sending their content.

Usage: server_side.py, with AZURE_STORAGE_CONNECTION_STRING and a read-only account SAS in READ_SAS in the environment.
"""

import os

from azure.core.exceptions import HttpResponseError, ResourceExistsError
from azure.storage.blob import BlobBlock, BlobServiceClient

CONTENT = bytes(range(256)) * 2048


def refused(status, code, call):
    try:
        call()
    except HttpResponseError as error:
        assert (error.status_code, error.error_code) == (status, code), error
    else:
        raise AssertionError(f"{code} was expected")


def copies(container, source):
    url = f"{source.url}?{os.environ['READ_SAS']}"
    copied = container.get_blob_client("copied")
    answer = copied.start_copy_from_url(url)
    assert answer["copy_status"] == "success", answer
    properties = copied.get_blob_properties()
    assert properties.copy.status == "success", properties.copy
    assert properties.copy.progress == f"{len(CONTENT)}/{len(CONTENT)}"
    assert properties.metadata == {"origin": "python"}, properties.metadata
    committed, _ = copied.get_block_list("all")
    assert [block.id for block in committed] == ["1", "2"], committed
    refused(409, "NoPendingCopyOperation", lambda: copied.abort_copy(answer["copy_id"]))

    at_once = container.get_blob_client("at once")
    assert at_once.start_copy_from_url(url, requires_sync=True)["copy_status"] == "success"

    put = container.get_blob_client("put")
    put.upload_blob_from_url(url)
    assert put.get_block_list("all")[0] == []
    try:
        put.upload_blob_from_url(url, overwrite=False)
        raise AssertionError("an existing blob was replaced")
    except ResourceExistsError:
        pass

    staged = container.get_blob_client("staged")
    staged.stage_block_from_url("2", url, source_offset=100, source_length=len(CONTENT) - 100)
    staged.stage_block_from_url("1", url, source_offset=0, source_length=100)
    staged.commit_block_list([BlobBlock("1"), BlobBlock("2")])
    for blob in (copied, at_once, put, staged):
        assert blob.download_blob().readall() == CONTENT, blob.blob_name
    refused(401, "CannotVerifyCopySource", lambda: put.upload_blob_from_url(source.url, overwrite=True))


def leases(container, blob):
    lease = blob.acquire_lease(15)
    refused(412, "LeaseIdMissing", blob.delete_blob)
    assert blob.get_blob_properties().lease.state == "leased"
    refused(409, "LeaseAlreadyPresent", lambda: blob.acquire_lease(15))
    lease.renew()
    lease.change("11111111-2222-3333-4444-555555555555")
    blob.set_blob_metadata({"origin": "lease"}, lease=lease)
    assert lease.break_lease(0) == 0
    lease.release()
    lease = container.acquire_lease(-1)
    refused(412, "LeaseIdMissing", container.delete_container)
    lease.release()


def main():
    service = BlobServiceClient.from_connection_string(os.environ["AZURE_STORAGE_CONNECTION_STRING"])
    container = service.create_container("python-server-side")
    source = container.get_blob_client("source")
    source.stage_block("1", CONTENT[:300_000])
    source.stage_block("2", CONTENT[300_000:])
    source.commit_block_list([BlobBlock("1"), BlobBlock("2")], metadata={"origin": "python"})
    copies(container, source)
    leases(container, source)

    names = [blob.name for blob in container.list_blobs()]
    assert names == ["at once", "copied", "put", "source", "staged"], names
    answers = list(container.delete_blobs(*names, "none", raise_on_any_failure=False))
    assert [answer.status_code for answer in answers] == [202] * 5 + [404], answers
    assert list(container.list_blobs()) == []
    container.delete_container()


main()
