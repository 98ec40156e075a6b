//! Texts in a twin: percent-encoded, so that they hold nothing that ends a column, an argument or a line.

use std::fmt::Write;

/// A column without a value.
pub(super) const NONE: &str = "-";

/// An empty text, which would be no text at all. A NUL is in no argument and in no path.
const EMPTY: &str = "%00";

/// A text for a column of a twin, in letters, digits, `-_./:=,@` and percent-encoded bytes.
///
/// ```
/// assert_eq!(longshore_manifest::encode_twin_text("BG Info.zip"), "BG%20Info.zip");
/// ```
pub fn encode(text: &str) -> String {
    match text {
        "" => return EMPTY.into(),
        NONE => return "%2D".into(),
        _ => {}
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_./:=,@".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing into a `String` cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The text that a column stands for; none where it stands for none.
pub(super) fn decode(column: &str) -> Option<String> {
    if column == EMPTY {
        return Some(String::new());
    }
    let mut pieces = column.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let (digits, rest) = piece.split_at_checked(2)?;
        bytes.extend(hex::decode(digits).ok()?);
        bytes.extend(rest.as_bytes());
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_encoded_as_urls_are() {
        for (text, encoded) in [
            ("7z2409-x64.exe", "7z2409-x64.exe"),
            ("BG Info (x64).zip", "BG%20Info%20%28x64%29.zip"),
            (r"C:\apps", "C:%5Capps"),
            ("100%", "100%25"),
            ("ü\t", "%C3%BC%09"),
            ("-", "%2D"),
            ("--", "--"),
            ("", "%00"),
        ] {
            assert_eq!(encode(text), encoded);
        }
    }

    #[test]
    fn broken_texts_are_refused() {
        for column in ["%", "%4", "%zz", "%FF", "a%c3", "%ü"] {
            assert_eq!(decode(column), None, "{column}");
        }
    }

    proptest! {
        #[test]
        fn texts_come_back(text in "[^\\x00]*") {
            let encoded = encode(&text);
            prop_assert!(!encoded.is_empty() && encoded != NONE);
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_graphic()));
            prop_assert_eq!(decode(&encoded), Some(text));
        }
    }
}
