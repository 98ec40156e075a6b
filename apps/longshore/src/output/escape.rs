//! Names that others chose, made harmless: for terminals, for the logs of agents, for their commands.
//!
//! File names may hold anything. On a terminal a control character moves the cursor; in a pipeline's log `##vso[…]`
//! and `::error::` are commands, and some of them set variables or secrets of later steps.

use std::borrow::Cow;

/// The text with every character that a terminal would act upon shown as an escape.
pub(crate) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_unprintable) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        if is_unprintable(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// Control characters, and those that reverse or hide the text around them.
fn is_unprintable(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A whole line as it may stand in an agent's log, where neither `##` nor `::` may begin a command.
pub(super) fn plain(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut last = None;
    for c in visible(text).chars() {
        if matches!(c, '#' | ':') && last == Some(c) {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
        last = Some(c);
    }
    shown
}

/// The text as the message of an Azure Pipelines command.
pub(super) fn pipelines_message(text: &str) -> String {
    plain(text).replace('%', "%AZP25")
}

/// The text as a property of an Azure Pipelines command.
pub(super) fn pipelines_property(text: &str) -> String {
    pipelines_message(text)
        .replace(';', "%3B")
        .replace(']', "%5D")
}

/// The text as the message of a GitHub command.
pub(super) fn github_message(text: &str) -> String {
    plain(text).replace('%', "%25")
}

/// The text as a property of a GitHub command.
pub(super) fn github_property(text: &str) -> String {
    github_message(text).replace(':', "%3A").replace(',', "%2C")
}

/// The text as code in Markdown, which summaries of jobs are written in.
pub(super) fn markdown_code(text: &str) -> String {
    let text = visible(text).replace('|', "\\|");
    // A fence is longer than any run of backticks within it.
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') {
        " "
    } else {
        ""
    };
    format!("{fence}{pad}{text}{pad}{fence}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_names_stay_as_they_are() {
        for name in ["apps/Größe 1.zip", "漢字/🚢.exe", "a%20b;c]", "C:/x", "#1"] {
            assert_eq!(visible(name), name);
            assert_eq!(plain(name), name);
        }
    }

    #[test]
    fn terminals_see_escapes() {
        assert_eq!(
            visible("a\u{1b}[2Jb\r\n\u{202e}exe"),
            r"a\u{1b}[2Jb\r\n\u{202e}exe"
        );
    }

    #[test]
    fn known_attacks_come_to_nothing() {
        let name = "x\n##vso[task.setvariable variable=a;issecret=false]b::error::c%0A";
        assert_eq!(
            pipelines_message(name),
            r"x\n#\u{23}vso[task.setvariable variable=a;issecret=false]b:\u{3a}error:\u{3a}c%AZP250A"
        );
        assert_eq!(github_property("a::b,c%"), r"a%3A\u{3a}b%2Cc%25");
        assert_eq!(markdown_code("a`|b"), r"``a`\|b``");
    }

    /// Texts rich in what commands are made of.
    fn hostile() -> impl Strategy<Value = String> {
        prop_oneof![
            ".*",
            "[#:%\\[\\];,\r\n\t\u{1b}\u{85}\u{2028}vsoerg=. ]{0,60}",
            "(##vso\\[|##\\[|::error::|%0A|\r\n|%|;|\\]|#|:|x){0,20}",
        ]
    }

    fn holds_no_command(line: &str) -> bool {
        !line.contains("##") && !line.contains("::") && !line.chars().any(char::is_control)
    }

    proptest! {
        #[test]
        fn no_name_breaks_a_line(name in hostile()) {
            let shown = visible(&name);
            prop_assert!(!shown.chars().any(is_unprintable));
        }

        #[test]
        fn no_name_is_a_command_in_a_log(name in hostile(), more in hostile()) {
            // Two names side by side must not make one command of their ends.
            let line = plain(&format!("  {name}: {more}"));
            prop_assert!(holds_no_command(&line), "{line:?}");
        }

        #[test]
        fn no_name_leaves_a_message(name in hostile()) {
            let pipelines = pipelines_message(&name);
            prop_assert!(holds_no_command(&pipelines));
            prop_assert!(!pipelines.replace("%AZP25", "").contains('%'));
            let github = github_message(&name);
            prop_assert!(holds_no_command(&github));
            prop_assert!(!github.replace("%25", "").contains('%'));
        }

        #[test]
        fn no_name_leaves_a_property(name in hostile()) {
            let github = github_property(&name);
            prop_assert!(!github.contains([':', ',', '\r', '\n']));
            let pipelines = pipelines_property(&name);
            prop_assert!(!pipelines.contains([';', ']', '\r', '\n']));
        }

        #[test]
        fn escapes_lose_nothing_printable(name in "[a-zA-Z0-9 äß漢_./-]{0,40}") {
            prop_assert_eq!(plain(&name), name);
        }
    }
}
