"""Uploads a folder with azure-storage-blob, lists it, and downloads it again, checking every transfer.

Usage: roundtrip.py SOURCE TARGET, with AZURE_STORAGE_CONNECTION_STRING in the environment.
"""

import os
import pathlib
import sys

from azure.core.exceptions import ResourceExistsError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContentSettings

CONTAINER = "python"
PIECE = 1 << 20


def files(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def main():
    source, target = map(pathlib.Path, sys.argv[1:])
    service = BlobServiceClient.from_connection_string(
        os.environ["AZURE_STORAGE_CONNECTION_STRING"],
        max_single_put_size=PIECE,
        max_block_size=PIECE,
        max_single_get_size=PIECE,
        max_chunk_get_size=PIECE,
    )
    container = service.create_container(CONTAINER)
    for name in files(source):
        with open(source / name, "rb") as content:
            container.upload_blob(
                name.as_posix(),
                content,
                metadata={"origin": "python"},
                content_settings=ContentSettings(content_type="application/x-test"),
                validate_content=True,
                max_concurrency=4,
            )

    listed = {blob.name: blob for blob in container.list_blobs(include=["metadata"], results_per_page=2)}
    assert sorted(listed) == sorted(name.as_posix() for name in files(source)), sorted(listed)
    for name, blob in listed.items():
        assert blob.size == (source / name).stat().st_size, name
        assert blob.metadata == {"origin": "python"}, blob.metadata
        assert blob.content_settings.content_type == "application/x-test"
        properties = container.get_blob_client(name).get_blob_properties()
        assert properties.etag.strip('"') == blob.etag, (properties.etag, blob.etag)
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as content:
            container.download_blob(name, validate_content=True, max_concurrency=4).readinto(content)

    first = next(iter(listed))
    try:
        container.upload_blob(first, b"another")
        raise AssertionError("an existing blob was replaced")
    except ResourceExistsError:
        pass
    container.delete_blob(first)
    try:
        container.get_blob_client(first).get_blob_properties()
        raise AssertionError("a deleted blob is still there")
    except ResourceNotFoundError:
        pass


main()
