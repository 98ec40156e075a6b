//! What is served at one path, and how badly.

use bytes::Bytes;

/// How an answer ends before its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ending {
    /// The connection is closed.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing comes any more, and the connection stays.
    Stall,
}

/// What a server says about the length of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Length {
    True,
    Claimed(u64),
    Untold,
}

/// Answers that say no for a while.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) retry_after: Option<String>,
    pub(super) times: u32,
}

/// A file on the server, and the script of its answers. By default the server is a good one without an ETag.
#[derive(Debug, Clone)]
pub struct Served {
    pub(super) content: Bytes,
    pub(super) etag: Option<String>,
    pub(super) modified: Option<String>,
    pub(super) ranges: bool,
    pub(super) believes_if_range: bool,
    pub(super) length: Length,
    pub(super) cut: Option<(u64, Ending, u32)>,
    pub(super) refusal: Option<Refusal>,
    pub(super) redirect: Option<String>,
    pub(super) head_status: Option<u16>,
    pub(super) next: Option<(u32, Box<Self>)>,
}

impl Served {
    /// A file with these bytes.
    pub fn new(content: impl Into<Bytes>) -> Self {
        Self {
            content: content.into(),
            etag: None,
            modified: None,
            ranges: true,
            believes_if_range: true,
            length: Length::True,
            cut: None,
            refusal: None,
            redirect: None,
            head_status: None,
            next: None,
        }
    }

    /// Nothing but a redirect, as it stands in `Location`.
    pub fn redirect(location: impl Into<String>) -> Self {
        Self {
            redirect: Some(location.into()),
            ..Self::new("")
        }
    }

    /// Nothing but a status, for ever.
    pub fn status(status: u16) -> Self {
        Self::new("").refused(status, u32::MAX)
    }

    /// Other bytes, all else as it is: republished.
    pub fn content(self, content: impl Into<Bytes>) -> Self {
        Self {
            content: content.into(),
            ..self
        }
    }

    /// An ETag as written, with its quotes; `W/"…"` is a weak one.
    pub fn etag(self, etag: impl Into<String>) -> Self {
        Self {
            etag: Some(etag.into()),
            ..self
        }
    }

    /// A `Last-Modified` as written: `Tue, 24 Nov 2026 10:00:00 GMT`.
    pub fn modified(self, modified: impl Into<String>) -> Self {
        Self {
            modified: Some(modified.into()),
            ..self
        }
    }

    /// Every answer is the whole file, whatever is asked.
    pub fn without_ranges(self) -> Self {
        Self {
            ranges: false,
            ..self
        }
    }

    /// Ranges are given of whatever there is, whatever `If-Range` says.
    pub fn ignoring_if_range(self) -> Self {
        Self {
            believes_if_range: false,
            ..self
        }
    }

    /// The file is said to have another length than it has.
    pub fn claiming(self, length: u64) -> Self {
        Self {
            length: Length::Claimed(length),
            ..self
        }
    }

    /// The length is not told; the end of the connection is the end of the file.
    pub fn without_length(self) -> Self {
        Self {
            length: Length::Untold,
            ..self
        }
    }

    /// The next `times` bodies end after so many bytes, as if that were all.
    pub fn truncated_after(self, bytes: u64, times: u32) -> Self {
        self.cut(bytes, Ending::Close, times)
    }

    /// The next `times` bodies end after so many bytes with a connection that is reset.
    pub fn reset_after(self, bytes: u64, times: u32) -> Self {
        self.cut(bytes, Ending::Reset, times)
    }

    /// The next `times` bodies stop after so many bytes; the connection stays.
    pub fn stalled_after(self, bytes: u64, times: u32) -> Self {
        self.cut(bytes, Ending::Stall, times)
    }

    /// The next `times` requests are answered with a status.
    pub fn refused(self, status: u16, times: u32) -> Self {
        let refusal = Refusal {
            status,
            retry_after: None,
            times,
        };
        Self {
            refusal: Some(refusal),
            ..self
        }
    }

    /// Those refusals say when to come back: seconds or a date.
    pub fn retry_after(mut self, text: impl Into<String>) -> Self {
        if let Some(refusal) = &mut self.refusal {
            refusal.retry_after = Some(text.into());
        }
        self
    }

    /// HEAD is answered with a status.
    pub fn refusing_head(self, status: u16) -> Self {
        Self {
            head_status: Some(status),
            ..self
        }
    }

    /// After so many more GETs there is something else here.
    pub fn then(self, gets: u32, next: Self) -> Self {
        Self {
            next: Some((gets, Box::new(next))),
            ..self
        }
    }

    fn cut(self, bytes: u64, ending: Ending, times: u32) -> Self {
        Self {
            cut: Some((bytes, ending, times)),
            ..self
        }
    }
}
