//! From text to location.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::Url;

use super::host::{self, HostKind};
use super::{BlobLocation, Cloud, LocationError, ParsedLocation, names};
use crate::connection_string::{ConnectionString, EMULATOR_ACCOUNT, EMULATOR_ENDPOINT};
use crate::environment::Environment;
use crate::redact::SafeUrl;
use crate::secret::{SasToken, SecretError};

pub(super) fn parse(
    text: &str,
    environment: &Environment,
) -> Result<ParsedLocation, LocationError> {
    let text = text.trim();
    let (scheme, rest) = text.split_once("://").ok_or_else(|| {
        if text.contains("AccountName=") || text.contains("UseDevelopmentStorage=") {
            LocationError::ConnectionString
        } else {
            LocationError::NotALocation
        }
    })?;
    let url = match scheme.to_ascii_lowercase().as_str() {
        "https" | "http" => text.to_owned(),
        "az" | "azure" => from_account(rest, environment)?,
        "abfs" | "abfss" => from_file_system(rest)?,
        _ => return Err(LocationError::NotALocation),
    };
    from_url(
        &Url::parse(&url).map_err(|_| LocationError::NotALocation)?,
        environment,
    )
}

/// `ACCOUNT/CONTAINER[/PREFIX]`, served where the environment says or in the cloud that it names.
fn from_account(rest: &str, environment: &Environment) -> Result<String, LocationError> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (account, path) = rest.split_at(end);
    if account.is_empty() {
        return Err(LocationError::MissingAccount);
    }
    if account.contains('@') {
        return Err(LocationError::UserInfo);
    }
    names::check_account(account)?;
    Ok(format!("{}{path}", service_of(account, environment)?))
}

fn service_of(account: &str, environment: &Environment) -> Result<String, LocationError> {
    if let Some(mut endpoint) = endpoint_variable(environment)? {
        let kind = kind_of(&endpoint, environment)?;
        if kind == HostKind::PathStyle {
            endpoint.set_path(account);
        }
        // An endpoint that belongs to another account is not where this one is.
        if !matches!(&kind, HostKind::Account { account: named, .. } if named != account) {
            return Ok(endpoint.as_str().trim_end_matches('/').to_owned());
        }
    }
    if let Some(text) = environment.get("AZURE_STORAGE_CONNECTION_STRING") {
        let connection =
            ConnectionString::parse(text).map_err(LocationError::ConnectionStringVariable)?;
        if connection.account() == Some(account) {
            return Ok(connection
                .endpoint()
                .as_str()
                .trim_end_matches('/')
                .to_owned());
        }
    }
    if account == EMULATOR_ACCOUNT || environment.is_true("AZURE_STORAGE_USE_EMULATOR") {
        return Ok(EMULATOR_ENDPOINT.replace(EMULATOR_ACCOUNT, account));
    }
    let suffix = host::suffix_for_authority(environment.get("AZURE_AUTHORITY_HOST"));
    Ok(format!("https://{account}.blob.{suffix}"))
}

/// `CONTAINER@ACCOUNT.dfs.SUFFIX/PREFIX`, as Spark and Hadoop write it.
fn from_file_system(rest: &str) -> Result<String, LocationError> {
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let (container, host) = authority
        .split_once('@')
        .ok_or(LocationError::NotALocation)?;
    if container.contains(':') {
        return Err(LocationError::UserInfo);
    }
    Ok(format!(
        "https://{}/{container}{path}",
        host.replacen(".dfs.", ".blob.", 1)
    ))
}

fn from_url(url: &Url, environment: &Environment) -> Result<ParsedLocation, LocationError> {
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LocationError::UserInfo);
    }
    if url.fragment().is_some() {
        return Err(LocationError::Fragment);
    }
    let kind = kind_of(url, environment)?;
    let sas = split_sas(url)?;
    let mut path = segments(url).into_iter();
    let (account, cloud) = match &kind {
        HostKind::Account { account, cloud } => (Some(account.clone()), *cloud),
        HostKind::Custom => {
            let named = environment.get("AZURE_STORAGE_ACCOUNT");
            (named.map(str::to_owned), Cloud::Other)
        }
        HostKind::PathStyle => (path.next().map(str::to_owned), Cloud::Other),
    };
    let service_url = service_url(url, &kind, account.as_deref())?;
    let (container, prefix) = container_and_prefix(path, &service_url)?;
    Ok(ParsedLocation {
        location: BlobLocation {
            account,
            container,
            prefix,
            service_url,
            cloud,
            emulator: kind == HostKind::PathStyle,
        },
        sas,
    })
}

fn service_url(url: &Url, kind: &HostKind, account: Option<&str>) -> Result<Url, LocationError> {
    let mut service_url = url.clone();
    service_url.set_query(None);
    service_url.set_path("");
    if *kind == HostKind::PathStyle {
        // Emulators serve accounts of any name, so only what a path cannot hold is refused.
        let account = account.unwrap_or("ACCOUNT");
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if account.is_empty() || !account.bytes().all(plain) {
            return Err(LocationError::AccountName {
                name: account.escape_debug().to_string(),
            });
        }
        service_url.set_path(account);
    }
    Ok(service_url)
}

fn container_and_prefix<'s>(
    mut path: impl Iterator<Item = &'s str>,
    service_url: &Url,
) -> Result<(String, String), LocationError> {
    let missing = || LocationError::MissingContainer {
        endpoint: SafeUrl::from(service_url)
            .to_string()
            .trim_end_matches('/')
            .to_owned(),
    };
    let container = decode(
        path.next()
            .filter(|name| !name.is_empty())
            .ok_or_else(missing)?,
    )?;
    names::check_container(&container)?;
    let prefix = decode(&path.collect::<Vec<_>>().join("/"))?;
    let prefix = prefix.trim_matches('/').to_owned();
    names::check_prefix(&prefix)?;
    Ok((container, prefix))
}

/// An endpoint that the environment declares path-style is so, whatever its host looks like.
fn kind_of(url: &Url, environment: &Environment) -> Result<HostKind, LocationError> {
    if let Some(endpoint) = endpoint_variable(environment)?
        && endpoint.host() == url.host()
        && endpoint.port_or_known_default() == url.port_or_known_default()
        && segments(&endpoint).len() == 1
    {
        return Ok(HostKind::PathStyle);
    }
    host::classify(url)
}

fn endpoint_variable(environment: &Environment) -> Result<Option<Url>, LocationError> {
    let Some(text) = environment.get("AZURE_STORAGE_ENDPOINT") else {
        return Ok(None);
    };
    Url::parse(text)
        .ok()
        .filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none())
        .filter(|url| url.username().is_empty() && url.password().is_none())
        .map(Some)
        .ok_or(LocationError::BadEndpointVariable)
}

/// The raw segments of a path; none for `/`, and no empty one at the end.
fn segments(url: &Url) -> Vec<&str> {
    let path = url.path().trim_start_matches('/').trim_end_matches('/');
    if path.is_empty() {
        Vec::new()
    } else {
        path.split('/').collect()
    }
}

fn split_sas(url: &Url) -> Result<Option<SasToken>, LocationError> {
    let Some(query) = url.query().filter(|query| !query.is_empty()) else {
        return Ok(None);
    };
    SasToken::parse(query)
        .map(Some)
        .map_err(|error| match error {
            SecretError::NoSignature => LocationError::IncompleteSas,
            _ => LocationError::Query,
        })
}

fn decode(text: &str) -> Result<String, LocationError> {
    percent_decode_str(text)
        .decode_utf8()
        .map(Cow::into_owned)
        .map_err(|_| LocationError::Prefix {
            rule: "it is not UTF-8",
        })
}
