//! How newer versions are found.

use regex::Regex;

use super::super::Update;
use super::super::key_path::KeyPath;
use super::super::report::Finding;
use super::source;

/// What is wrong with an update block.
pub(super) fn check(update: &Update, at: &KeyPath) -> Vec<Finding> {
    let findings = match update {
        Update::Page { url, pattern } => vec![
            source::url(url, true, &at.key("url")),
            expression(pattern, &at.key("pattern")),
        ],
        Update::Github {
            repository,
            tag,
            api,
            ..
        } => vec![
            name(repository, '/', &at.key("repository"), "OWNER/NAME"),
            tag.as_ref().and_then(|tag| expression(tag, &at.key("tag"))),
            api.as_ref()
                .and_then(|api| source::url(api, true, &at.key("api"))),
        ],
        Update::Winget { package, api } => vec![
            name(package, '.', &at.key("package"), "Publisher.Package"),
            api.as_ref()
                .and_then(|api| source::url(api, true, &at.key("api"))),
        ],
    };
    findings.into_iter().flatten().collect()
}

/// A regular expression that finds a version.
fn expression(pattern: &str, at: &KeyPath) -> Option<Finding> {
    match Regex::new(pattern) {
        Err(error) => {
            let why = error.to_string();
            let why = why.lines().last().unwrap_or_default();
            let why = why.strip_prefix("error: ").unwrap_or(why);
            let message = format!("not a regular expression: {why}");
            let hint = "write it in single quotes, where backslashes are themselves: 'v([0-9.]+)'";
            Some(Finding::wrong(at.clone(), message, hint))
        }
        Ok(regex) if regex.captures_len() < 2 => {
            let message = "the regular expression has no group";
            let hint = "put round brackets around the version: 'v([0-9.]+)'";
            Some(Finding::wrong(at.clone(), message, hint))
        }
        Ok(_) => None,
    }
}

/// A name of at least two parts; on GitHub of two.
fn name(text: &str, separator: char, at: &KeyPath, form: &str) -> Option<Finding> {
    let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '+');
    let parts = text.split(separator).count();
    let is_good = text
        .split(separator)
        .all(|part| !matches!(part, "" | "." | "..") && part.chars().all(is_inner));
    if is_good && (parts == 2 || parts > 2 && separator == '.') {
        return None;
    }
    let key = at.last_key().unwrap_or_default();
    let message = format!("`{key}` is not of the form {form}");
    let hint = format!("write it as `{key} = \"{form}\"`, without the address of the site");
    Some(Finding::wrong(at.clone(), message, hint))
}
