//! The last line of defence: takes secrets out of text that others composed.
//!
//! Our own errors never hold any; what clap repeats of a command line, or a library logs, might.

use std::borrow::Cow;

/// What stands right before a secret, in lower case.
const MARKS: &[&str] = &["sig=", "sig%3d", "accountkey=", "bearer ", "sharedkey "];

const HIDDEN: &str = "REDACTED";

/// The text without secrets.
pub(crate) fn redact(text: &str) -> Cow<'_, str> {
    // ASCII lower case keeps every byte offset.
    let lower = text.to_ascii_lowercase();
    if !MARKS.iter().any(|mark| lower.contains(mark)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len());
    let mut position = 0;
    while let Some(start) = next_secret(&lower, position) {
        shown.push_str(&text[position..start]);
        shown.push_str(HIDDEN);
        position = text[start..]
            .find(|c: char| c.is_whitespace() || c.is_control() || "&;,\"'`<>".contains(c))
            .map_or(text.len(), |length| start + length);
    }
    shown.push_str(&text[position..]);
    Cow::Owned(shown)
}

fn next_secret(lower: &str, position: usize) -> Option<usize> {
    MARKS
        .iter()
        .filter_map(|mark| Some(position + lower[position..].find(mark)? + mark.len()))
        .min()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn signatures_and_keys_are_hidden() {
        let check = |text: &str, expect: &str| assert_eq!(redact(text), expect);
        check(
            "unexpected 'https://a/c?sp=r&SIG=ab%3D' found",
            "unexpected 'https://a/c?sp=r&SIG=REDACTED' found",
        );
        check(
            "AccountKey=ab==;Endpoint=x",
            "AccountKey=REDACTED;Endpoint=x",
        );
        check(
            "authorization: Bearer ey.J",
            "authorization: Bearer REDACTED",
        );
        check("the design of this", "the design of this");
    }

    proptest! {
        #[test]
        fn it_never_panics_and_hides_what_follows(text in ".*", secret in "[A-Z]{12,30}") {
            let shown = redact(&text).into_owned();
            prop_assert!(shown.len() <= text.len() + 9 * text.len());
            let composed = format!("{text} sig={secret} end");
            prop_assert!(!redact(&composed).contains(&secret));
        }
    }
}
