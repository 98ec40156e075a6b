//! Many deletes in one request.

use std::fmt::Write;

use longshore_drydock::{Fault, Operation};

use crate::yard::{Headers, Reply, Yard};

const CONTAINER_BATCH: &str = "library?restype=container&comp=batch";

/// One part: what follows its own headers.
fn part(id: usize, request: &str) -> String {
    format!(
        "--batch\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\
         Content-ID: {id}\r\n\r\n{request}\r\n\r\n"
    )
}

fn body(requests: &[String]) -> String {
    let parts = requests.iter().enumerate();
    let parts: String = parts.map(|(id, request)| part(id, request)).collect();
    format!("{parts}--batch--\r\n")
}

impl Yard {
    /// A request for a batch, signed with the key.
    fn signed_part(&self, method: &str, path: &str, headers: Headers<'_>) -> String {
        let request = self.signed(method, path, headers, "");
        let url = request.url();
        let query = url
            .query()
            .map_or(String::new(), |query| format!("?{query}"));
        let mut text = format!("{method} {}{query} HTTP/1.1\r\n", url.path());
        for (name, value) in request.headers() {
            write!(text, "{name}: {}\r\n", value.to_str().unwrap()).unwrap();
        }
        text
    }

    async fn batch(&self, path: &str, requests: &[String]) -> Reply {
        let kind = [("content-type", "multipart/mixed; boundary=batch")];
        self.send("POST", path, &kind, body(requests)).await
    }
}

/// The status and the code of each part, in order.
fn outcomes(reply: &Reply) -> Vec<String> {
    assert_eq!(reply.outcome(), "202");
    let text = reply.text();
    let boundary = reply.header("content-type");
    let boundary = boundary.split("boundary=").nth(1).unwrap();
    let delimiter = format!("--{boundary}");
    let parts: Vec<_> = text.split(&delimiter).skip(1).collect();
    assert_eq!(parts.last(), Some(&"--\r\n"));
    let outcome = |(at, part): (usize, &&str)| {
        assert!(part.contains(&format!("Content-ID: {at}\r\n")), "{part}");
        let status = part.split("HTTP/1.1 ").nth(1).unwrap();
        let code = part.split("x-ms-error-code: ").nth(1);
        let code = code.map_or("", |code| code.split("\r\n").next().unwrap());
        format!("{} {code}", &status[..3]).trim().to_owned()
    };
    parts[..parts.len() - 1]
        .iter()
        .enumerate()
        .map(outcome)
        .collect()
}

#[tokio::test]
async fn each_part_is_answered_by_itself() {
    let yard = Yard::open().await;
    for name in ["a", "b", "c", "d%20e"] {
        yard.put(name, "x").await;
    }
    let stale = [("if-match", "\"0x1\"")];
    let signed = yard.signed_part("DELETE", "library/b", &[]);
    let sas = yard
        .drydock
        .account_sas("d", std::time::Duration::from_hours(1));
    let readonly = yard
        .drydock
        .account_sas("r", std::time::Duration::from_hours(1));
    let requests = [
        yard.signed_part("DELETE", "library/a", &[]),
        yard.signed_part("DELETE", "library/none", &[]),
        yard.signed_part("DELETE", "library/c", &stale),
        signed.replace("SharedKey drydock:", "SharedKey drydock:AA"),
        // Some clients leave the account out.
        format!("DELETE /library/d%20e?{} HTTP/1.1", sas.expose()),
        format!("DELETE /drydock/library/c?{} HTTP/1.1", readonly.expose()),
        "DELETE /library/c HTTP/1.1".to_owned(),
    ];
    let reply = yard.batch(CONTAINER_BATCH, &requests).await;
    let expected = [
        "202",
        "404 BlobNotFound",
        "412 ConditionNotMet",
        "403 AuthenticationFailed",
        "202",
        "403 AuthorizationPermissionMismatch",
        "401 NoAuthenticationInformation",
    ];
    assert_eq!(outcomes(&reply), expected);
    for (name, there) in [("a", false), ("b", true), ("c", true), ("d%20e", false)] {
        let reply = yard.send("HEAD", &format!("library/{name}"), &[], "").await;
        assert_eq!(reply.status.is_success(), there, "{name}");
    }
    let counters = yard.control().counters();
    assert_eq!(counters.requests(Operation::BlobBatch), 1);
    let deletes = counters.of(Operation::DeleteBlob);
    assert_eq!((deletes.requests, deletes.statuses[&202]), (7, 2));
}

#[tokio::test]
async fn a_fault_on_a_delete_strikes_a_part() {
    let yard = Yard::open().await;
    yard.put("a", "x").await;
    yard.put("b", "x").await;
    let fault = Fault::status(503, "ServerBusy").on(Operation::DeleteBlob);
    yard.control().add_fault(fault.nth(2));
    let requests = ["library/a", "library/b"].map(|path| yard.signed_part("DELETE", path, &[]));
    let reply = yard.batch("?comp=batch", &requests).await;
    assert_eq!(outcomes(&reply), ["202", "503 ServerBusy"]);
    let tier = [("x-ms-access-tier", "Cool")];
    let requests = [yard.signed_part("PUT", "library/b?comp=tier", &tier)];
    let reply = yard.batch("?comp=batch", &requests).await;
    assert_eq!(outcomes(&reply), ["200"]);
}

#[tokio::test]
async fn what_is_no_batch_is_refused_whole() {
    let yard = Yard::open().await;
    yard.put("a", "x").await;
    let delete = yard.signed_part("DELETE", "library/a", &[]);
    let tier = [("x-ms-access-tier", "Cool")];
    let tier = yard.signed_part("PUT", "library/a?comp=tier", &tier);
    let get = yard.signed_part("GET", "library/a", &[]);
    let elsewhere = yard.signed_part("DELETE", "nowhere/a", &[]);
    for requests in [
        vec![],
        vec![get],
        vec![delete.clone(), tier],
        vec![elsewhere],
        vec!["nonsense".to_owned()],
        vec![delete.clone(); 257],
    ] {
        let reply = yard.batch(CONTAINER_BATCH, &requests).await;
        assert_eq!(reply.outcome(), "400 InvalidInput", "{requests:?}");
    }
    let kind = [("content-type", "multipart/mixed; boundary=batch")];
    let reply = yard.send("POST", CONTAINER_BATCH, &kind, "text").await;
    assert_eq!(reply.outcome(), "400 InvalidInput");
    let large = vec![b' '; 4 * 1024 * 1024 + 1];
    let reply = yard.send("POST", CONTAINER_BATCH, &kind, large).await;
    assert_eq!(reply.outcome(), "413 RequestBodyTooLarge");
    assert_eq!(yard.get("a").await, b"x");
}

#[tokio::test]
async fn a_container_sas_sends_batches_for_its_container_only() {
    let yard = Yard::open().await;
    yard.put("a", "x").await;
    let hour = std::time::Duration::from_hours(1);
    let sas = yard.drydock.container_sas("library", "d", hour);
    let request = format!("DELETE /drydock/library/a?{} HTTP/1.1", sas.expose());
    let kind = [("content-type", "multipart/mixed; boundary=batch")];
    let text = body(&[request]);
    let path = format!("?comp=batch&{}", sas.expose());
    let reply = yard.send_unsigned("POST", &path, &kind, text.clone()).await;
    assert_eq!(reply.outcome(), "403 AuthenticationFailed");
    let path = format!("{CONTAINER_BATCH}&{}", sas.expose());
    let reply = yard.send_unsigned("POST", &path, &kind, text).await;
    assert_eq!(outcomes(&reply), ["202"]);
}
