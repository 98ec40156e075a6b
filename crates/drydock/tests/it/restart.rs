//! Data outlive the process, whole or killed.

use std::io::Write;

use longshore_drydock::{Drydock, DrydockError, DrydockOptions};

use crate::yard::{BLOCK_BLOB, Yard, noise, texts};

#[tokio::test]
async fn everything_is_there_after_a_restart() {
    let yard = Yard::open().await;
    let (small, large) = (noise(1000, 1), noise(3_000_000, 2));
    let headers = [BLOCK_BLOB, ("x-ms-meta-a", "1")];
    yard.expect("PUT", "library/small", &headers, small.clone(), "201")
        .await;
    yard.put("large", large.clone()).await;
    yard.put_block("blocks", "a", large.clone()).await;
    yard.put_block("blocks", "b", small.clone()).await;
    let list = [("Latest", "a"), ("Latest", "b"), ("Latest", "a")];
    yard.commit("blocks", &list, &[]).await;
    yard.put_block("blocks", "c", "staged").await;
    yard.put("gone", "x").await;
    yard.expect("DELETE", "library/gone", &[], "", "202").await;
    let before = yard.expect("HEAD", "library/small", &[], "", "200").await;

    let yard = yard.restart().await;
    let after = yard.expect("HEAD", "library/small", &[], "", "200").await;
    for header in [
        "etag",
        "last-modified",
        "x-ms-meta-a",
        "content-md5",
        "x-ms-creation-time",
    ] {
        assert_eq!(after.header(header), before.header(header), "{header}");
    }
    assert!(yard.get("small").await == small);
    assert!(yard.get("large").await == large);
    assert!(yard.get("blocks").await == [&large[..], &small, &large].concat());
    yard.expect("GET", "library/gone", &[], "", "404 BlobNotFound")
        .await;
    let path = "library/blocks?comp=blocklist&blocklisttype=uncommitted";
    let lists = yard.expect("GET", path, &[], "", "200").await;
    assert_eq!(texts(&lists.text(), "Size"), ["6"]);

    // A block that is in the list twice is one file: dropping one use must not take the other.
    let reply = yard
        .commit("blocks", &[("Committed", "a"), ("Latest", "c")], &[])
        .await;
    assert_eq!(reply.outcome(), "201");
    assert!(yard.get("blocks").await == [&large[..], b"staged"].concat());
    let yard = yard.restart().await;
    assert!(yard.get("blocks").await == [&large[..], b"staged"].concat());
}

#[tokio::test]
async fn a_torn_journal_loses_its_last_line_only() {
    let yard = Yard::open().await;
    yard.put("kept", noise(1000, 1)).await;
    let journal = yard.folder.path().join("data/journal");
    let whole = fs_err::metadata(&journal).unwrap().len();
    yard.put("torn", noise(1_000_000, 2)).await;
    let Yard {
        drydock, folder, ..
    } = yard;
    drydock.shutdown().await;
    let end = fs_err::metadata(&journal).unwrap().len();
    for cut in [end - 1, whole + 1] {
        let file = fs_err::OpenOptions::new()
            .write(true)
            .open(&journal)
            .unwrap();
        file.set_len(cut).unwrap();
    }
    let yard = Yard::over(folder).await;
    assert_eq!(yard.get("kept").await, noise(1000, 1));
    yard.expect("GET", "library/torn", &[], "", "404 BlobNotFound")
        .await;
    // Its content is swept: only the pack of the small blob is left.
    let content = yard.folder.path().join("data/content");
    assert_eq!(fs_err::read_dir(content).unwrap().count(), 1);
}

#[tokio::test]
async fn a_damaged_journal_is_not_guessed_around() {
    let yard = Yard::open().await;
    yard.put("a", "x").await;
    let Yard {
        drydock, folder, ..
    } = yard;
    drydock.shutdown().await;
    let data = folder.path().join("data");
    let mut journal = fs_err::read(data.join("journal")).unwrap();
    journal[20] ^= 1;
    fs_err::write(data.join("journal"), journal).unwrap();
    let refused = Drydock::start(DrydockOptions::new(&data))
        .await
        .unwrap_err();
    assert!(matches!(refused, DrydockError::Damaged { .. }), "{refused}");
}

#[tokio::test]
async fn data_have_one_server() {
    let yard = Yard::open().await;
    let data = yard.folder.path().join("data");
    let refused = Drydock::start(DrydockOptions::new(&data))
        .await
        .unwrap_err();
    assert!(matches!(refused, DrydockError::InUse { .. }), "{refused}");
    drop(yard.drydock);
    Drydock::start(DrydockOptions::new(&data)).await.unwrap();
}

#[tokio::test]
async fn space_is_given_back() {
    let yard = Yard::open().await;
    let files = |yard: &Yard| {
        let content = yard.folder.path().join("data/content");
        fs_err::read_dir(content).unwrap().count()
    };
    for _ in 0..3 {
        yard.put("blob", noise(1_000_000, 1)).await;
        yard.put_block("blocks", "a", noise(1_000_000, 2)).await;
    }
    assert_eq!(files(&yard), 2);
    yard.commit("blocks", &[("Latest", "a")], &[]).await;
    assert_eq!(files(&yard), 2);
    yard.expect("DELETE", "library/blocks", &[], "", "202")
        .await;
    assert_eq!(files(&yard), 1);
    yard.expect("DELETE", "library?restype=container", &[], "", "202")
        .await;
    assert_eq!(files(&yard), 0);
}

#[tokio::test]
async fn a_journal_of_many_rewrites_is_compacted() {
    let yard = Yard::open().await;
    for round in 0..1100 {
        let value = round.to_string();
        let headers = [("x-ms-meta-round", value.as_str())];
        yard.send(
            "PUT",
            "library?restype=container&comp=metadata",
            &headers,
            "",
        )
        .await;
    }
    let journal = yard.folder.path().join("data/journal");
    let before = fs_err::metadata(&journal).unwrap().len();
    let yard = yard.restart().await;
    assert!(fs_err::metadata(&journal).unwrap().len() < before / 100);
    let head = yard
        .expect("HEAD", "library?restype=container", &[], "", "200")
        .await;
    assert_eq!(head.header("x-ms-meta-round"), "1099");
}

#[tokio::test]
async fn a_stray_file_is_left_alone() {
    let yard = Yard::open().await;
    let stray = yard.folder.path().join("data/content/README");
    writeln!(fs_err::File::create(&stray).unwrap(), "mine").unwrap();
    let _yard = yard.restart().await;
    assert!(stray.exists());
}
