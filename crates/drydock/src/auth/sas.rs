//! Shared access signatures: of the account, and of a container or a blob.

use std::net::IpAddr;
use std::time::SystemTime;

use super::SasGrant;
use super::needs::{Needs, Resource, needs};
use crate::call::{Call, ServiceVersion};
use crate::failure::{Code, Failure, Outcome};
use crate::storage::StoredPolicy;
use crate::target::Target;
use crate::time;

/// The query parameters by which a service SAS replaces headers of the answer, and those headers.
const OVERRIDES: [(&str, &str); 5] = [
    ("rscc", "cache-control"),
    ("rscd", "content-disposition"),
    ("rsce", "content-encoding"),
    ("rscl", "content-language"),
    ("rsct", "content-type"),
];

/// Refuses a request that its signature does not cover.
pub(super) fn check(call: &Call) -> Outcome<SasGrant> {
    let version = call.query.get("sv").and_then(ServiceVersion::parse);
    let version = version.ok_or_else(|| refused("sv is mandatory."))?;
    if call.query.get("skoid").is_some() {
        return Err(refused("User delegation SAS are not served yet."));
    }
    if call.query.get("ss").is_some() || call.query.get("srt").is_some() {
        check_account(call, version)
    } else {
        check_service(call, version)
    }
}

fn check_account(call: &Call, version: ServiceVersion) -> Outcome<SasGrant> {
    let mut text = call.harbour.account.name.clone();
    for name in ["sp", "ss", "srt", "st", "se", "sip", "spr", "sv"] {
        text.push('\n');
        text.push_str(parameter(call, name));
    }
    if version >= ServiceVersion::ENCRYPTION_SCOPE {
        text.push('\n');
        text.push_str(parameter(call, "ses"));
    }
    text.push('\n');
    check_signature(call, &text)?;
    check_times(Some(parameter(call, "st")), Some(parameter(call, "se")))?;
    check_origin(call)?;
    if !parameter(call, "ss").contains('b') {
        return Err(Code::AuthorizationServiceMismatch.into());
    }
    let Needs {
        resource, account, ..
    } = needs(call.operation);
    let types = parameter(call, "srt");
    let covered = match resource {
        Resource::Service => types.contains('s'),
        Resource::Container => types.contains('c'),
        Resource::Object => types.contains('o'),
        Resource::Any => true,
    };
    if !covered {
        return Err(Code::AuthorizationResourceTypeMismatch.into());
    }
    grant(parameter(call, "sp"), account, Vec::new())
}

fn check_service(call: &Call, version: ServiceVersion) -> Outcome<SasGrant> {
    if version < ServiceVersion::SIGNED_RESOURCE {
        return Err(refused("Service SAS before 2018-11-09 are not served."));
    }
    let resource = signed_resource(call)?;
    let text = service_text(call, version, &resource);
    check_signature(call, &text)?;
    let policy = stored_policy(call)?;
    let either = |name: &'static str, stored: Option<&String>| match (call.query.get(name), stored)
    {
        (Some(_), Some(_)) => Err(refused(
            "A value is both in the SAS and in its stored policy.",
        )),
        (Some(given), None) => Ok(Some(given.to_owned())),
        (None, stored) => Ok(stored.cloned()),
    };
    let start = either(
        "st",
        policy.as_ref().and_then(|policy| policy.start.as_ref()),
    )?;
    let expiry = either(
        "se",
        policy.as_ref().and_then(|policy| policy.expiry.as_ref()),
    )?;
    let permissions = either(
        "sp",
        policy
            .as_ref()
            .and_then(|policy| policy.permission.as_ref()),
    )?;
    check_times(start.as_deref(), expiry.as_deref())?;
    check_origin(call)?;
    let needed = needs(call.operation).service;
    let needed = match (&call.target, parameter(call, "sr")) {
        (Target::Container(_), "b") => "",
        _ => needed,
    };
    let overrides = OVERRIDES
        .into_iter()
        .filter_map(|(name, header)| Some((header, call.query.get(name)?.to_owned())));
    grant(
        &permissions.unwrap_or_default(),
        needed,
        overrides.collect(),
    )
}

/// `/blob/account/container[/blob]`, by what the signature says that it covers.
fn signed_resource(call: &Call) -> Outcome<String> {
    let account = &call.harbour.account.name;
    match (parameter(call, "sr"), &call.target) {
        ("c", Target::Container(container)) => Ok(format!("/blob/{account}/{container}")),
        ("c", Target::Blob(address)) => Ok(format!("/blob/{account}/{}", address.container)),
        ("b", Target::Blob(address)) => Ok(format!(
            "/blob/{account}/{}/{}",
            address.container, address.name
        )),
        ("b" | "c", _) => Err(refused("The resource does not match sr.")),
        _ => Err(refused("sr is mandatory; b and c are served.")),
    }
}

fn service_text(call: &Call, version: ServiceVersion, resource: &str) -> String {
    let mut parts = vec![
        parameter(call, "sp"),
        parameter(call, "st"),
        parameter(call, "se"),
        resource,
        parameter(call, "si"),
        parameter(call, "sip"),
        parameter(call, "spr"),
        parameter(call, "sv"),
        parameter(call, "sr"),
        parameter(call, "snapshot"),
    ];
    if version >= ServiceVersion::ENCRYPTION_SCOPE {
        parts.push(parameter(call, "ses"));
    }
    parts.extend(OVERRIDES.iter().map(|(name, _)| parameter(call, name)));
    parts.join("\n")
}

fn stored_policy(call: &Call) -> Outcome<Option<StoredPolicy>> {
    let Some(id) = call.query.get("si") else {
        return Ok(None);
    };
    let container = call.target.container().unwrap_or_default();
    let info = call.store().container_info(container);
    let policies = info.map(|info| info.policies).unwrap_or_default();
    let found = policies.into_iter().find(|policy| policy.id == id);
    found
        .map(Some)
        .ok_or_else(|| refused("The stored access policy does not exist."))
}

fn check_signature(call: &Call, text: &str) -> Outcome<()> {
    // A client that did not encode the signature's plus signs sent spaces.
    let signature = parameter(call, "sig").replace(' ', "+");
    if call.harbour.account.key.verifies(text, &signature) {
        return Ok(());
    }
    Err(refused(format_args!(
        "Signature did not match. String to sign used was {text}"
    )))
}

fn check_times(start: Option<&str>, expiry: Option<&str>) -> Outcome<()> {
    let now = SystemTime::now();
    let given = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(start) = given(start) {
        let start = time::parse(&start).ok_or_else(|| refused("st is not a time."))?;
        if now < start {
            return Err(refused(
                "Signature not valid in the specified time frame: Start.",
            ));
        }
    }
    let expiry = given(expiry).ok_or_else(|| refused("se is mandatory."))?;
    let expiry = time::parse(&expiry).ok_or_else(|| refused("se is not a time."))?;
    if now >= expiry {
        return Err(refused(
            "Signature not valid in the specified time frame: Expiry.",
        ));
    }
    Ok(())
}

/// The protocol and the address that a signature is bound to.
fn check_origin(call: &Call) -> Outcome<()> {
    match parameter(call, "spr") {
        "" | "https,http" | "http,https" => {}
        _ => return Err(Code::AuthorizationProtocolMismatch.into()),
    }
    let Some(range) = call.query.get("sip") else {
        return Ok(());
    };
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let (Ok(first), Ok(last)) = (first.parse::<IpAddr>(), last.parse()) else {
        return Err(refused("sip is not an address or a range of addresses."));
    };
    if !(first..=last).contains(&call.peer) {
        return Err(Failure::of(Code::AuthorizationSourceIPMismatch)
            .with_detail(format_args!("The source IP is {}.", call.peer)));
    }
    Ok(())
}

fn grant(
    permissions: &str,
    needed: &str,
    overrides: Vec<(&'static str, String)>,
) -> Outcome<SasGrant> {
    if needed.is_empty() {
        return Err(Code::AuthorizationFailure.into());
    }
    if !needed
        .chars()
        .any(|permission| permissions.contains(permission))
    {
        return Err(Code::AuthorizationPermissionMismatch.into());
    }
    Ok(SasGrant {
        create_only: needed.contains('c') && !permissions.contains('w'),
        overrides,
    })
}

fn parameter<'a>(call: &'a Call, name: &str) -> &'a str {
    call.query.get(name).unwrap_or_default()
}

fn refused(detail: impl std::fmt::Display) -> Failure {
    Failure::authentication(detail)
}
