//! Requests read from a connection, and answers written to it.

use std::io;
use std::sync::Mutex;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::reply::{Asked, Reply};
use super::served::Ending;
use super::{Shelf, lock};

/// How much is written at once.
const PIECE: usize = 16 << 10;

/// Answers requests until an answer or the client ends the connection.
pub(super) async fn connection(mut stream: TcpStream, shelf: &Mutex<Shelf>) -> io::Result<()> {
    let mut buffer = Vec::new();
    loop {
        let Some(asked) = request(&mut stream, &mut buffer).await? else {
            return Ok(());
        };
        let reply = lock(shelf).answer(&asked);
        send(&mut stream, shelf, &asked, &reply).await?;
        match reply.ending {
            None => {}
            Some(Ending::Close) => return stream.shutdown().await,
            Some(Ending::Reset) => return stream.set_zero_linger(),
            // Until the client has had enough.
            Some(Ending::Stall) => return stream.read_u8().await.map(drop),
        }
    }
}

async fn send(
    stream: &mut TcpStream,
    shelf: &Mutex<Shelf>,
    asked: &Asked,
    reply: &Reply,
) -> io::Result<()> {
    stream.write_all(reply.head.as_bytes()).await?;
    if asked.is_head {
        return Ok(());
    }
    for piece in reply.body.chunks(PIECE) {
        stream.write_all(piece).await?;
        let mut shelf = lock(shelf);
        let count = shelf.counts.entry(asked.path.clone()).or_default();
        count.sent += piece.len() as u64;
    }
    Ok(())
}

/// Reads the next request, which has no body; none at the end of the connection.
async fn request(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<Option<Asked>> {
    loop {
        if let Some((asked, length)) = parse(buffer)? {
            buffer.drain(..length);
            return Ok(Some(asked));
        }
        if stream.read_buf(buffer).await? == 0 {
            return Ok(None);
        }
    }
}

fn parse(bytes: &[u8]) -> io::Result<Option<(Asked, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let length = match request.parse(bytes).map_err(io::Error::other)? {
        httparse::Status::Complete(length) => length,
        httparse::Status::Partial => return Ok(None),
    };
    let header = |name: &str| {
        let mut headers = request.headers.iter();
        let found = headers.find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(found.value).ok()
    };
    let target = request.path.unwrap_or_default();
    let asked = Asked {
        path: target.split('?').next().unwrap_or_default().to_owned(),
        is_head: request.method == Some("HEAD"),
        range: header("range").and_then(range),
        if_range: header("if-range").map(str::to_owned),
        is_authorized: header("authorization").is_some(),
    };
    Ok(Some((asked, length)))
}

fn range(text: &str) -> Option<(u64, Option<u64>)> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    let last = match last {
        "" => None,
        last => Some(last.parse().ok()?),
    };
    Some((first.parse().ok()?, last))
}
