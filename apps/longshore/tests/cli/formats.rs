//! What agents of build services get: commands on standard output, and no file name that is one.

use crate::sandbox::Sandbox;

#[test]
fn azure_pipelines_are_recognised_and_told_in_their_way() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let outcome = sandbox
        .run_with(&["sync", "apps", "target"], &[("TF_BUILD", "True")])
        .expect(0);
    assert!(outcome.stdout.contains("##[group]"), "{}", outcome.stdout);
    let missing = sandbox
        .run_with(&["sync", "typo", "target"], &[("TF_BUILD", "True")])
        .expect(1);
    assert!(
        missing
            .stdout
            .starts_with("##vso[task.logissue type=error]"),
        "{}",
        missing.stdout
    );
}

#[test]
fn github_is_recognised_and_gets_its_page() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let page = sandbox.write("summary.md", "before\n");
    let variables = [
        ("GITHUB_ACTIONS", "true"),
        ("GITHUB_STEP_SUMMARY", page.to_str().unwrap()),
    ];
    let outcome = sandbox
        .run_with(&["sync", "apps", "target"], &variables)
        .expect(0);
    assert!(outcome.stdout.contains("::group::"), "{}", outcome.stdout);
    let text = fs_err::read_to_string(&page).unwrap();
    assert!(text.starts_with("before\n### Longshore"), "{text}");
    assert!(text.contains("| uploaded | 3 |"), "{text}");
    let missing = sandbox
        .run_with(&["sync", "typo", "target"], &variables)
        .expect(1);
    assert!(
        missing.stdout.contains("::error title=longshore::"),
        "{}",
        missing.stdout
    );
}

#[test]
fn data_is_not_mixed_with_commands() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    let outcome = sandbox
        .run_with(&["ls", "target"], &[("TF_BUILD", "True")])
        .expect(0);
    assert_eq!(outcome.stdout.lines().count(), 3);
    assert!(!outcome.stdout.contains("##"), "{}", outcome.stdout);
}

#[test]
fn no_file_name_is_a_command() {
    let sandbox = Sandbox::new();
    let name = "apps/x ##vso[task.setvariable variable=a]b ::error::c %0A::warning::d;e";
    sandbox.write(name, "x");
    // A trailing dot cannot be staged, so the name is in the list of failures.
    sandbox.write("apps/::stop-commands::y ##vso[task.complete].", "x");
    for (format, begins) in [("azure-pipelines", "##"), ("github", "::")] {
        let outcome = sandbox.run(&[
            "sync",
            "apps",
            "target",
            "--output",
            format,
            "-v",
            "--no-cache",
        ]);
        assert_eq!(outcome.code, 3, "{outcome:#?}");
        for line in outcome.stdout.lines() {
            let rest = match format {
                "github" => line.strip_prefix("::").map_or(line, |command| {
                    command.split_once("::").map_or("", |(_, message)| message)
                }),
                _ => line.strip_prefix(begins).unwrap_or(line),
            };
            assert!(
                !rest.contains("##vso") && !rest.contains("::"),
                "{format}: {line}"
            );
        }
        fs_err::remove_dir_all(sandbox.path().join("target")).unwrap();
    }
}

#[test]
fn json_is_json_even_when_it_fails() {
    let sandbox = Sandbox::new();
    let outcome = sandbox.run(&["sync", "typo", "target", "--json"]).expect(1);
    let error = &outcome.events_of("error")[0];
    assert_eq!(error["exit_code"], 1);
    assert!(error["message"].as_str().unwrap().contains("typo"));
    assert_eq!(outcome.stderr, "");
}
