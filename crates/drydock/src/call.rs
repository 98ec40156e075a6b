//! One request, read as far as its headers.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::{HeaderMap, Method, request};

use crate::auth::Principal;
use crate::control::Control;
use crate::failure::{Code, Failure, Outcome};
use crate::key::Account;
use crate::operation::Operation;
use crate::storage::{BlobAddress, Store};
use crate::target::{Query, Target};

/// What all requests of a stand-in share.
#[derive(Debug)]
pub(crate) struct Harbour {
    pub(crate) account: Account,
    pub(crate) store: Store,
    pub(crate) control: Control,
    /// Whether containers may be opened to anonymous readers.
    pub(crate) public_access: bool,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// `http://127.0.0.1:PORT/ACCOUNT`
    pub(crate) url: String,
}

/// A version of the service's interface, `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServiceVersion([u8; 10]);

impl ServiceVersion {
    /// What Drydock speaks to a client that names none.
    pub(crate) const LATEST: Self = Self(*b"2026-04-06");
    /// Blocks up to 4000 MiB.
    pub(crate) const LARGE_BLOCKS: Self = Self(*b"2019-12-12");
    /// Blocks up to 100 MiB.
    pub(crate) const MEDIUM_BLOCKS: Self = Self(*b"2016-05-31");
    /// An empty Content-Length is signed as an empty string, no longer as `0`.
    pub(crate) const EMPTY_LENGTH: Self = Self(*b"2015-02-21");
    /// Account SAS sign the encryption scope.
    pub(crate) const ENCRYPTION_SCOPE: Self = Self(*b"2020-12-06");
    /// Service SAS sign the resource and the snapshot.
    pub(crate) const SIGNED_RESOURCE: Self = Self(*b"2018-11-09");

    /// Reads a version.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; 10] = text.as_bytes().try_into().ok()?;
        let well_formed = bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
        well_formed.then_some(Self(bytes))
    }

    /// The version as headers have it.
    pub(crate) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// A request that was understood and is allowed.
#[derive(Debug)]
pub(crate) struct Call {
    pub(crate) harbour: Arc<Harbour>,
    pub(crate) operation: Operation,
    pub(crate) principal: Principal,
    pub(crate) method: Method,
    /// The path as it came, which is what clients sign.
    pub(crate) path: String,
    pub(crate) target: Target,
    pub(crate) query: Query,
    pub(crate) headers: HeaderMap,
    pub(crate) version: ServiceVersion,
    pub(crate) peer: IpAddr,
}

impl Call {
    /// Understands a request; who makes it is not looked at yet.
    pub(crate) fn parse(
        harbour: &Arc<Harbour>,
        head: request::Parts,
        peer: IpAddr,
    ) -> Outcome<Self> {
        let query = Query::parse(head.uri.query().unwrap_or_default())?;
        let target = Target::parse(head.uri.path(), &harbour.account.name)?;
        let operation = crate::operation::route(&head.method, &target, &query, &head.headers)?;
        let version = version(&head.headers, &query)?;
        Ok(Self {
            harbour: Arc::clone(harbour),
            operation,
            principal: Principal::Anonymous,
            method: head.method,
            path: head.uri.path().to_owned(),
            target,
            query,
            headers: head.headers,
            version,
            peer,
        })
    }

    /// The store.
    pub(crate) fn store(&self) -> &Store {
        &self.harbour.store
    }

    /// `container/blob`, which a fault's name is looked for in.
    pub(crate) fn full_name(&self) -> String {
        let container = self.target.container().unwrap_or_default();
        match self.target.blob_name() {
            Some(blob) => format!("{container}/{blob}"),
            None => container.to_owned(),
        }
    }

    /// The container of an operation on a container.
    pub(crate) fn container(&self) -> Outcome<&str> {
        Ok(self.target.container().ok_or(Code::InvalidUri)?)
    }

    /// The blob of an operation on a blob.
    pub(crate) fn address(&self) -> Outcome<&BlobAddress> {
        match &self.target {
            Target::Blob(address) => Ok(address),
            Target::Service | Target::Container(_) => Err(Code::InvalidUri.into()),
        }
    }

    /// A header that says yes or no; clients write it in small letters or not.
    pub(crate) fn flag(&self, name: &str) -> Outcome<Option<bool>> {
        match self.header(name)?.map(str::to_ascii_lowercase).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(Failure::header_value(name)),
        }
    }

    /// A header that is there and not empty.
    pub(crate) fn header(&self, name: &str) -> Outcome<Option<&str>> {
        header(&self.headers, name)
    }
}

/// A header that is there and not empty.
pub(crate) fn header<'a>(headers: &'a HeaderMap, name: &str) -> Outcome<Option<&'a str>> {
    let Some(value) = headers.get(name) else {
        return Ok(None);
    };
    let value = value
        .to_str()
        .map_err(|_| Failure::header_value(name))?
        .trim();
    Ok(Some(value).filter(|value| !value.is_empty()))
}

fn version(headers: &HeaderMap, query: &Query) -> Outcome<ServiceVersion> {
    if let Some(version) = header(headers, "x-ms-version")? {
        return ServiceVersion::parse(version).ok_or_else(|| Failure::header_value("x-ms-version"));
    }
    let signed = query.get("sv").and_then(ServiceVersion::parse);
    Ok(signed.unwrap_or(ServiceVersion::LATEST))
}
