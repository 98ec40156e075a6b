//! What is wrong with a file, drawn for a terminal: the lines themselves, what in them is wrong, and what to do.

use std::error::Error;
use std::fmt;

use miette::{
    Diagnostic, LabeledSpan, MietteHandler, MietteHandlerOpts, NamedSource, ReportHandler,
    SourceCode,
};

use super::escape::visible;
use crate::failure::Located;

/// One problem as the drawing crate takes it. Nothing in it moves a cursor.
#[derive(Debug)]
struct Drawn {
    message: String,
    hint: Option<String>,
    label: LabeledSpan,
    source: NamedSource<String>,
}

/// Draws each problem.
pub(super) fn draw(problems: &[Located]) -> Vec<String> {
    let handler = MietteHandlerOpts::new()
        .force_graphical(true)
        .terminal_links(false)
        .unicode(true)
        .color(true)
        .build();
    let drawn = problems.iter().map(Drawn::from);
    drawn
        .map(|drawn| Drawing(&handler, &drawn).to_string())
        .collect()
}

struct Drawing<'a>(&'a MietteHandler, &'a Drawn);

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug(self.1, f)
    }
}

impl From<&Located> for Drawn {
    fn from(problem: &Located) -> Self {
        let excerpt = &problem.excerpt;
        let label = visible(&excerpt.label).into_owned();
        Self {
            message: visible(&problem.message).into_owned(),
            hint: problem.hint.as_deref().map(|hint| visible(hint).into()),
            label: LabeledSpan::at(excerpt.span.clone(), label),
            source: NamedSource::new(visible(&problem.file), harmless(&excerpt.text)),
        }
    }
}

/// The text with something as long in place of what a terminal would act upon, so that every place stays where it is.
fn harmless(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(c) = characters.next() {
        let ends_line = c == '\n' || (c == '\r' && characters.peek() == Some(&'\n'));
        if ends_line || c == '\t' || visible(c.encode_utf8(&mut [0; 4])).len() == c.len_utf8() {
            shown.push(c);
        } else if c.len_utf8() == 3 {
            shown.push(char::REPLACEMENT_CHARACTER);
        } else {
            shown.extend(std::iter::repeat_n('?', c.len_utf8()));
        }
    }
    shown
}

impl fmt::Display for Drawn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl Error for Drawn {}

impl Diagnostic for Drawn {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        let hint = self.hint.as_ref()?;
        Some(Box::new(hint))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        Some(&self.source)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(std::iter::once(self.label.clone())))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ordinary_text_stays_as_it_is() {
        let text = "# Größe 漢字 🚢\r\n\tid = \"a\"\n";
        assert_eq!(harmless(text), text);
        assert_eq!(harmless("a\u{1b}[2J\u{85}\u{202e}\r."), "a?[2J??\u{fffd}?.");
    }

    proptest! {
        #[test]
        fn no_text_moves_the_cursor_and_every_place_stays(text in "(.|\r|\n|\t|\u{1b}|\u{202e}|\u{85}){0,80}") {
            let shown = harmless(&text);
            prop_assert_eq!(shown.len(), text.len());
            let kept: String = shown.chars().filter(|c| !"\r\n\t".contains(*c)).collect();
            prop_assert_eq!(visible(&kept), kept.as_str());
            for (at, _) in text.char_indices() {
                prop_assert!(shown.is_char_boundary(at));
            }
        }
    }
}
