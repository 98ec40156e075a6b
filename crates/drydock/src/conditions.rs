//! Conditional headers.

use std::time::SystemTime;

use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::Stamp;

/// The headers with the conditions on what a request is for.
pub(crate) const TARGET: [&str; 4] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

/// The same for the source of a copy.
pub(crate) const SOURCE: [&str; 4] = [
    "x-ms-source-if-match",
    "x-ms-source-if-none-match",
    "x-ms-source-if-modified-since",
    "x-ms-source-if-unmodified-since",
];

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
        Self::named(call, TARGET)
    }

    /// The conditions of a request on the source that it names.
    pub(crate) fn of_source(call: &Call) -> Outcome<Self> {
        Self::named(call, SOURCE)
    }

    fn named(call: &Call, names: [&str; 4]) -> Outcome<Self> {
        let tags = |name: &str| Ok::<_, Failure>(call.header(name)?.map(parse_tags));
        let time = |name: &str| {
            let parsed = call
                .header(name)?
                .map(httpdate::parse_http_date)
                .transpose();
            parsed.map_err(|_| Failure::header_value(name))
        };
        Ok(Self {
            matching: tags(names[0])?,
            none_matching: tags(names[1])?,
            modified_since: time(names[2])?,
            unmodified_since: time(names[3])?,
        })
    }

    /// Whether what was written at `stamp` may be copied.
    pub(crate) fn check_source(&self, stamp: Stamp) -> Outcome<()> {
        let wanted = self.none_matching.as_ref();
        let refused = !self.matches(Some(stamp))
            || wanted.is_some_and(|tags| names(tags, stamp))
            || self.was_modified_since(stamp)
            || self.is_not_modified_since(stamp);
        if refused {
            return Err(Code::SourceConditionNotMet.into());
        }
        Ok(())
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
