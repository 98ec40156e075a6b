//! What a request's URL names: the account, a container, a blob, and the query.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;

use crate::failure::{Code, Failure, Outcome};
use crate::storage::BlobAddress;

/// The longest blob name, in characters.
const MAX_NAME: usize = 1024;
/// The most segments of a blob name.
const MAX_SEGMENTS: usize = 254;

/// What a path names below the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// The account's blob service.
    Service,
    /// A container.
    Container(String),
    /// A blob, which need not exist.
    Blob(BlobAddress),
}

impl Target {
    /// Reads `/account[/container[/blob]]` as it stands in the request line.
    pub(crate) fn parse(path: &str, account: &str) -> Outcome<Self> {
        let rest = path.strip_prefix('/').unwrap_or(path);
        let (named, rest) = rest.split_once('/').unwrap_or((rest, ""));
        if named != account {
            return Err(Failure::of(Code::ResourceNotFound)
                .with_detail("The first segment of the path is not the account's name."));
        }
        let (container, name) = rest.split_once('/').unwrap_or((rest, ""));
        if container.is_empty() {
            return Ok(Self::Service);
        }
        let container = decode(container)?;
        check_container_name(&container)?;
        if name.is_empty() {
            return Ok(Self::Container(container));
        }
        let name = without_dot_segments(&decode(name)?);
        check_blob_name(&name)?;
        Ok(Self::Blob(BlobAddress { container, name }))
    }

    /// The container, if one is named.
    pub(crate) fn container(&self) -> Option<&str> {
        match self {
            Self::Service => None,
            Self::Container(container) => Some(container),
            Self::Blob(address) => Some(&address.container),
        }
    }

    /// The blob's name, if one is named.
    pub(crate) fn blob_name(&self) -> Option<&str> {
        match self {
            Self::Blob(address) => Some(&address.name),
            Self::Service | Self::Container(_) => None,
        }
    }
}

fn decode(text: &str) -> Outcome<String> {
    let decoded = percent_decode_str(text).decode_utf8();
    Ok(decoded.map_err(|_| Code::InvalidUri)?.into_owned())
}

/// The service's front end resolves `.` and `..` before anybody looks at the name.
fn without_dot_segments(name: &str) -> String {
    if !name.split('/').any(|segment| matches!(segment, "." | "..")) {
        return name.to_owned();
    }
    let mut kept: Vec<&str> = Vec::new();
    for segment in name.split('/') {
        match segment {
            "." => {}
            ".." => {
                kept.pop();
            }
            segment => kept.push(segment),
        }
    }
    kept.join("/")
}

/// Refuses what no container can be called.
pub(crate) fn check_container_name(name: &str) -> Outcome<()> {
    if matches!(name, "$root" | "$web" | "$logs") {
        return Ok(());
    }
    if !(3..=63).contains(&name.len()) {
        return Err(Failure::of(Code::OutOfRangeInput)
            .with_detail("A container name has 3 to 63 characters."));
    }
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let hyphens = name.starts_with('-') || name.ends_with('-') || name.contains("--");
    if hyphens || !name.bytes().all(allowed) {
        return Err(Code::InvalidResourceName.into());
    }
    Ok(())
}

/// Refuses what no blob can be called.
pub(crate) fn check_blob_name(name: &str) -> Outcome<()> {
    let too_long = name.chars().count() > MAX_NAME || name.split('/').count() > MAX_SEGMENTS;
    if name.is_empty() || too_long {
        return Err(Code::InvalidUri.into());
    }
    Ok(())
}

/// The decoded query parameters.
#[derive(Debug, Default)]
pub(crate) struct Query(Vec<(String, String)>);

impl Query {
    /// Decodes the part of the URL behind `?`.
    pub(crate) fn parse(query: &str) -> Outcome<Self> {
        let pairs = query.split('&').filter(|pair| !pair.is_empty());
        let decoded = pairs.map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Ok((decode_parameter(name)?, decode_parameter(value)?))
        });
        Ok(Self(decoded.collect::<Outcome<_>>()?))
    }

    /// The value of a parameter that is there and not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
            .filter(|value| !value.is_empty())
    }

    /// Every parameter as it came, decoded.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// A number, if the parameter is there.
    pub(crate) fn number<N: std::str::FromStr>(&self, name: &str) -> Outcome<Option<N>> {
        let number = self.get(name).map(str::parse).transpose();
        number.map_err(|_| Failure::query_value(name))
    }
}

/// Clients write a space as `%20` or `+`, and a plus as `%2B`.
fn decode_parameter(text: &str) -> Outcome<String> {
    let text = if text.contains('+') {
        Cow::Owned(text.replace('+', " "))
    } else {
        Cow::Borrowed(text)
    };
    decode(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob_name(path: &str) -> Option<String> {
        let target = Target::parse(path, "drydock").ok()?;
        target.blob_name().map(str::to_owned)
    }

    #[test]
    fn names_are_decoded_once_and_plus_stays() {
        let check = |path: &str, name: &str| {
            assert_eq!(blob_name(path).as_deref(), Some(name), "{path}");
        };
        check("/drydock/library/a%20b%2Fc+d%25", "a b/c+d%");
        check("/drydock/library/a//b/", "a//b/");
        check("/drydock/library/./a/../b", "b");
        check("/drydock/library/%C3%BC", "ü");
    }

    #[test]
    fn impossible_names_are_refused() {
        for path in [
            format!("/drydock/library/{}", "x".repeat(1025)),
            format!("/drydock/library/{}x", "a/".repeat(254)),
            "/drydock/library/%ff".to_owned(),
            "/drydock/library/..".to_owned(),
            "/drydock/Library/a".to_owned(),
            "/drydock/ab/a".to_owned(),
            "/another/library/a".to_owned(),
        ] {
            assert!(Target::parse(&path, "drydock").is_err(), "{path}");
        }
        assert!(blob_name(&format!("/drydock/library/{}", "%C3%BC".repeat(1024))).is_some());
    }

    #[test]
    fn a_query_is_decoded_and_its_names_have_no_case() {
        let query = Query::parse("Comp=list&prefix=a%20b%2Bc+d&empty=&flag").unwrap();
        assert_eq!(query.get("comp"), Some("list"));
        assert_eq!(query.get("prefix"), Some("a b+c d"));
        assert_eq!(query.get("empty"), None);
        assert!(query.number::<u32>("prefix").is_err());
    }
}
