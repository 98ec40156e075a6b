//! What `docs/releases.md` promises to shells, told by real ones.

#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends there")]

use std::io::Write;
use std::process::{Command, Stdio};

use longshore_manifest::{Content, Pointer, Release, Twin, TwinFile};
use serde_json::json;

/// A release with the names and arguments that most things break on.
fn release() -> Release {
    let hostile = [
        "/ALLUSERS",
        "",
        "a b",
        "tab\tand\nline",
        "*",
        "'\"$(x)`\\n",
        "-",
        "%41",
        "ü%",
    ];
    let digest = "ab".repeat(32);
    let content: Content = serde_json::from_value(json!({
        "library": "tools",
        "os": "windows",
        "artifacts": [{
            "id": "bginfo", "architecture": "x64", "version": "4.33", "file": "BG Info (ü) 100%.zip",
            "blob": "bginfo/4.33/BG Info (ü) 100%.zip", "size": 5, "sha256": digest, "blake3": digest,
            "install": { "type": "zip", "to": "C:\\apps\\100% \\t", "args": hostile },
        }, {
            "id": "readme", "architecture": "neutral", "version": "1", "file": "-",
            "blob": "readme/1/-", "size": 0, "sha256": digest, "blake3": digest,
        }],
    }))
    .unwrap();
    let content = Content::new(content.library, content.os, content.artifacts).unwrap();
    // A line in a text may look like one of the pointer's own.
    let provenance = json!({
        "created": "2026-11-25T00:00:00Z", "tool": "longshore 0.1.0", "repository": "x\",\n  \"release\": \"00\"",
    });
    Release::new(content, serde_json::from_value(provenance).unwrap())
}

/// What a program prints that is given a text.
fn output_of(program: &str, args: &[&str], input: &str) -> String {
    let mut child = Command::new(program)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {args:?}");
    String::from_utf8(output.stdout).unwrap()
}

const GUIDE: &str = include_str!("../../../../docs/releases.md");

/// The reader that the guide shows, which prints what it finds.
const READER: &str = include_str!("read-twin.sh");

#[test]
fn a_plain_shell_reads_a_twin() {
    let release = release();
    let printed = output_of("sh", &["-c", READER], &release.twin());
    let mut expected = String::new();
    for TwinFile {
        id,
        file,
        blob,
        to,
        args,
        ..
    } in Twin::of(&release).files
    {
        let to = to.unwrap_or_default();
        let lines = [
            format!("id={id}"),
            format!("file={file}"),
            format!("blob={blob}"),
            format!("to={to}"),
        ];
        let args = args.iter().map(|arg| format!("arg={arg}"));
        expected.extend(lines.into_iter().chain(args).map(|line| line + "\n"));
    }
    assert_eq!(printed, expected);
    assert!(
        GUIDE.contains(READER),
        "docs/releases.md has to show:\n{READER}"
    );
}

#[test]
fn plain_sed_reads_a_pointer() {
    let release = release();
    let pointer = Pointer::new(&release, Some(release.release), release.provenance.clone());
    let text = pointer.render();
    let sed = |script: &str| {
        output_of("sed", &["-n", script], &text)
            .trim_end()
            .to_owned()
    };
    let shown = |script: &str| {
        assert!(
            GUIDE.contains(&format!("sed -n '{script}' current.json")),
            "{script}"
        );
        sed(script)
    };
    let release = pointer.release.to_string();
    assert_eq!(shown(r#"s/^  "release": "\([0-9a-f]*\)".*/\1/p"#), release);
    assert_eq!(sed(r#"s/^  "previous": "\([0-9a-f]*\)".*/\1/p"#), release);
    assert_eq!(
        shown(r#"s/^  "tsv": .*"blob":"\([^"]*\)".*/\1/p"#),
        pointer.tsv.blob.as_str()
    );
    assert_eq!(
        shown(r#"s/^  "tsv": .*"sha256":"\([0-9a-f]*\)".*/\1/p"#),
        pointer.tsv.sha256.to_string()
    );
    assert_eq!(
        sed(r#"s/^  "json": .*"size":\([0-9]*\).*/\1/p"#),
        pointer.json.size.to_string()
    );
}
