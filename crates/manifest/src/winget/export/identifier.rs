//! What winget calls an artifact.

use crate::ArtifactId;

/// The most characters of an identifier, of one of its parts, and the most parts.
const MAX: usize = 128;
const MAX_PART: usize = 32;
const MAX_PARTS: usize = 8;

/// The identifier of an artifact: its id, with the publisher before it where it has no dot; none where winget would not
/// take that.
pub(super) fn identifier(id: &ArtifactId, publisher: &str) -> Option<String> {
    let text = if id.as_str().contains('.') {
        id.to_string()
    } else {
        format!("{}.{id}", part(publisher)?)
    };
    is_identifier(&text).then_some(text)
}

fn is_identifier(text: &str) -> bool {
    let parts = text.split('.').count();
    let fits = |part: &str| (1..=MAX_PART).contains(&part.chars().count());
    text.len() <= MAX && (2..=MAX_PARTS).contains(&parts) && text.split('.').all(fits)
}

/// A name as the part of an identifier: letters and digits, and what stands between them.
fn part(name: &str) -> Option<String> {
    let plain: String = (name.chars())
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
        .take(MAX_PART)
        .collect();
    (!plain.is_empty()).then_some(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_without_a_dot_stands_behind_its_publisher() {
        let check = |id: &str, publisher: &str, expected: Option<&str>| {
            assert_eq!(
                identifier(&id.parse().unwrap(), publisher).as_deref(),
                expected,
                "{id}"
            );
        };
        check("7zip.7zip", "Igor Pavlov", Some("7zip.7zip"));
        check(
            "bginfo",
            "Sysinternals, Inc.",
            Some("SysinternalsInc.bginfo"),
        );
        check("bginfo", "漢字", None);
        check("a..b", "x", None);
        check(&"a".repeat(33), "x", None);
        check("1.2.3.4.5.6.7.8.9", "x", None);
    }
}
