//! Conditional headers.

use std::time::SystemTime;

use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::Stamp;

/// The conditions of one request.
#[derive(Debug, Default)]
pub(crate) struct Conditions {
    matching: Option<Vec<String>>,
    none_matching: Option<Vec<String>>,
    modified_since: Option<SystemTime>,
    unmodified_since: Option<SystemTime>,
}

impl Conditions {
    /// The conditions of a request.
    pub(crate) fn of(call: &Call) -> Outcome<Self> {
        let tags = |name: &str| Ok::<_, Failure>(call.header(name)?.map(parse_tags));
        let time = |name: &str| {
            let parsed = call
                .header(name)?
                .map(httpdate::parse_http_date)
                .transpose();
            parsed.map_err(|_| Failure::header_value(name))
        };
        Ok(Self {
            matching: tags("if-match")?,
            none_matching: tags("if-none-match")?,
            modified_since: time("if-modified-since")?,
            unmodified_since: time("if-unmodified-since")?,
        })
    }

    /// Whether a read of what was written at `stamp` goes on: else 412, or 304 for a client that has it already.
    pub(crate) fn check_read(&self, stamp: Stamp) -> Outcome<()> {
        if !self.matches(Some(stamp)) || self.was_modified_since(stamp) {
            return Err(Code::ConditionNotMet.into());
        }
        // As HTTP has it, the time counts only where no tags are given.
        let known = match &self.none_matching {
            Some(tags) => names(tags, stamp),
            None => self.is_not_modified_since(stamp),
        };
        if known {
            let mut failure = Failure::of(Code::NotModified);
            failure.code = Failure::of(Code::ConditionNotMet).code;
            return Err(failure);
        }
        Ok(())
    }

    /// Whether a write over what was written at `stamp`, or over nothing, goes on.
    pub(crate) fn check_write(&self, stamp: Option<Stamp>) -> Outcome<()> {
        if !self.matches(stamp) {
            return Err(Code::ConditionNotMet.into());
        }
        let Some(stamp) = stamp else {
            return Ok(());
        };
        let wanted = self.none_matching.as_ref();
        if wanted.is_some_and(|tags| tags.iter().any(|tag| tag == "*")) {
            return Err(Code::BlobAlreadyExists.into());
        }
        let refused = wanted.is_some_and(|tags| names(tags, stamp))
            || self.was_modified_since(stamp)
            || self.is_not_modified_since(stamp);
        if refused {
            return Err(Code::ConditionNotMet.into());
        }
        Ok(())
    }

    fn matches(&self, stamp: Option<Stamp>) -> bool {
        match (&self.matching, stamp) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(tags), Some(stamp)) => names(tags, stamp),
        }
    }

    fn was_modified_since(&self, stamp: Stamp) -> bool {
        self.unmodified_since
            .is_some_and(|since| stamp.time() > since)
    }

    fn is_not_modified_since(&self, stamp: Stamp) -> bool {
        self.modified_since
            .is_some_and(|since| stamp.time() <= since)
    }
}

/// Clients send a tag with or without its quotes.
fn parse_tags(value: &str) -> Vec<String> {
    value
        .split(',')
        .map(|tag| {
            tag.trim()
                .trim_start_matches("W/")
                .trim_matches('"')
                .to_owned()
        })
        .collect()
}

fn names(tags: &[String], stamp: Stamp) -> bool {
    let current = stamp.to_string();
    tags.iter().any(|tag| tag == "*" || *tag == current)
}
