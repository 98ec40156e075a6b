//! Scanners that pass, refuse, hang and do not exist.

use std::time::Duration;

use super::*;

const LONG: Duration = Duration::from_mins(10);

fn file(path: &Path) -> Scanned<'_> {
    Scanned {
        path,
        sha256: "abcd",
        artifact: "bginfo 4.33",
    }
}

fn scanner(words: &[&str]) -> Scanner {
    Scanner::new(words.iter().map(|word| (*word).to_owned()), LONG).unwrap()
}

fn arguments(scanner: &Scanner, path: &str) -> Vec<String> {
    let command = scanner.command(file(Path::new(path))).unwrap();
    let arguments = command.as_std().get_args();
    arguments
        .map(|word| word.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_path_is_one_argument_or_within_one() {
    let path = std::path::absolute("a b; $(c).exe").unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(arguments(&scanner(&["scan", "-v"]), path), ["-v", path]);
    assert_eq!(
        arguments(&scanner(&["scan", "--file={}", "-v"]), path),
        [&format!("--file={path}"), "-v"]
    );
}

#[test]
fn a_path_is_never_an_option() {
    assert!(!arguments(&scanner(&["scan"]), "-rf")[0].starts_with('-'));
}

#[test]
fn secrets_stay_here() {
    let command = scanner(&["scan"]).command(file(Path::new("x"))).unwrap();
    let environment: Vec<_> = command.as_std().get_envs().collect();
    for secret in ["AZURE_STORAGE_KEY", "AZURE_CLIENT_SECRET", "GITHUB_TOKEN"] {
        assert!(environment.contains(&(secret.as_ref(), None)), "{secret}");
    }
    let artifact = ("LONGSHORE_ARTIFACT".as_ref(), Some("bginfo 4.33".as_ref()));
    assert!(environment.contains(&artifact));
}

#[test]
fn a_command_needs_a_program() {
    assert_eq!(Scanner::parse(" ", LONG), Err(ScannerError::Empty));
    assert_eq!(Scanner::parse("'' {}", LONG), Err(ScannerError::Empty));
}

#[tokio::test]
async fn a_scanner_that_is_not_there_is_named() {
    let missing = scanner(&["no-such-scanner"]);
    let error = missing.scan(file(Path::new("x")), &Cancel::new()).await;
    let error = error.unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not run the scanner `no-such-scanner`"
    );
    assert!(error.hint().contains("installed"));
}

#[cfg(unix)]
mod on_unix {
    use tokio::io::AsyncReadExt;

    use super::*;

    async fn run(script: &str, cancel: &Cancel) -> Result<(), ScanError> {
        let scanner = scanner(&["sh", "-c", script, "scan"]);
        scanner.scan(file(Path::new("/a b.exe")), cancel).await
    }

    #[tokio::test]
    async fn exit_code_zero_is_clean() {
        let checks = r#"test "$1" = "/a b.exe" && test "$LONGSHORE_FILE" = "$1" && test "$LONGSHORE_SHA256" = abcd"#;
        run(checks, &Cancel::new()).await.unwrap();
    }

    #[tokio::test]
    async fn any_other_end_is_a_refusal_with_its_last_words() {
        let found = run("echo found; echo EICAR >&2; exit 3", &Cancel::new()).await;
        let Err(ScanError::Rejected {
            code: Some(3),
            output,
            ..
        }) = &found
        else {
            panic!("{found:?}");
        };
        assert_eq!(output, "found\nEICAR");
        assert_eq!(
            found.unwrap_err().to_string(),
            "the scanner `sh` rejected `/a b.exe`, exit code 3"
        );
        let killed = run("kill -9 $$", &Cancel::new()).await;
        assert!(matches!(
            killed,
            Err(ScanError::Rejected { code: None, .. })
        ));
    }

    #[tokio::test(start_paused = true)]
    async fn a_scanner_that_hangs_is_given_up() {
        let hung = run("sleep 1000", &Cancel::new()).await;
        assert!(matches!(hung, Err(ScanError::TimedOut { .. })), "{hung:?}");
    }

    #[tokio::test]
    async fn a_stopped_run_kills_the_scanner_and_what_it_started() {
        let folder = tempfile::tempdir().unwrap();
        let pipe = folder.path().join("pipe");
        let made = Command::new("mkfifo").arg(&pipe).status().await.unwrap();
        assert!(made.success());
        let cancel = Cancel::new();
        // The reader ends when the last writer is gone: the scanner's child holds the pipe open.
        let script = format!("(echo; sleep 1000) > '{}'; true", pipe.display());
        let watch = async {
            let mut pipe = tokio::fs::File::open(pipe).await.unwrap();
            pipe.read_u8().await.unwrap();
            cancel.escalate();
            pipe.read_to_end(&mut Vec::new()).await.unwrap()
        };
        let (scanned, rest) = futures::join!(run(&script, &cancel), watch);
        assert!(matches!(scanned, Err(ScanError::Cancelled)));
        assert_eq!(rest, 0);
    }
}
