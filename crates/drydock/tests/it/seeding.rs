//! Containers that are filled without a request for each blob.

use std::collections::BTreeMap;

use longshore_drydock::{Operation, Seed};

use crate::yard::{Yard, texts};

#[tokio::test]
async fn seeds_become_blobs_of_zeros_with_their_metadata() {
    let yard = Yard::open().await;
    let lines: Vec<_> = (0..2500)
        .map(|number| {
            let size = number % 3 * 300_000;
            format!(
                "{{\"container\":\"seeded\",\"name\":\"a/{number:05}\",\"size\":{size},\
                 \"metadata\":{{\"digest\":\"d{number}\"}},\"content_md5\":\"AAAA\"}}\n"
            )
        })
        .collect();
    let reply = yard.control_call("POST", "seed", &lines.concat()).await;
    assert_eq!(reply.text(), "{\"seeded\":2500}");
    assert_eq!(yard.control().counters().requests(Operation::PutBlob), 0);

    let yard = yard.restart().await;
    let list = "seeded?restype=container&comp=list&include=metadata&maxresults=2000&marker=";
    let first = yard.expect("GET", list, &[], "", "200").await.text();
    let next = texts(&first, "NextMarker");
    let second = format!("{list}{}", next[0]);
    let second = yard.expect("GET", &second, &[], "", "200").await.text();
    let digests = [texts(&first, "digest"), texts(&second, "digest")].concat();
    let expected: Vec<_> = (0..2500).map(|number| format!("d{number}")).collect();
    assert_eq!(digests, expected);
    assert_eq!(texts(&second, "Content-MD5")[0], "AAAA");

    let read = yard.expect("GET", "seeded/a/00002", &[], "", "200").await;
    assert!(read.body == vec![0; 600_000]);
    let range = [("x-ms-range", "bytes=299990-")];
    let read = yard
        .expect("GET", "seeded/a/00001", &range, "", "206")
        .await;
    assert_eq!(read.body, [0; 10]);
    let content = yard.folder.path().join("data/content");
    assert_eq!(fs_err::read_dir(content).unwrap().count(), 0);
    yard.expect("DELETE", "seeded/a/00002", &[], "", "202")
        .await;
    let read = yard.expect("GET", "seeded/a/00005", &[], "", "200").await;
    assert_eq!(read.body.len(), 600_000);
}

#[tokio::test]
async fn seeds_come_from_the_same_process_too() {
    let yard = Yard::open().await;
    let seed = |name: &str| Seed {
        container: "library".to_owned(),
        name: name.to_owned(),
        size: 3,
        metadata: BTreeMap::from([("k".to_owned(), "v".to_owned())]),
        ..Seed::default()
    };
    yard.put("b", "old").await;
    assert_eq!(yard.drydock.seed(["a", "b"].map(seed)).unwrap(), 2);
    assert_eq!(yard.get("a").await, [0; 3]);
    assert_eq!(yard.get("b").await, [0; 3]);
    for impossible in [
        seed(""),
        Seed {
            container: "A".into(),
            ..seed("a")
        },
    ] {
        assert!(yard.drydock.seed([impossible]).is_err());
    }
}

#[tokio::test]
async fn what_is_no_seed_is_named_by_its_number() {
    let yard = Yard::open().await;
    let good = "{\"container\":\"library\",\"name\":\"a\",\"size\":1}";
    for (bad, expected) in [
        ("nonsense", "seed 2 is not understood"),
        (
            "{\"container\":\"library\",\"name\":\"b\"}",
            "missing field",
        ),
        (
            "{\"container\":\"library\",\"name\":\"b\",\"size\":1,\"metadata\":{\"a-b\":\"\"}}",
            "seed 2 has an impossible metadata",
        ),
    ] {
        let body = format!("{good}\n{bad}\n");
        let reply = yard.control_call("POST", "seed", &body).await;
        assert_eq!(reply.status.as_u16(), 400, "{bad}");
        assert!(reply.text().contains(expected), "{}", reply.text());
    }
    let body = format!("{good}\n{good}");
    let reply = yard.control_call("POST", "seed", &body).await;
    assert_eq!(reply.text(), "{\"seeded\":2}");
}
