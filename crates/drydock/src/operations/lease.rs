//! Leases of blobs and containers.

use http::StatusCode;

use crate::answer::{Answer, random_id};
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::{LeaseAction, LeaseResult, Stamp};

/// The longest time after which a lease is broken, and the longest lease that ends at all.
const LONGEST: u64 = 60;
/// The shortest lease.
const SHORTEST: u64 = 15;

/// Lease Blob.
pub(super) fn blob(call: &Call) -> Outcome<Answer> {
    let action = action(call)?;
    let conditions = Conditions::of(call)?;
    let check = |stamp: Stamp| conditions.check_write(Some(stamp));
    let result = call.store().lease_blob(call.address()?, &action, check)?;
    Ok(answer(&action, &result))
}

/// Lease Container.
pub(super) fn container(call: &Call) -> Outcome<Answer> {
    let action = action(call)?;
    let conditions = Conditions::of(call)?;
    let check = |stamp: Stamp| conditions.check_write(Some(stamp));
    let result = call
        .store()
        .lease_container(call.container()?, &action, check)?;
    Ok(answer(&action, &result))
}

fn answer(action: &LeaseAction, result: &LeaseResult) -> Answer {
    let status = match action {
        LeaseAction::Acquire { .. } => StatusCode::CREATED,
        LeaseAction::Break { .. } => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    let mut answer = Answer::new(status).with_stamp(result.modified);
    if let Some(lease) = &result.lease {
        if let LeaseAction::Break { .. } = action {
            answer.set("x-ms-lease-time", &lease.remaining(result.at).to_string());
        } else {
            answer.set("x-ms-lease-id", lease.id());
        }
    }
    answer
}

fn action(call: &Call) -> Outcome<LeaseAction> {
    let wanted = needed(call, "x-ms-lease-action")?;
    let id = || guid(needed(call, "x-ms-lease-id")?, "x-ms-lease-id");
    let proposed = "x-ms-proposed-lease-id";
    Ok(match wanted.to_ascii_lowercase().as_str() {
        "acquire" => LeaseAction::Acquire {
            id: match call.header(proposed)? {
                Some(id) => guid(id, proposed)?,
                None => random_id(),
            },
            duration: duration(call)?,
        },
        "renew" => LeaseAction::Renew { id: id()? },
        "change" => LeaseAction::Change {
            id: id()?,
            proposed: guid(needed(call, proposed)?, proposed)?,
        },
        "release" => LeaseAction::Release { id: id()? },
        "break" => LeaseAction::Break {
            period: period(call)?,
        },
        _ => return Err(Failure::header_value("x-ms-lease-action")),
    })
}

fn duration(call: &Call) -> Outcome<Option<u64>> {
    let name = "x-ms-lease-duration";
    match needed(call, name)? {
        "-1" => Ok(None),
        seconds => {
            let seconds = seconds.parse().ok();
            let seconds = seconds.filter(|seconds| (SHORTEST..=LONGEST).contains(seconds));
            seconds.map(Some).ok_or_else(|| Failure::header_value(name))
        }
    }
}

fn period(call: &Call) -> Outcome<Option<u64>> {
    let name = "x-ms-lease-break-period";
    let Some(seconds) = call.header(name)? else {
        return Ok(None);
    };
    let seconds = seconds.parse().ok().filter(|seconds| *seconds <= LONGEST);
    seconds.map(Some).ok_or_else(|| Failure::header_value(name))
}

fn needed<'a>(call: &'a Call, name: &str) -> Outcome<&'a str> {
    call.header(name)?.ok_or_else(|| {
        Failure::of(Code::MissingRequiredHeader).with_detail(format_args!("HeaderName: {name}"))
    })
}

/// A GUID in any of its usual spellings, as the one with hyphens and small letters.
fn guid(text: &str, name: &str) -> Outcome<String> {
    let bare = text
        .trim_start_matches(['{', '('])
        .trim_end_matches(['}', ')']);
    let digits: String = bare.chars().filter(|character| *character != '-').collect();
    let well_formed = match bare.len() {
        32 => digits.len() == 32,
        36 => {
            digits.len() == 32
                && [8, 13, 18, 23]
                    .iter()
                    .all(|at| bare.as_bytes()[*at] == b'-')
        }
        _ => false,
    };
    if !well_formed || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(Failure::header_value(name));
    }
    let digits = digits.to_ascii_lowercase();
    Ok(format!(
        "{}-{}-{}-{}-{}",
        &digits[..8],
        &digits[8..12],
        &digits[12..16],
        &digits[16..20],
        &digits[20..]
    ))
}

#[cfg(test)]
mod tests {
    use super::guid;

    #[test]
    fn a_lease_id_is_a_guid() {
        let same = "1f812371-a41d-49e6-b123-f4b542e851c5";
        for text in [
            same,
            "1F812371-A41D-49E6-B123-F4B542E851C5",
            "1f812371a41d49e6b123f4b542e851c5",
            "{1f812371-a41d-49e6-b123-f4b542e851c5}",
        ] {
            assert_eq!(guid(text, "x").unwrap(), same, "{text}");
        }
        for text in [
            "",
            "lease",
            "1f812371a41d49e6b123f4b542e851c",
            "1f812371a41d-49e6-b123-f4b5-42e851c5",
        ] {
            assert!(guid(text, "x").is_err(), "{text}");
        }
    }
}
