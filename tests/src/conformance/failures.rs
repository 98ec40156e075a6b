//! What is not there, and what did not arrive as it was sent.

use bytes::Bytes;
use longshore_content::Crc64;
use longshore_store::{
    BlobStore, BlockListKind, DeleteOptions, GetOptions, ListOptions, Metadata, SetMetadataOptions,
    StageOptions, WriteOptions,
};

use super::Harbour;
use super::support::{
    assert_error, block, block_ids, blocks, container, name, pages, put, text, write_blocks,
};

/// Each call on a missing blob says that it is missing.
pub async fn missing_blobs(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    put(&*store, &name("folder/there")?, "1").await?;
    for text in ["missing", "folder", "folder/missing", "folder/there/below"] {
        let blob = name(text)?;
        assert_error!(store.properties(&blob).await, NotFound, "{blob}");
        assert_error!(
            store.get(&blob, GetOptions::default()).await,
            NotFound,
            "{blob}"
        );
        let result = store.block_list(&blob, BlockListKind::All).await;
        assert_error!(result, NotFound, "{blob}");
        let options = SetMetadataOptions::default();
        let result = store.set_metadata(&blob, Metadata::new(), options).await;
        assert_error!(result, NotFound, "{blob}");
        let result = store.delete(&blob, DeleteOptions::default()).await;
        assert_error!(result, NotFound, "{blob}");
    }
    Ok(())
}

/// Each call on a missing container says that the container is missing, not the blob.
pub async fn missing_containers(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = harbour.store()?;
    let blob = name("blob")?;
    let body = || Bytes::from_static(b"1");
    let result = pages(&*store, ListOptions::default()).await;
    assert_error!(result, ContainerNotFound, "list");
    assert_error!(
        store.properties(&blob).await,
        ContainerNotFound,
        "properties"
    );
    let result = store.get(&blob, GetOptions::default()).await;
    assert_error!(result, ContainerNotFound, "get");
    let result = store.put(&blob, body(), WriteOptions::default()).await;
    assert_error!(result, ContainerNotFound, "put");
    let result = store
        .stage_block(&blob, &block("1")?, body(), StageOptions::default())
        .await;
    assert_error!(result, ContainerNotFound, "stage");
    let result = store
        .commit_blocks(&blob, &blocks(&["1"])?, WriteOptions::default())
        .await;
    assert_error!(result, ContainerNotFound, "commit");
    let result = store.block_list(&blob, BlockListKind::All).await;
    assert_error!(result, ContainerNotFound, "block list");
    let options = SetMetadataOptions::default();
    let result = store.set_metadata(&blob, Metadata::new(), options).await;
    assert_error!(result, ContainerNotFound, "metadata");
    let result = store.delete(&blob, DeleteOptions::default()).await;
    assert_error!(result, ContainerNotFound, "delete");
    Ok(())
}

/// A container is made once, and making it again harms nothing.
pub async fn containers_are_made_once(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = harbour.store()?;
    assert!(store.create_container().await?);
    let blob = name("blob")?;
    put(&*store, &blob, "1").await?;
    assert!(!store.create_container().await?);
    assert_eq!(text(&*store, &blob).await?, "1");
    Ok(())
}

/// A block whose bytes are not those of its checksum is not staged.
pub async fn corrupt_blocks(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    write_blocks(&*store, &blob, &[("1", "one")]).await?;
    let stage = async |body: &'static [u8], checksum| {
        let options = StageOptions { checksum };
        let id = block("2")?;
        anyhow::Ok(
            store
                .stage_block(&blob, &id, Bytes::from_static(body), options)
                .await,
        )
    };
    let checksum = Some(Crc64::of(b"two"));
    assert_error!(stage(b"twO", checksum).await?, Corrupt);
    assert_eq!(block_ids(&*store, &blob).await?.1, Vec::<String>::new());
    stage(b"two", checksum).await??;
    assert_eq!(block_ids(&*store, &blob).await?.1, ["2"]);
    Ok(())
}

/// A put that is damaged on the way is refused, and the blob stays as it was.
pub async fn corrupt_puts(harbour: &dyn Harbour) -> anyhow::Result<()> {
    let store = container(harbour).await?;
    let blob = name("blob")?;
    put(&*store, &blob, "before").await?;
    if harbour.damage_next_put()? {
        assert_error!(put(&*store, &blob, "after").await, Corrupt);
        assert_eq!(text(&*store, &blob).await?, "before");
    }
    put(&*store, &blob, "after").await?;
    assert_eq!(text(&*store, &blob).await?, "after");
    Ok(())
}
