//! Blob Batch: many Delete Blob or Set Blob Tier requests in the body of one.
//!
//! Each part is authorized, counted, and where a fault says so refused by itself; of a fault's actions only refusals reach
//! a part, since a part has no connection of its own to lose.

mod multipart;

use std::fmt::Write;

use bytes::Bytes;
use http::{Request, StatusCode};

use self::multipart::Part;
use crate::answer::{Answer, AnswerContent, Common, random_id};
use crate::auth;
use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::intake::Taken;
use crate::operation::Operation;

/// The most parts of a batch.
const MAX_PARTS: usize = 256;

/// Blob Batch.
pub(super) fn run(call: &Call, document: &[u8]) -> Outcome<Answer> {
    let kind = call.header("content-type")?.unwrap_or_default();
    let parts = multipart::parse(kind, document).ok_or(Code::InvalidInput)?;
    if parts.is_empty() || parts.len() > MAX_PARTS {
        let detail = format_args!("A batch has 1 to {MAX_PARTS} parts.");
        return Err(Failure::of(Code::InvalidInput).with_detail(detail));
    }
    let calls: Vec<_> = parts
        .iter()
        .map(|part| part_call(call, part))
        .collect::<Outcome<_>>()?;
    check_kinds(call, &calls)?;
    let boundary = format!("batchresponse_{}", random_id());
    let mut body = Vec::new();
    for (part, part_call) in parts.iter().zip(calls) {
        let (answer, common) = answer_part(call, part_call);
        write_part(&mut body, &boundary, part, &answer, &common);
    }
    body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
    let kind = format!("multipart/mixed; boundary={boundary}");
    let mut answer = Answer::new(StatusCode::ACCEPTED).with("content-type", &kind);
    answer.content = AnswerContent::Document(body.into());
    Ok(answer)
}

/// A part as a request of its own. Its version is that of the batch.
fn part_call(call: &Call, part: &Part<'_>) -> Outcome<Call> {
    let invalid = || Failure::of(Code::InvalidInput);
    // Some clients leave the account out of the path, as the service's own URLs do.
    let account = format!("/{}/", call.harbour.account.name);
    let path = part.target.split('?').next().unwrap_or_default();
    let named = path
        .strip_prefix(&account)
        .is_some_and(|rest| rest.contains('/'));
    let target = if named {
        part.target.to_owned()
    } else {
        format!("{}{}", account.trim_end_matches('/'), part.target)
    };
    let mut request = Request::builder().method(part.method).uri(target);
    for (name, value) in &part.headers {
        request = request.header(*name, *value);
    }
    let (head, ()) = request.body(()).map_err(|_| invalid())?.into_parts();
    let mut part_call = Call::parse(&call.harbour, head, call.peer)?;
    // What the client signed.
    path.clone_into(&mut part_call.path);
    // The header itself is not added: the client did not sign it.
    part_call.version = call.version;
    Ok(part_call)
}

/// All parts do one of two things, all the same, and in the container of the batch if it has one.
fn check_kinds(call: &Call, calls: &[Call]) -> Outcome<()> {
    let first = calls.first().map(|part| part.operation);
    for part in calls {
        let allowed = matches!(
            part.operation,
            Operation::DeleteBlob | Operation::SetBlobTier
        );
        if !allowed || Some(part.operation) != first {
            return Err(Failure::of(Code::InvalidInput)
                .with_detail("A batch is of Delete Blob or of Set Blob Tier alone."));
        }
        let container = call.target.container();
        if container.is_some() && container != part.target.container() {
            return Err(Failure::of(Code::InvalidInput)
                .with_detail("A part is outside the container of the batch."));
        }
    }
    Ok(())
}

fn answer_part(call: &Call, mut part: Call) -> (Answer, Common) {
    let control = &call.harbour.control;
    let common = Common::of(&part.headers, call.version.as_str());
    let _under_way = control.tally().request(part.operation);
    let name = part.full_name();
    let plan = control.fault_book().plan(part.operation, &name);
    let outcome = match plan.refusal {
        Some(refusal) => Err(refusal),
        None => perform(&mut part),
    };
    let answer = outcome.unwrap_or_else(|failure| Answer::refusal(&failure, &common.request_id));
    control
        .tally()
        .answered(part.operation, answer.status.as_u16());
    (answer, common)
}

fn perform(part: &mut Call) -> Outcome<Answer> {
    part.principal = auth::authorize(part)?;
    super::check_served(part)?;
    super::perform(part, Taken::Document(Bytes::new()))
}

fn write_part(
    body: &mut Vec<u8>,
    boundary: &str,
    part: &Part<'_>,
    answer: &Answer,
    common: &Common,
) {
    let mut head = format!("--{boundary}\r\nContent-Type: application/http\r\n");
    // Writing to a string cannot fail.
    if let Some(id) = part.content_id {
        let _ = write!(head, "Content-ID: {id}\r\n");
    }
    let reason = answer.status.canonical_reason().unwrap_or_default();
    let _ = write!(
        head,
        "\r\nHTTP/1.1 {} {reason}\r\nx-ms-request-id: {}\r\nx-ms-version: {}\r\n",
        answer.status.as_u16(),
        common.request_id,
        common.version,
    );
    if let Some(id) = common
        .client_request_id
        .as_ref()
        .and_then(|id| id.to_str().ok())
    {
        let _ = write!(head, "x-ms-client-request-id: {id}\r\n");
    }
    for (name, value) in &answer.headers {
        let _ = write!(
            head,
            "{name}: {}\r\n",
            String::from_utf8_lossy(value.as_bytes())
        );
    }
    let document: &[u8] = match &answer.content {
        AnswerContent::Document(document) => document,
        AnswerContent::Empty | AnswerContent::Blob(_) => &[],
    };
    if !document.is_empty() {
        let _ = write!(head, "Content-Length: {}\r\n", document.len());
    }
    head.push_str("\r\n");
    body.extend_from_slice(head.as_bytes());
    body.extend_from_slice(document);
    body.extend_from_slice(b"\r\n");
}
