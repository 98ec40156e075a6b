//! Conditional headers.

use std::time::SystemTime;

use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::Stamp;

/// The headers with the conditions on what a request is for.
const TARGET: [&str; 4] = [
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
];

/// The same for the source of a copy.
const SOURCE: [&str; 4] = [
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

    /// Whether a source with this ETag and this time may be copied; what is not known meets no condition.
    pub(crate) fn check_source(
        &self,
        etag: Option<&str>,
        modified: Option<SystemTime>,
    ) -> Outcome<()> {
        let named = |tags: &Vec<String>| etag.is_some_and(|etag| names(tags, etag));
        let met = self.matching.as_ref().is_none_or(named)
            && !self.none_matching.as_ref().is_some_and(named)
            && (self.modified_since)
                .is_none_or(|since| modified.is_some_and(|modified| modified > since))
            && (self.unmodified_since)
                .is_none_or(|since| modified.is_some_and(|modified| modified <= since));
        if !met {
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
            Some(tags) => names(tags, &stamp.to_string()),
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
        let refused = wanted.is_some_and(|tags| names(tags, &stamp.to_string()))
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
            (Some(tags), Some(stamp)) => names(tags, &stamp.to_string()),
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
    value.split(',').map(|tag| bare(tag).to_owned()).collect()
}

/// An ETag without its quotes and without the mark of a weak one.
pub(crate) fn bare(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/").trim_matches('"')
}

fn names(tags: &[String], current: &str) -> bool {
    tags.iter().any(|tag| tag == "*" || tag == current)
}
