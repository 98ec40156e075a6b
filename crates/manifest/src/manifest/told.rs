//! What the reader of TOML could not read, in words for those who write manifests.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeValue, Error};
use url::Url;

use super::key_path::KeyPath;
use super::report::{Finding, Kind};
use super::secret;

/// The most names that a hint lists: those of the longest table are fewer.
const MANY: usize = 16;

/// The finding that an error comes to, with a path below the table that was read, and its bytes.
pub(super) fn told(
    error: &Error,
    table: &Spanned<DeValue<'_>>,
    place: &KeyPath,
) -> (Finding, Range<usize>) {
    let span = error.span().unwrap_or_else(|| table.span());
    let message = error.message();
    let quoted: Vec<&str> = message.split('`').skip(1).step_by(2).collect();
    if let Some((name, known)) = quoted.split_first() {
        if message.starts_with("missing field") {
            return (missing(place.key(name), name), span);
        }
        if message.starts_with("unknown field") {
            let inner = key_span(place.nearest(table), name).unwrap_or(span);
            return (unknown(place.clone(), name, known), inner);
        }
        if message.starts_with("unknown variant") {
            let message = format!("`{}` is none of the values", secret::mask(name, &[]));
            return (
                Finding::wrong(place.clone(), message, nearest(name, known)),
                span,
            );
        }
    }
    (wrong(message, table, place), span)
}

fn missing(at: KeyPath, name: &str) -> Finding {
    let hint = format!("add `{name} = …`");
    Finding::absent(at, format!("`{name}` is missing"), hint)
}

/// A key that is not known, and those that are.
pub(super) fn unknown(at: KeyPath, name: &str, known: &[&str]) -> Finding {
    Finding {
        kind: Kind::Unknown,
        ..Finding::wrong(
            at,
            format!("`{name}` is not known here"),
            nearest(name, known),
        )
    }
}

/// A value that cannot be read.
fn wrong(message: &str, table: &Spanned<DeValue<'_>>, place: &KeyPath) -> Finding {
    let key = place.last_key().unwrap_or_default();
    let text = place.nearest(table).get_ref().as_str();
    if text.is_some_and(secret::is_in) {
        return Finding::secret(place.clone());
    }
    if let (Some(text), "url" | "api") = (text, key) {
        let why = Url::parse(text).map_or_else(|error| error.to_string(), |_| message.to_owned());
        let hint = "write it whole: `https://HOST/PATH`";
        return Finding::wrong(place.clone(), format!("`{key}` is not a URL: {why}"), hint);
    }
    let hint = match key {
        "sha256" => {
            "it is the SHA-256 of the file as 64 hexadecimal digits: `sha256sum FILE`, or `Get-FileHash FILE`"
        }
        "version" if text.is_none() => "write it in quotes: `version = \"1.10\"`",
        "args" | "silent" | "requires" if text.is_some() => "write a list: `[\"…\", \"…\"]`",
        _ => "",
    };
    Finding::wrong(place.clone(), in_words(message), hint)
}

/// What serde says, in the words of those who write manifests and without secrets.
fn in_words(message: &str) -> String {
    let message = secret::mask(message, &[]);
    let Some((found, expected)) = message.rsplit_once(", expected ") else {
        return message;
    };
    let expected = match expected {
        "a sequence" => "a list",
        "i32" | "i64" => "a whole number",
        what if what.starts_with("struct ") => "a table",
        what => what,
    };
    format!("{found}, expected {expected}")
}

/// Which of the known names is meant, or all of them, so far as people read them.
pub(super) fn nearest(name: &str, known: &[&str]) -> String {
    let name = name.to_lowercase();
    let likeness = |known: &str| match strsim::osa_distance(&name, known) {
        1 => 1.0,
        _ => strsim::jaro_winkler(&name, known),
    };
    let best = known
        .iter()
        .max_by(|a, b| likeness(a).total_cmp(&likeness(b)))
        .filter(|best| likeness(best) > 0.75);
    if let Some(best) = best {
        return format!("did you mean `{best}`?");
    }
    let mut all: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
    if all.len() > MANY {
        all.truncate(MANY);
        all.push("…".to_owned());
    }
    format!("known are {}", all.join(", "))
}

/// The bytes of a key of a table.
fn key_span(value: &Spanned<DeValue<'_>>, name: &str) -> Option<Range<usize>> {
    let (key, _) = value.get_ref().as_table()?.get_key_value(name)?;
    Some(key.span())
}
