//! One answer, made from what is served and what is asked.

use std::fmt::Write;

use bytes::Bytes;

use super::served::{Ending, Length, Served};
use super::{Count, Shelf};

/// A request, as far as it matters.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) path: String,
    pub(super) is_head: bool,
    pub(super) range: Option<(u64, Option<u64>)>,
    pub(super) if_range: Option<String>,
    pub(super) is_authorized: bool,
}

/// An answer: its head as written, its body, and how that ends.
#[derive(Debug, Default)]
pub(super) struct Reply {
    pub(super) head: String,
    pub(super) body: Bytes,
    pub(super) ending: Option<Ending>,
}

impl Reply {
    fn status(status: u16, headers: &str) -> Self {
        Self {
            head: format!("HTTP/1.1 {status} -\r\nContent-Length: 0\r\n{headers}\r\n"),
            ..Self::default()
        }
    }
}

impl Shelf {
    /// Counts a request and answers it.
    pub(super) fn answer(&mut self, asked: &Asked) -> Reply {
        let count = self.counts.entry(asked.path.clone()).or_default();
        count.note(asked);
        let Some(served) = self.files.get_mut(&asked.path) else {
            return Reply::status(404, "");
        };
        if !asked.is_head {
            served.advance();
        }
        served.answer(asked)
    }
}

impl Count {
    fn note(&mut self, asked: &Asked) {
        self.requests += 1;
        self.heads += u64::from(asked.is_head);
        self.gets += u64::from(!asked.is_head);
        self.ranged += u64::from(asked.range.is_some());
        self.authorized += u64::from(asked.is_authorized);
    }
}

impl Served {
    /// Makes room for what comes next, when it is time.
    fn advance(&mut self) {
        match self.next.take() {
            Some((0, next)) => *self = *next,
            Some((gets, next)) => self.next = Some((gets - 1, next)),
            None => {}
        }
    }

    fn answer(&mut self, asked: &Asked) -> Reply {
        if let Some(refused) = self.refuse() {
            return refused;
        }
        if let Some(status) = self.head_status.filter(|_| asked.is_head) {
            return Reply::status(status, "");
        }
        if let Some(location) = &self.redirect {
            return Reply::status(302, &format!("Location: {location}\r\n"));
        }
        let total = match self.length {
            Length::Claimed(claimed) => claimed,
            Length::True | Length::Untold => self.content.len() as u64,
        };
        let range = asked
            .range
            .filter(|_| self.ranges && self.holds(asked.if_range.as_deref()));
        match range {
            Some((first, last)) => self.part(first, last, total, asked.is_head),
            None => self.whole(total, asked.is_head),
        }
    }

    fn refuse(&mut self) -> Option<Reply> {
        let refusal = self.refusal.as_mut().filter(|refusal| refusal.times > 0)?;
        refusal.times -= 1;
        let after = refusal.retry_after.as_ref();
        let after = after.map(|after| format!("Retry-After: {after}\r\n"));
        Some(Reply::status(refusal.status, &after.unwrap_or_default()))
    }

    /// Whether the file is still the one that `If-Range` names; a weak ETag names none.
    fn holds(&self, condition: Option<&str>) -> bool {
        let is_named = |condition: &str| {
            let etag = self.etag.as_deref().filter(|etag| !etag.starts_with("W/"));
            etag == Some(condition) || self.modified.as_deref() == Some(condition)
        };
        !self.believes_if_range || condition.is_none_or(is_named)
    }

    fn whole(&mut self, total: u64, is_head: bool) -> Reply {
        let length = match self.length {
            Length::Untold => "Connection: close\r\n".to_owned(),
            _ => format!("Content-Length: {total}\r\n"),
        };
        let body = self.content.clone();
        let ending =
            (body.len() as u64 != total || self.length == Length::Untold).then_some(Ending::Close);
        self.reply(200, &length, body, ending.filter(|_| !is_head))
    }

    fn part(&mut self, first: u64, last: Option<u64>, total: u64, is_head: bool) -> Reply {
        let real = self.content.len() as u64;
        if first >= real {
            return Reply::status(416, &format!("Content-Range: bytes */{real}\r\n"));
        }
        let end = last.map_or(total, |last| total.min(last.saturating_add(1)));
        let span = |at: u64| usize::try_from(at.min(real)).unwrap_or(usize::MAX);
        let body = self.content.slice(span(first)..span(end).max(span(first)));
        let headers = format!(
            "Content-Length: {}\r\nContent-Range: bytes {first}-{}/{total}\r\n",
            end - first,
            end - 1
        );
        let ending = (body.len() as u64 != end - first).then_some(Ending::Close);
        self.reply(206, &headers, body, ending.filter(|_| !is_head))
    }

    fn reply(&mut self, status: u16, headers: &str, body: Bytes, ending: Option<Ending>) -> Reply {
        let mut head = format!("HTTP/1.1 {status} -\r\n{headers}");
        let told = [
            ("ETag", self.etag.as_deref()),
            ("Last-Modified", self.modified.as_deref()),
            ("Accept-Ranges", self.ranges.then_some("bytes")),
        ];
        for (name, value) in told {
            if let Some(value) = value {
                // Writing to a string cannot fail.
                let _ = write!(head, "{name}: {value}\r\n");
            }
        }
        head.push_str("\r\n");
        let cut = self.cut.as_mut().filter(|(_, _, times)| *times > 0);
        let (body, ending) = match cut {
            Some((bytes, cut, times)) if *bytes < body.len() as u64 => {
                *times -= 1;
                let kept = usize::try_from(*bytes).unwrap_or(usize::MAX);
                (body.slice(..kept), Some(*cut))
            }
            _ => (body, ending),
        };
        Reply { head, body, ending }
    }
}
