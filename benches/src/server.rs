//! The stand-in that every client talks to: this program again, in a process of its own, fresh for each run.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use serde::Deserialize;
use tempfile::TempDir;

use crate::http;
use crate::serve::Ready;

/// The one container of a run.
pub(crate) const CONTAINER: &str = "library";

/// What a server was asked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Traffic {
    /// How often each operation was called, by the service's own names.
    pub(crate) requests: BTreeMap<String, u64>,
    /// How many bytes came in the bodies of requests.
    pub(crate) received: u64,
}

/// A running stand-in with an empty container; it stops and its data go when this is dropped.
pub(crate) struct Server {
    child: Child,
    /// Held open, so that the server can go on writing.
    _output: BufReader<ChildStdout>,
    ready: Ready,
    authority: String,
    _data: TempDir,
}

impl Server {
    /// Starts the server, with its data below `scratch`.
    pub(crate) fn start(scratch: &Path) -> Result<Self> {
        let data = tempfile::Builder::new()
            .prefix("drydock-")
            .tempdir_in(scratch)?;
        let mut child = Command::new(std::env::current_exe()?)
            .arg("serve")
            .arg(data.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the server")?;
        let mut output = BufReader::new(child.stdout.take().context("the server has no output")?);
        let ready = read_ready(&mut output);
        if ready.is_err() {
            child.kill()?;
            child.wait()?;
        }
        let ready = ready?;
        let server = Self {
            authority: authority_of(&ready.url)?,
            child,
            _output: output,
            ready,
            _data: data,
        };
        server.send("PUT", "restype=container")?;
        Ok(server)
    }

    /// The name of the account.
    pub(crate) fn account(&self) -> &str {
        &self.ready.account
    }

    /// The key of the account, in base64.
    pub(crate) fn key(&self) -> &str {
        &self.ready.key
    }

    /// The address of the account.
    pub(crate) fn url(&self) -> &str {
        self.ready.url.trim_end_matches('/')
    }

    /// The address of the container.
    pub(crate) fn container_url(&self) -> String {
        format!("{}/{CONTAINER}", self.url())
    }

    /// The address of the container with a signature that allows everything.
    pub(crate) fn container_url_with_sas(&self) -> String {
        format!("{}/{CONTAINER}?{}", self.url(), self.ready.sas)
    }

    /// What was asked so far.
    pub(crate) fn traffic(&self) -> Result<Traffic> {
        parse_traffic(&http::send("GET", &self.authority, "/_drydock/counters")?)
    }

    /// How many blobs the container holds.
    pub(crate) fn blob_count(&self) -> Result<u64> {
        let (mut count, mut marker) = (0, String::new());
        loop {
            let page = self.send(
                "GET",
                &format!("restype=container&comp=list&marker={marker}"),
            )?;
            count += page.matches("<Blob>").count() as u64;
            match between(&page, "<NextMarker>", "</NextMarker>") {
                Some(next) if !next.is_empty() => next.clone_into(&mut marker),
                _ => return Ok(count),
            }
        }
    }

    fn send(&self, method: &str, query: &str) -> Result<String> {
        let url = self.container_url();
        let path = url
            .split_once(self.authority.as_str())
            .map_or("/", |(_, path)| path);
        http::send(
            method,
            &self.authority,
            &format!("{path}?{query}&{}", self.ready.sas),
        )
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Its data go with it, so it has nothing to finish; a server that is gone already is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The first line that says where the server listens.
fn read_ready(output: &mut impl BufRead) -> Result<Ready> {
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Ok(ready) = serde_json::from_str(&line) {
            return Ok(ready);
        }
        line.clear();
    }
    anyhow::bail!("the server ended without saying where it listens")
}

fn authority_of(url: &str) -> Result<String> {
    let rest = url
        .strip_prefix("http://")
        .with_context(|| format!("`{url}` is no plain http address"))?;
    Ok(rest.split('/').next().unwrap_or(rest).to_owned())
}

fn parse_traffic(body: &str) -> Result<Traffic> {
    #[derive(Deserialize)]
    struct Counters {
        operations: BTreeMap<String, Counter>,
    }
    #[derive(Deserialize)]
    struct Counter {
        requests: u64,
        bytes_in: u64,
    }
    let counters: Counters =
        serde_json::from_str(body).context("the counters have an unknown shape")?;
    Ok(Traffic {
        received: counters.operations.values().map(|it| it.bytes_in).sum(),
        requests: counters
            .operations
            .into_iter()
            .map(|(name, counter)| (name, counter.requests))
            .collect(),
    })
}

/// What was asked between two counts.
pub(crate) fn since(before: &Traffic, after: &Traffic) -> Traffic {
    let grown = after.requests.iter().map(|(name, count)| {
        let already = before.requests.get(name).copied().unwrap_or(0);
        (name.clone(), count.saturating_sub(already))
    });
    Traffic {
        requests: grown.filter(|(_, count)| *count > 0).collect(),
        received: after.received.saturating_sub(before.received),
    }
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(start)?;
    rest.split_once(end).map(|(inside, _)| inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_says_where_it_listens_may_come_late() {
        let line = r#"{"url":"http://127.0.0.1:1/a","account":"a","key":"k","sas":"s"}"#;
        let ready = read_ready(&mut format!("starting\n{line}\n").as_bytes()).unwrap();
        assert_eq!(authority_of(&ready.url).unwrap(), "127.0.0.1:1");
        assert!(read_ready(&mut &b"error: no such folder\n"[..]).is_err());
        assert!(authority_of("https://127.0.0.1:1/a").is_err());
    }

    #[test]
    fn only_what_grew_is_counted() {
        let count = |put: u64, bytes: u64| {
            let list = r#""ListBlobs":{"requests":1,"bytes_in":0,"statuses":{"200":1}}"#;
            let put = format!(r#""PutBlob":{{"requests":{put},"bytes_in":{bytes},"cut":0}}"#);
            parse_traffic(&format!(r#"{{"operations":{{{list},{put}}}}}"#)).unwrap()
        };
        let expected = Traffic {
            requests: [("PutBlob".to_owned(), 3)].into(),
            received: 70,
        };
        assert_eq!(since(&count(2, 30), &count(5, 100)), expected);
        assert_eq!(since(&count(2, 30), &count(2, 30)), Traffic::default());
        assert!(parse_traffic("{}").is_err());
    }

    #[test]
    fn a_marker_is_found_between_its_tags() {
        assert_eq!(between("<a>b</a>", "<a>", "</a>"), Some("b"));
        assert_eq!(between("<a/>", "<a>", "</a>"), None);
    }
}
