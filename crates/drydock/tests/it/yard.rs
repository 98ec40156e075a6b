//! A running stand-in and a client that speaks to it in plain HTTP, signing by itself.

use std::path::Path;
use std::time::{Duration, SystemTime};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use longshore_drydock::{Control, Drydock, DrydockOptions};
use reqwest::{Method, StatusCode};
use sha2::Sha256;

/// A stand-in with a container `library`, and its data.
pub(crate) struct Yard {
    pub(crate) drydock: Drydock,
    pub(crate) folder: tempfile::TempDir,
    client: reqwest::Client,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: reqwest::header::HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Reply {
    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    /// The status and the error code, as `409 BlobAlreadyExists`.
    pub(crate) fn outcome(&self) -> String {
        let code = self.header("x-ms-error-code");
        if !code.is_empty() && !self.body.is_empty() {
            assert!(self.text().contains(&format!("<Code>{code}</Code>")));
        }
        format!("{} {code}", self.status.as_u16()).trim().to_owned()
    }
}

/// Headers of a request.
pub(crate) type Headers<'a> = &'a [(&'a str, &'a str)];

pub(crate) const BLOCK_BLOB: (&str, &str) = ("x-ms-blob-type", "BlockBlob");

impl Yard {
    pub(crate) async fn open() -> Self {
        Self::with(|options| options).await
    }

    pub(crate) async fn with(change: impl FnOnce(DrydockOptions) -> DrydockOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let drydock = Drydock::start(change(options(folder.path())))
            .await
            .unwrap();
        let yard = Self {
            drydock,
            folder,
            client: client(),
        };
        yard.expect("PUT", "library?restype=container", &[], "", "201")
            .await;
        yard
    }

    /// Stops it, and starts it again over the same data.
    pub(crate) async fn restart(self) -> Self {
        self.drydock.shutdown().await;
        Self::over(self.folder).await
    }

    /// Starts it over data that are there.
    pub(crate) async fn over(folder: tempfile::TempDir) -> Self {
        let drydock = Drydock::start(options(folder.path())).await.unwrap();
        Self {
            drydock,
            folder,
            client: client(),
        }
    }

    pub(crate) fn control(&self) -> Control {
        self.drydock.control()
    }

    /// Sends a request signed with the account's key.
    pub(crate) async fn send(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        self.try_send(method, path, headers, body).await.unwrap()
    }

    /// The same, for a request that may not be answered.
    pub(crate) async fn try_send(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: impl Into<Vec<u8>>,
    ) -> Result<Reply, reqwest::Error> {
        let request = self.signed(method, path, headers, body);
        read(self.client.execute(request).await?).await
    }

    /// A request signed with the account's key.
    pub(crate) fn signed(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: impl Into<Vec<u8>>,
    ) -> reqwest::Request {
        let mut request = self.request(method, path, headers, body);
        let signature = sign(&request, &self.drydock);
        request
            .headers_mut()
            .insert("authorization", signature.parse().unwrap());
        request
    }

    /// The URL of something in this account, with a signature that lets anybody read it.
    pub(crate) fn readable(&self, path: &str) -> String {
        let sas = self.drydock.account_sas("r", Duration::from_hours(1));
        format!("{}/{path}?{}", self.drydock.url(), sas.expose())
    }

    /// The ids and sizes of a blob's committed blocks.
    pub(crate) async fn committed(&self, name: &str) -> Vec<(String, String)> {
        let path = format!("library/{name}?comp=blocklist");
        let list = self.expect("GET", &path, &[], "", "200").await.text();
        let sizes = texts(&list, "Size");
        texts(&list, "Name").into_iter().zip(sizes).collect()
    }

    /// Asks the control interface.
    pub(crate) async fn control_call(&self, method: &str, path: &str, body: &str) -> Reply {
        let url = format!("http://{}/_drydock/{path}", self.drydock.address());
        let request = self
            .client
            .request(method.parse::<Method>().unwrap(), url)
            .header("x-drydock-control", "1")
            .body(body.to_owned());
        read(request.send().await.unwrap()).await.unwrap()
    }

    /// Sends a request as it is: anonymous, or with a SAS in its path.
    pub(crate) async fn send_unsigned(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: impl Into<Vec<u8>>,
    ) -> Reply {
        let request = self.request(method, path, headers, body);
        read(self.client.execute(request).await.unwrap())
            .await
            .unwrap()
    }

    /// Sends a signed request, and checks its outcome.
    pub(crate) async fn expect(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: impl Into<Vec<u8>>,
        outcome: &str,
    ) -> Reply {
        let reply = self.send(method, path, headers, body).await;
        assert_eq!(reply.outcome(), outcome, "{method} {path}");
        reply
    }

    /// Puts a blob into `library`.
    pub(crate) async fn put(&self, name: &str, body: impl Into<Vec<u8>>) -> Reply {
        self.expect(
            "PUT",
            &format!("library/{name}"),
            &[BLOCK_BLOB],
            body,
            "201",
        )
        .await
    }

    /// Stages a block.
    pub(crate) async fn put_block(&self, name: &str, id: &str, body: impl Into<Vec<u8>>) {
        let path = format!("library/{name}?comp=block&blockid={}", query_id(id));
        self.expect("PUT", &path, &[], body, "201").await;
    }

    /// Commits a list of `(choice, id)`.
    pub(crate) async fn commit(
        &self,
        name: &str,
        list: &[(&str, &str)],
        headers: Headers<'_>,
    ) -> Reply {
        let path = format!("library/{name}?comp=blocklist");
        self.send("PUT", &path, headers, block_list(list)).await
    }

    /// The content of a blob in `library`.
    pub(crate) async fn get(&self, name: &str) -> Vec<u8> {
        self.expect("GET", &format!("library/{name}"), &[], "", "200")
            .await
            .body
    }

    fn request(
        &self,
        method: &str,
        path: &str,
        headers: Headers<'_>,
        body: impl Into<Vec<u8>>,
    ) -> reqwest::Request {
        let body = body.into();
        let url = format!("{}/{path}", self.drydock.url());
        let mut request = self
            .client
            .request(method.parse::<Method>().unwrap(), url)
            .header("x-ms-version", "2026-04-06");
        if !headers.iter().any(|(name, _)| *name == "x-ms-date") {
            request = request.header("x-ms-date", httpdate::fmt_http_date(SystemTime::now()));
        }
        if method == "PUT" || method == "POST" {
            request = request.header("content-length", body.len()).body(body);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request.build().unwrap()
    }
}

fn options(folder: &Path) -> DrydockOptions {
    DrydockOptions::new(folder.join("data"))
}

fn client() -> reqwest::Client {
    reqwest::Client::builder().no_proxy().build().unwrap()
}

async fn read(response: reqwest::Response) -> Result<Reply, reqwest::Error> {
    Ok(Reply {
        status: response.status(),
        headers: response.headers().clone(),
        body: response.bytes().await?.to_vec(),
    })
}

/// The SharedKey header, written down from the documentation and not from the server.
fn sign(request: &reqwest::Request, drydock: &Drydock) -> String {
    let header = |name: &str| {
        let value = request.headers().get(name);
        value.map_or("", |value| value.to_str().unwrap()).to_owned()
    };
    let mut length = header("content-length");
    if length == "0" {
        length.clear();
    }
    let mut text = [
        request.method().to_string(),
        header("content-encoding"),
        header("content-language"),
        length,
        header("content-md5"),
        header("content-type"),
        String::new(),
        header("if-modified-since"),
        header("if-match"),
        header("if-none-match"),
        header("if-unmodified-since"),
        header("range"),
    ]
    .join("\n");
    text.push('\n');
    let mut named: Vec<_> = request
        .headers()
        .iter()
        .filter(|(name, _)| name.as_str().starts_with("x-ms-"))
        .collect();
    named.sort_by_key(|(name, _)| name.as_str());
    for (name, value) in named {
        let value = String::from_utf8_lossy(value.as_bytes());
        text.extend([name.as_str(), ":", &value, "\n"]);
    }
    text.extend(["/", drydock.account(), request.url().path()]);
    let mut query: Vec<_> = request
        .url()
        .query_pairs()
        .map(|(name, value)| format!("\n{}:{value}", name.to_lowercase()))
        .collect();
    query.sort();
    text.extend(query);
    let key = STANDARD.decode(drydock.key().expose()).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    mac.update(text.as_bytes());
    let signature = STANDARD.encode(mac.finalize().into_bytes());
    format!("SharedKey {}:{signature}", drydock.account())
}

/// A block id as it stands in a query.
pub(crate) fn query_id(id: &str) -> String {
    STANDARD
        .encode(id)
        .replace('+', "%2B")
        .replace('/', "%2F")
        .replace('=', "%3D")
}

/// The document of a Put Block List.
pub(crate) fn block_list(list: &[(&str, &str)]) -> String {
    let blocks = list
        .iter()
        .map(|(choice, id)| format!("<{choice}>{}</{choice}>", STANDARD.encode(id)));
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>{}</BlockList>",
        blocks.collect::<String>()
    )
}

/// The texts of all elements of a name, in order.
pub(crate) fn texts(document: &str, element: &str) -> Vec<String> {
    let (open, close) = (format!("<{element}>"), format!("</{element}>"));
    document
        .split(&open)
        .skip(1)
        .map(|rest| rest.split(&close).next().unwrap().to_owned())
        .collect()
}

/// Bytes that do not repeat soon.
pub(crate) fn noise(length: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    (0..length)
        .map(|_| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 56) as u8
        })
        .collect()
}
