//! Writing and reading the service's XML.

use std::borrow::Cow;
use std::fmt::Write;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use quick_xml::Reader;
use quick_xml::events::Event;

use crate::failure::{Code, Failure, Outcome};

/// The first line of every document.
pub(crate) const DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>";

/// Escapes text for XML.
pub(crate) fn escape(text: &str) -> Cow<'_, str> {
    quick_xml::escape::escape(text)
}

/// Writes `<name>text</name>`, or `<name />` without text.
pub(crate) fn element(document: &mut String, name: &str, text: &str) {
    // A page of a listing has a hundred thousand of them: no formatter is asked.
    if text.is_empty() {
        document.extend(["<", name, " />"]);
    } else {
        document.extend(["<", name, ">", &escape(text), "</", name, ">"]);
    }
}

const NOT_PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Writes a name; one that XML cannot hold is percent-encoded and says so.
pub(crate) fn name_element(document: &mut String, name: &str) {
    if name.chars().all(is_xml_character) {
        element(document, "Name", name);
    } else {
        let encoded = utf8_percent_encode(name, NOT_PLAIN);
        // Writing to a string cannot fail.
        let _ = write!(document, "<Name Encoded=\"true\">{encoded}</Name>");
    }
}

/// The characters of XML 1.0. A carriage return is one, but would come out of a parser as a line feed.
const fn is_xml_character(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\u{20}'..='\u{fffd}' | '\u{10000}'..)
}

/// Reads a document as a flat sequence: for each element with text its path from the root and the text.
///
/// Elements without text come too, with an empty one.
pub(crate) fn leaves(document: &[u8]) -> Outcome<Vec<(String, String)>> {
    let malformed = || Failure::of(Code::InvalidXmlDocument);
    let document = std::str::from_utf8(document).map_err(|_| malformed())?;
    let mut reader = Reader::from_str(document.trim_start_matches('\u{feff}'));
    let (mut path, mut found) = (Vec::<String>::new(), Vec::new());
    // The text since the last start tag, if no end tag came in between.
    let mut open: Option<String> = None;
    loop {
        match reader.read_event().map_err(|_| malformed())? {
            Event::Start(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                open = Some(String::new());
            }
            Event::Empty(tag) => {
                path.push(tag.local_name().as_ref().to_owned());
                found.push((path.join("/"), String::new()));
                path.pop();
                open = None;
            }
            Event::Text(text) => {
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            Event::CData(text) => {
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            Event::GeneralRef(reference) => {
                let entity = format!("&{};", &*reference);
                let text = quick_xml::escape::unescape(&entity).map_err(|_| malformed())?;
                if let Some(open) = &mut open {
                    open.push_str(&text);
                }
            }
            Event::End(_) => {
                if let Some(text) = open.take() {
                    found.push((path.join("/"), text.trim().to_owned()));
                }
                path.pop();
            }
            Event::Eof if path.is_empty() && !found.is_empty() => return Ok(found),
            Event::Eof => return Err(malformed()),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leaves_come_with_their_path() {
        let document =
            b"\xef\xbb\xbf<?xml version=\"1.0\"?>\n<A>\n <B>x &amp; y</B><C/><D><E>z</E></D></A>";
        let expected = [("A/B", "x & y"), ("A/C", ""), ("A/D/E", "z")];
        let found = leaves(document).unwrap();
        let found: Vec<_> = found
            .iter()
            .map(|(p, t)| (p.as_str(), t.as_str()))
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_document_is_refused() {
        for document in ["", "<A>", "<A></B>", "text"] {
            assert!(leaves(document.as_bytes()).is_err(), "{document}");
        }
    }

    #[test]
    fn names_that_xml_cannot_hold_are_encoded() {
        let check = |name: &str, expected: &str| {
            let mut document = String::new();
            name_element(&mut document, name);
            assert_eq!(document, expected);
        };
        check("a&b", "<Name>a&amp;b</Name>");
        check("a\u{1}/b c", "<Name Encoded=\"true\">a%01/b%20c</Name>");
        check("a\r", "<Name Encoded=\"true\">a%0D</Name>");
        check("\u{ffff}", "<Name Encoded=\"true\">%EF%BF%BF</Name>");
    }
}
