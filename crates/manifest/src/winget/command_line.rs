//! Command lines by the rules of Windows programs: how one text becomes arguments, and back.
//!
//! See "Parsing C command-line arguments" in Microsoft's C language reference.

/// The arguments in a command line (that has no program at its front).
pub(super) fn split(text: &str) -> Vec<String> {
    let mut arguments = Vec::new();
    let mut rest = text.trim_start_matches([' ', '\t']);
    while !rest.is_empty() {
        let (argument, after) = first(rest);
        arguments.push(argument);
        rest = after.trim_start_matches([' ', '\t']);
    }
    arguments
}

/// The first argument, and what comes after it.
fn first(text: &str) -> (String, &str) {
    let mut argument = String::new();
    let mut quoted = false;
    let mut backslashes = 0;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                // Before a quote, two backslashes are one, and an odd one makes the quote a character.
                push_backslashes(&mut argument, backslashes / 2);
                let mut is_doubled =
                    || quoted && characters.next_if(|(_, next)| *next == '"').is_some();
                if backslashes % 2 == 1 || is_doubled() {
                    argument.push('"');
                } else {
                    quoted = !quoted;
                }
                backslashes = 0;
            }
            ' ' | '\t' if !quoted => {
                push_backslashes(&mut argument, backslashes);
                return (argument, &text[at..]);
            }
            other => {
                push_backslashes(&mut argument, std::mem::take(&mut backslashes));
                argument.push(other);
            }
        }
    }
    push_backslashes(&mut argument, backslashes);
    (argument, "")
}

fn push_backslashes(argument: &mut String, count: usize) {
    argument.extend(std::iter::repeat_n('\\', count));
}

/// The command line that [`split`] takes apart into these arguments.
pub(super) fn join<S: AsRef<str>>(arguments: &[S]) -> String {
    let quoted: Vec<_> = arguments.iter().map(|one| quote(one.as_ref())).collect();
    quoted.join(" ")
}

fn quote(argument: &str) -> String {
    if !argument.is_empty() && !argument.contains([' ', '\t', '"']) {
        return argument.to_owned();
    }
    // Of `NAME=value` only the value is put in quotes: msiexec reads its own command line, and knows no other way.
    let value = match argument.find('=') {
        Some(at) if is_name(&argument[..at]) => at + 1,
        _ => 0,
    };
    let (name, value) = argument.split_at(value);
    let mut text = format!("{name}\"");
    let mut backslashes = 0;
    for character in value.chars() {
        match character {
            '\\' => backslashes += 1,
            '"' => {
                push_backslashes(&mut text, backslashes + 1);
                backslashes = 0;
            }
            _ => backslashes = 0,
        }
        text.push(character);
    }
    push_backslashes(&mut text, backslashes);
    text.push('"');
    text
}

fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_taken_apart_as_windows_programs_do() {
        let check = |line: &str, arguments: &[&str]| assert_eq!(split(line), arguments, "{line}");
        check("", &[]);
        check(" \t ", &[]);
        check("/S  /D=C:\\apps", &["/S", "/D=C:\\apps"]);
        check(r#""a b c" d e"#, &["a b c", "d", "e"]);
        check(r#""ab\"c" "\\" d"#, &["ab\"c", "\\", "d"]);
        check(r#"a\\\b d"e f"g h"#, &[r"a\\\b", "de fg", "h"]);
        check(r#"a\\\"b c d"#, &[r#"a\"b"#, "c", "d"]);
        check(r#"a\\\\"b c" d e"#, &[r"a\\b c", "d", "e"]);
        check(r#"a"b"" c d"#, &[r#"ab" c d"#]);
        check(r#""" x"#, &["", "x"]);
        check(
            r#"INSTALLDIR="C:\Program Files\X\""#,
            &[r#"INSTALLDIR=C:\Program Files\X""#],
        );
        check(r"ends\ x", &[r"ends\", "x"]);
    }

    #[test]
    fn a_property_keeps_its_name_out_of_the_quotes() {
        let check = |argument: &str, line: &str| assert_eq!(join(&[argument]), line);
        check(r"DIR=C:\Program Files\X", r#"DIR="C:\Program Files\X""#);
        check(r"/LOG=a b\", r#"/LOG="a b\\""#);
        check("a b=c", r#""a b=c""#);
        check("/S", "/S");
        check("", r#""""#);
    }

    proptest! {
        #[test]
        fn joined_arguments_come_apart_again(arguments in prop::collection::vec("[ab=/ \t\"\\\\ü]{0,8}", 0..6)) {
            prop_assert_eq!(split(&join(&arguments)), arguments);
        }
    }
}
