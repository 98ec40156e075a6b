//! Who may read a container without a key: public access and stored access policies.

use http::StatusCode;

use super::container::public_access;
use crate::answer::{Answer, AnswerContent};
use crate::call::Call;
use crate::conditions::Conditions;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::{Holding, LeaseSubject, StoredPolicy};
use crate::time;
use crate::xml::{DECLARATION, element, leaves};

/// The service keeps so many.
const MAX_POLICIES: usize = 5;

/// Get Container ACL.
pub(super) fn get(call: &Call) -> Outcome<Answer> {
    let given = call.header("x-ms-lease-id")?;
    let check = |holding: Holding<'_>| holding.check_given(given, LeaseSubject::Container);
    let (info, _) = call.store().sight_container(call.container()?, check)?;
    let mut document = format!("{DECLARATION}<SignedIdentifiers>");
    for policy in &info.policies {
        document.push_str("<SignedIdentifier>");
        element(&mut document, "Id", &policy.id);
        document.push_str("<AccessPolicy>");
        for (name, value) in [
            ("Start", &policy.start),
            ("Expiry", &policy.expiry),
            ("Permission", &policy.permission),
        ] {
            if let Some(value) = value {
                element(&mut document, name, value);
            }
        }
        document.push_str("</AccessPolicy></SignedIdentifier>");
    }
    document.push_str("</SignedIdentifiers>");
    let mut answer = Answer::xml(document).with_stamp(info.modified);
    if let Some(access) = info.access.header() {
        answer.set("x-ms-blob-public-access", access);
    }
    Ok(answer)
}

/// Set Container ACL: replaces access and policies together.
pub(super) fn set(call: &Call, document: &[u8]) -> Outcome<Answer> {
    let access = public_access(call)?;
    let policies = if document.is_empty() {
        Vec::new()
    } else {
        parse(document)?
    };
    let conditions = Conditions::of(call)?;
    let lease = call.header("x-ms-lease-id")?;
    let modified = call.store().update_container(
        call.container()?,
        |info, holding| {
            conditions.check_write(Some(info.modified))?;
            holding.check_given(lease, LeaseSubject::Container)
        },
        |info| {
            info.access = access;
            info.policies = policies;
        },
    )?;
    let mut answer = Answer::new(StatusCode::OK).with_stamp(modified);
    answer.content = AnswerContent::Empty;
    Ok(answer)
}

fn parse(document: &[u8]) -> Outcome<Vec<StoredPolicy>> {
    let invalid = || Failure::of(Code::InvalidXmlDocument);
    let mut policies: Vec<StoredPolicy> = Vec::new();
    for (path, text) in leaves(document)? {
        let rest = path.strip_prefix("SignedIdentifiers").ok_or_else(invalid)?;
        if rest == "/SignedIdentifier/Id" {
            policies.push(StoredPolicy {
                id: text,
                ..StoredPolicy::default()
            });
            continue;
        }
        let Some(field) = rest.strip_prefix("/SignedIdentifier/AccessPolicy/") else {
            continue;
        };
        let policy = policies.last_mut().ok_or_else(invalid)?;
        let text = Some(text).filter(|text| !text.is_empty());
        match field {
            "Start" => policy.start = text,
            "Expiry" => policy.expiry = text,
            "Permission" => policy.permission = text,
            _ => return Err(invalid()),
        }
    }
    check(&policies)?;
    Ok(policies)
}

fn check(policies: &[StoredPolicy]) -> Outcome<()> {
    let invalid = |detail: &str| Err(Failure::of(Code::InvalidXmlDocument).with_detail(detail));
    if policies.len() > MAX_POLICIES {
        return invalid("A container keeps at most five stored access policies.");
    }
    for (at, policy) in policies.iter().enumerate() {
        if policy.id.is_empty() || policy.id.chars().count() > 64 {
            return invalid("The id of a policy has 1 to 64 characters.");
        }
        if policies[..at].iter().any(|other| other.id == policy.id) {
            return invalid("Two policies have one id.");
        }
        let mut times = [&policy.start, &policy.expiry].into_iter().flatten();
        if times.any(|text| time::parse(text).is_none()) {
            return invalid("A policy's time cannot be read.");
        }
    }
    Ok(())
}
