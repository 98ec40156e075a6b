//! Which names the service accepts. A refused one is escaped: it may hold anything, and a terminal shows it.

use super::LocationError;

const SPECIAL_CONTAINERS: &[&str] = &["$root", "$web", "$logs", "$blobchangefeed"];
/// The length of a blob name; a prefix cannot be longer.
const LONGEST_PREFIX: usize = 1024;

pub(super) fn check_account(name: &str) -> Result<(), LocationError> {
    if is_account(name) {
        Ok(())
    } else {
        Err(LocationError::AccountName {
            name: name.escape_debug().to_string(),
        })
    }
}

pub(super) fn is_account(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

pub(super) fn check_container(name: &str) -> Result<(), LocationError> {
    if SPECIAL_CONTAINERS.contains(&name) {
        return Ok(());
    }
    let broken = if !(3..=63).contains(&name.chars().count()) {
        Some("3 to 63 characters")
    } else if name.contains(|c: char| c.is_ascii_uppercase()) {
        Some("lower case only")
    } else if !name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    {
        Some("letters, digits and hyphens only")
    } else if name.starts_with('-') || name.ends_with('-') {
        Some("a letter or digit at each end")
    } else if name.contains("--") {
        Some("no two hyphens in a row")
    } else {
        None
    };
    broken.map_or(Ok(()), |rule| {
        Err(LocationError::ContainerName {
            name: name.escape_debug().to_string(),
            rule,
        })
    })
}

pub(super) fn check_prefix(prefix: &str) -> Result<(), LocationError> {
    let broken = if prefix.chars().count() > LONGEST_PREFIX {
        Some("it is longer than 1,024 characters")
    } else if prefix.chars().any(char::is_control) {
        Some("it has a control character")
    } else if prefix.contains('\\') {
        Some("it has a backslash; write /")
    } else if prefix
        .split('/')
        .any(|segment| matches!(segment, "." | ".."))
    {
        Some("it has a `.` or `..` segment")
    } else {
        None
    };
    broken.map_or(Ok(()), |rule| Err(LocationError::Prefix { rule }))
}
