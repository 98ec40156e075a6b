//! A command line as words, without the rules of any shell.

use super::ScannerError;

/// The words of `line`: between blanks, and with quotes around what holds blanks.
pub(super) fn split(line: &str) -> Result<Vec<String>, ScannerError> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    if quote.is_some() {
        return Err(ScannerError::OpenQuote);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_between_blanks_or_quotes() {
        for (line, words) in [
            (
                "clamscan --no-summary {}",
                vec!["clamscan", "--no-summary", "{}"],
            ),
            (
                r#""C:\Program Files\av\scan.exe"  -f={}"#,
                vec![r"C:\Program Files\av\scan.exe", "-f={}"],
            ),
            ("a '' 'b c'd", vec!["a", "", "b cd"]),
            (
                "a $(b) | c; d > e",
                vec!["a", "$(b)", "|", "c;", "d", ">", "e"],
            ),
            ("  ", vec![]),
        ] {
            assert_eq!(split(line).unwrap(), words, "{line}");
        }
        assert_eq!(split("a 'b"), Err(ScannerError::OpenQuote));
    }
}
