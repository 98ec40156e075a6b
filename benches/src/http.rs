//! The few requests that the harness itself sends to the stand-in: HTTP/1.1 on loopback, one connection each.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::{Context, Result, bail, ensure};

/// Sends a request without a body and gives back the body of a good answer.
///
/// `authority` is `HOST:PORT`, `target` the path and query.
pub(crate) fn send(method: &str, authority: &str, target: &str) -> Result<String> {
    let mut stream = TcpStream::connect(authority)?;
    write!(
        stream,
        "{method} {target} HTTP/1.1\r\nhost: {authority}\r\nx-ms-version: 2021-12-02\r\n\
         x-drydock-control: benches\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let answer = String::from_utf8(answer).context("the answer is no UTF-8")?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .context("the answer has no head")?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    let path = target.split('?').next().unwrap_or_default();
    ensure!(
        status.starts_with('2'),
        "{method} {path} answered {status}: {body}"
    );
    let head = head.to_ascii_lowercase();
    if head.contains("transfer-encoding: chunked") {
        join_chunks(body)
    } else {
        Ok(body.to_owned())
    }
}

fn join_chunks(mut rest: &str) -> Result<String> {
    let mut body = String::new();
    while let Some((size, later)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size.split(';').next().unwrap_or_default().trim(), 16)?;
        if size == 0 {
            return Ok(body);
        }
        body.push_str(later.get(..size).context("a chunk is cut short")?);
        rest = later[size..]
            .strip_prefix("\r\n")
            .context("a chunk has no end")?;
    }
    bail!("the last chunk is missing")
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    fn answered(answer: &'static str) -> Result<String> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let authority = listener.local_addr()?.to_string();
        let server = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                request.push(byte[0]);
            }
            stream.write_all(answer.as_bytes()).unwrap();
        });
        let result = send("GET", &authority, "/x?sig=secret");
        server.join().unwrap();
        result
    }

    #[test]
    fn bodies_are_read_whole_and_in_chunks() {
        assert_eq!(
            answered("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nab").unwrap(),
            "ab"
        );
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n1;x\r\nc\r\n0\r\n\r\n";
        assert_eq!(answered(chunked).unwrap(), "abc");
        let cut = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n";
        assert!(answered(cut).is_err());
    }

    #[test]
    fn a_refusal_is_an_error_that_hides_the_query() {
        let error = answered("HTTP/1.1 403 Forbidden\r\n\r\nno")
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("403") && !error.contains("secret"),
            "{error}"
        );
    }
}
