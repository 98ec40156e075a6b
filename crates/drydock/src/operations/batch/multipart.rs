//! Reading the body of a batch: `multipart/mixed`, each part an HTTP request without a body.

/// One request of a batch.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part<'a> {
    /// Names it in the answer.
    pub(super) content_id: Option<&'a str>,
    /// The method.
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) target: &'a str,
    /// Names and values as they came.
    pub(super) headers: Vec<(&'a str, &'a str)>,
}

/// Reads the parts; none if the body is not what its type says.
pub(super) fn parse<'a>(content_type: &str, body: &'a [u8]) -> Option<Vec<Part<'a>>> {
    let delimiter = format!("--{}", boundary(content_type)?);
    let body = std::str::from_utf8(body).ok()?;
    let mut parts = Vec::new();
    let mut lines = body.lines();
    // What comes before the first delimiter is nobody's.
    lines.by_ref().find(|line| line.trim_end() == delimiter)?;
    let end = format!("{delimiter}--");
    loop {
        let mut part = Vec::new();
        let closing = loop {
            let line = lines.next()?;
            match line.trim_end() {
                line if line == delimiter => break false,
                line if line == end => break true,
                _ => part.push(line),
            }
        };
        parts.push(parse_part(&part)?);
        if closing {
            return Some(parts);
        }
    }
}

fn boundary(content_type: &str) -> Option<&str> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/mixed") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim()
            .eq_ignore_ascii_case("boundary")
            .then_some(value)
    })?;
    Some(value.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty())
}

fn parse_part<'a>(lines: &[&'a str]) -> Option<Part<'a>> {
    let blank = lines.iter().position(|line| line.is_empty())?;
    let outer = parse_headers(&lines[..blank])?;
    let find = |wanted: &str| {
        let found = outer
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted));
        found.map(|(_, value)| *value)
    };
    if find("content-type") != Some("application/http") {
        return None;
    }
    let request = &lines[blank + 1..];
    let mut words = request.first()?.split(' ');
    let (method, target, version) = (words.next()?, words.next()?, words.next()?);
    if words.next().is_some() || !version.starts_with("HTTP/1.") || !target.starts_with('/') {
        return None;
    }
    let end = request.iter().position(|line| line.is_empty());
    Some(Part {
        content_id: find("content-id"),
        method,
        target,
        headers: parse_headers(&request[1..end.unwrap_or(request.len())])?,
    })
}

fn parse_headers<'a>(lines: &[&'a str]) -> Option<Vec<(&'a str, &'a str)>> {
    lines
        .iter()
        .map(|line| {
            let (name, value) = line.split_once(':')?;
            Some((name.trim(), value.trim()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &str = "--b\r\nContent-Type: application/http\r\nContent-ID: 0\r\n\r\n\
        DELETE /c/a%20b?x=1 HTTP/1.1\r\nx-ms-date: now\r\nIf-Match: \"1:2\"\r\n\r\n\r\n\
        --b\r\nContent-Type: application/http\r\n\r\nPUT /c/b?comp=tier HTTP/1.1\r\n\r\n--b--\r\n";

    #[test]
    fn parts_are_read_in_order() {
        let parts = parse("multipart/mixed; boundary=\"b\"", BODY.as_bytes()).unwrap();
        let expected = [
            Part {
                content_id: Some("0"),
                method: "DELETE",
                target: "/c/a%20b?x=1",
                headers: vec![("x-ms-date", "now"), ("If-Match", "\"1:2\"")],
            },
            Part {
                content_id: None,
                method: "PUT",
                target: "/c/b?comp=tier",
                headers: vec![],
            },
        ];
        assert_eq!(parts, expected);
    }

    #[test]
    fn what_is_no_batch_is_not_read() {
        for (kind, body) in [
            ("multipart/mixed; boundary=c", BODY),
            ("multipart/mixed", BODY),
            ("text/plain; boundary=b", BODY),
            (
                "multipart/mixed; boundary=b",
                BODY.trim_end().trim_end_matches("--b--"),
            ),
            ("multipart/mixed; boundary=b", "--b\r\n--b--"),
            (
                "multipart/mixed; boundary=b",
                "--b\r\nContent-Type: application/http\r\n\r\nDELETE\r\n--b--",
            ),
        ] {
            assert_eq!(parse(kind, body.as_bytes()), None, "{kind} {body}");
        }
    }
}
