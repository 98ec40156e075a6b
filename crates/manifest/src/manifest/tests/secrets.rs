//! Secrets are refused, and shown nowhere.

use super::Manifest;

fn refused(text: &str) {
    let errors = Manifest::parse(text).unwrap_err();
    let all = format!("{errors}\n{errors:?}\n{}", errors.text());
    assert!(!all.contains("hunter2"), "{all}");
    assert_eq!(errors.text().len(), text.len());
}

fn artifact(lines: &str) -> String {
    format!("[library]\nname = \"l\"\n[[artifact]]\nid = \"a\"\nversion = \"1\"\n{lines}\n")
}

#[test]
fn secrets_are_refused_and_not_repeated() {
    for lines in [
        r#"url = "https://e.com/a.zip?sv=1&sig=hunter2""#,
        r#"url = "https://e.com/a.zip?sv=1&sig\u003dhunter2""#,
        r#"url = "https://e.com/a.zip?sv=1&%73ig=hunter2""#,
        r#"url = "https://me:hunter2@e.com/a.zip""#,
        r#"url = "https://hunter2@e.com/a.zip""#,
        r#"from = "az://account/c/a.zip?SIG=hunter2""#,
        r#"from = "abfss://c@account.dfs.core.windows.net/a.zip?sig=hunter2""#,
        r#"from = "abfss://c:hunter2@account.dfs.core.windows.net/a.zip""#,
        r#"from = "https://me:hunter2@e.com/a.zip""#,
        r#"update = { from = "page", url = "https://e.com/?sig=hunter2", pattern = "(.)" }"#,
        // What cannot be read at all is not repeated either.
        r#"url = "e.com/a.zip?sig=hunter2""#,
        r#"url = "https://me:hunter2@e.com:port/a.zip""#,
        r#"blob = "a?sig=hunter2""#,
        r#"id = ["https://e.com/a.zip?sig=hunter2"]"#,
        r#"url = "https://e.com/a.zip?sig=hunter2"#,
        r#"architecture = "sig=hunter2""#,
    ] {
        refused(&artifact(lines));
    }
    refused(
        "[library]\nname = \"l\"\ndestination = \"https://a.blob.core.windows.net/c?sig=hunter2\"\n",
    );
}

#[test]
fn the_place_of_a_secret_is_told() {
    let text = artifact("url = \"https://e.com/a.zip?sig=hunter2\"");
    let errors = Manifest::parse(&text).unwrap_err();
    let [problem] = errors.problems() else {
        panic!("{errors}");
    };
    assert_eq!(errors.position(problem).to_string(), "6:7");
    assert_eq!(problem.path, "artifact[0].url");
    assert!(problem.hint.as_ref().unwrap().contains("environment"));
}

#[test]
fn what_only_resembles_a_secret_is_good() {
    for lines in [
        "url = \"https://e.com/design=1/a.zip?version=2&assign=3\"",
        "url = \"https://e.com/user@2x/a.zip\"",
        "from = \"abfss://container@account.dfs.core.windows.net/a.zip\"",
    ] {
        let text = artifact(lines);
        assert!(Manifest::parse(&text).is_ok(), "{lines}");
    }
}
