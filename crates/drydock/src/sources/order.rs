//! What a request wants of its source, and what it gets.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use http::{StatusCode, Uri};

use crate::call::{Call, ServiceVersion};
use crate::checksum::Check;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::operation::Operation;
use crate::range::Range;
use crate::storage::{Attributes, Content};

/// The longest URL of a source.
const MAX_URL: usize = 2048;

const MIB: u64 = 1024 * 1024;

/// What was taken from a source.
#[derive(Debug)]
pub(crate) struct Shipment {
    /// The bytes.
    pub(crate) content: Content,
    /// Properties and metadata of the source.
    pub(crate) attributes: Attributes,
    /// Of the bytes, if it was computed.
    pub(crate) md5: Option<String>,
    /// Of the bytes, if it was computed.
    pub(crate) crc64: Option<String>,
    /// The source's URL as it may be shown.
    pub(crate) url: String,
}

/// In what shape the bytes are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One piece.
    Block,
    /// A blob without a block list.
    Plain,
    /// A blob with the source's committed blocks.
    Blocks,
}

/// What a request wants of its source.
pub(super) struct Order {
    url: Uri,
    pub(super) conditions: Conditions,
    pub(super) range: Option<Range>,
    pub(super) check: Check,
    pub(super) shape: Shape,
    limit: u64,
}

/// Where a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// In this stand-in.
    Here,
    /// On another port of this machine.
    There(SocketAddr),
}

impl Order {
    /// Reads the headers.
    pub(super) fn of(call: &Call) -> Outcome<Self> {
        let text = call.header("x-ms-copy-source")?.unwrap_or_default();
        if text.len() > MAX_URL {
            return Err(Failure::header_value("x-ms-copy-source"));
        }
        let url: Uri = text
            .parse()
            .map_err(|_| Failure::header_value("x-ms-copy-source"))?;
        let mut order = Self {
            url,
            conditions: Conditions::of_source(call)?,
            range: None,
            check: Check::of_source(call)?,
            shape: Shape::Blocks,
            limit: u64::MAX,
        };
        order.fit(call)?;
        // Tokens join here: with one, the source is read as whoever it stands for.
        if call.header("x-ms-copy-source-authorization")?.is_some() {
            let refusal = Failure::of(Code::InvalidAuthenticationInfo);
            return Err(Failure::copy_source(refusal.status, refusal.message));
        }
        Ok(order)
    }

    /// What the operation adds.
    fn fit(&mut self, call: &Call) -> Outcome<()> {
        match call.operation {
            Operation::PutBlockFromUrl => {
                self.shape = Shape::Block;
                self.limit = if call.version >= ServiceVersion::LARGE_BLOCKS {
                    4000 * MIB
                } else {
                    100 * MIB
                };
                if let Some(range) = call.header("x-ms-source-range")? {
                    let range = Range::parse(range);
                    self.range =
                        Some(range.ok_or_else(|| Failure::header_value("x-ms-source-range"))?);
                }
                if !self.check.computes() {
                    self.check.compute_crc64();
                }
            }
            Operation::PutBlobFromUrl => {
                self.shape = Shape::Plain;
                self.limit = 5000 * MIB;
                self.check.compute_md5();
            }
            _ if is_synchronous(call)? => {
                self.limit = 256 * MIB;
                if !self.check.computes() {
                    self.check.compute_crc64();
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Where the source is; an error for what is out of reach.
    pub(super) fn whereabouts(&self, call: &Call) -> Outcome<Whereabouts> {
        let out_of_reach = || {
            Failure::copy_source(
                StatusCode::FORBIDDEN,
                "Drydock copies from servers on this machine only.",
            )
        };
        if self.url.scheme_str() != Some("http") {
            return Err(out_of_reach());
        }
        let host = self.url.host().unwrap_or_default();
        let host = host.trim_start_matches('[').trim_end_matches(']');
        let port = self.url.port_u16().unwrap_or(80);
        let own = call.harbour.address;
        let here = match host {
            "localhost" => own.ip().is_loopback() || own.ip().is_unspecified(),
            host => host.parse() == Ok(own.ip()) || own.ip().is_unspecified(),
        };
        let address = match host {
            "localhost" => Ok(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            host => host.parse::<IpAddr>(),
        };
        let address = address.ok().filter(IpAddr::is_loopback);
        let address = address.ok_or_else(out_of_reach)?;
        if here && port == own.port() {
            return Ok(Whereabouts::Here);
        }
        Ok(Whereabouts::There(SocketAddr::new(address, port)))
    }

    /// Path and query of the source.
    pub(super) fn path_and_query(&self) -> &str {
        self.url.path_and_query().map_or("/", |path| path.as_str())
    }

    /// Whether the source's URL brings a signature.
    pub(super) fn is_signed(&self) -> bool {
        let query = self.url.query().unwrap_or_default();
        query.split('&').any(|pair| pair.starts_with("sig="))
    }

    /// The URL without its query, which may hold a secret.
    pub(super) fn shown_url(&self) -> String {
        let authority = self
            .url
            .authority()
            .map_or("", |authority| authority.as_str());
        format!("http://{authority}{}", self.url.path())
    }

    /// Start and length in a source of this length.
    pub(super) fn span(&self, length: u64) -> Outcome<(u64, u64)> {
        let span = match self.range {
            None => Some((0, length)),
            Some(range) => range.within(length),
        };
        let span = span.ok_or_else(|| {
            let refusal = Failure::of(Code::InvalidRange);
            Failure::copy_source(refusal.status, refusal.message)
        })?;
        self.check_size(span.1)?;
        Ok(span)
    }

    /// Refuses what is larger than the operation may copy.
    pub(super) fn check_size(&self, length: u64) -> Outcome<()> {
        if length <= self.limit {
            return Ok(());
        }
        let limit = self.limit / MIB;
        Err(Failure::copy_source(
            StatusCode::CONFLICT,
            format!(
                "The source request body for copy source is too large and exceeds the maximum permissible limit ({limit}MB)."
            ),
        ))
    }
}

/// Whether a Copy Blob is a Copy Blob From URL.
pub(super) fn is_synchronous(call: &Call) -> Outcome<bool> {
    Ok(call.flag("x-ms-requires-sync")?.unwrap_or(false))
}
