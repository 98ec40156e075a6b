//! What a host name tells: the account, the cloud, and whether paths begin with the account.

use url::{Host, Url};

use super::names;
use super::{Cloud, LocationError};

/// The hosts of the blob service, by cloud.
const SUFFIXES: &[(&str, Cloud)] = &[
    ("core.windows.net", Cloud::Public),
    ("storage.azure.net", Cloud::Public),
    ("core.usgovcloudapi.net", Cloud::UsGovernment),
    ("core.chinacloudapi.cn", Cloud::China),
    ("core.cloudapi.de", Cloud::Germany),
];

/// The other services that share those hosts.
const OTHER_SERVICES: &[(&str, &str)] = &[
    ("dfs", "Data Lake"),
    ("file", "files"),
    ("queue", "queue"),
    ("table", "table"),
    ("web", "static website"),
];

/// Ports on which only emulators serve blobs.
const EMULATOR_PORTS: std::ops::RangeInclusive<u16> = 10_000..=10_002;

/// How a host is to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum HostKind {
    /// The account is the host's first label.
    Account {
        /// Its name.
        account: String,
        /// Its cloud.
        cloud: Cloud,
    },
    /// The account is the path's first segment.
    PathStyle,
    /// A domain of the account's owner: the account is not to be seen.
    Custom,
}

/// The blob service's suffix of a cloud that the environment's authority names.
pub(super) fn suffix_for_authority(authority: Option<&str>) -> &'static str {
    match authority {
        Some(host) if host.contains("microsoftonline.us") => "core.usgovcloudapi.net",
        Some(host)
            if host.contains("chinacloudapi.cn") || host.contains("partner.microsoftonline.cn") =>
        {
            "core.chinacloudapi.cn"
        }
        Some(host) if host.contains("microsoftonline.de") => "core.cloudapi.de",
        _ => "core.windows.net",
    }
}

pub(super) fn classify(url: &Url) -> Result<HostKind, LocationError> {
    let host = match url.host() {
        Some(Host::Domain(host)) => host.trim_end_matches('.'),
        Some(Host::Ipv4(_) | Host::Ipv6(_)) => return Ok(HostKind::PathStyle),
        None => return Err(LocationError::NotALocation),
    };
    let labels: Vec<&str> = host.split('.').collect();
    if let Some(known) = by_suffix(host, &labels, url.scheme())? {
        return Ok(known);
    }
    // `account.blob.localhost` and clouds that are not known here, such as Azure Stack.
    if labels.len() > 2 && labels[1] == "blob" && names::is_account(labels[0]) {
        return Ok(HostKind::Account {
            account: labels[0].to_owned(),
            cloud: Cloud::Other,
        });
    }
    let alone = labels.len() == 1 || labels.last() == Some(&"localhost");
    let container_host = host == "host.docker.internal";
    let port = url
        .port()
        .is_some_and(|port| EMULATOR_PORTS.contains(&port));
    Ok(if alone || container_host || port {
        HostKind::PathStyle
    } else {
        HostKind::Custom
    })
}

fn by_suffix(host: &str, labels: &[&str], scheme: &str) -> Result<Option<HostKind>, LocationError> {
    let Some((rest, cloud)) = SUFFIXES
        .iter()
        .find_map(|(suffix, cloud)| Some((host.strip_suffix(suffix)?.strip_suffix('.')?, *cloud)))
    else {
        return Ok(None);
    };
    // ACCOUNT[.z01|.privatelink].SERVICE
    let service = rest.rsplit('.').next().unwrap_or_default();
    if let Some((label, name)) = OTHER_SERVICES.iter().find(|(label, _)| *label == service) {
        return Err(LocationError::OtherService {
            host: host.to_owned(),
            service: name,
            instead: host.replacen(&format!(".{label}."), ".blob.", 1),
        });
    }
    if service != "blob" || labels.len() < 4 {
        return Err(LocationError::NotALocation);
    }
    // The secondary of a geo-redundant account answers to the account's own name.
    let account = labels[0].strip_suffix("-secondary").unwrap_or(labels[0]);
    names::check_account(account)?;
    if scheme == "http" {
        return Err(LocationError::PlainHttp {
            host: host.to_owned(),
        });
    }
    Ok(Some(HostKind::Account {
        account: account.to_owned(),
        cloud,
    }))
}
