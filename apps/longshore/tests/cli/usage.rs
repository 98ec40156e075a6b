//! Help, usage errors, and commands that need no destination.

use std::process::Stdio;

use crate::sandbox::{Outcome, Sandbox};

#[test]
fn help_and_version_go_to_standard_output() {
    let sandbox = Sandbox::new();
    for arguments in [
        &["--help"][..],
        &["-h"],
        &["--version"],
        &["help", "sync"],
        &["sync", "--help"],
    ] {
        let outcome = sandbox.run(arguments).expect(0);
        assert!(!outcome.stdout.is_empty(), "{arguments:?}");
        assert_eq!(outcome.stderr, "", "{arguments:?}");
    }
}

#[test]
fn the_help_is_as_it_was() {
    let sandbox = Sandbox::new();
    insta::assert_snapshot!("help", sandbox.run(&["--help"]).stdout);
    for command in [
        "sync", "plan", "apply", "show", "fetch", "verify", "lock", "stage", "outdated", "prune",
    ] {
        let help = sandbox.run(&[command, "-h"]).stdout;
        insta::assert_snapshot!(format!("help_{command}"), help);
    }
}

#[test]
fn a_wrong_command_line_is_64() {
    let sandbox = Sandbox::new();
    sandbox.library();
    for arguments in [
        &[][..],
        &["no-such-command"],
        &["sync"],
        &["sync", "apps"],
        &["sync", "apps", "drydock:d", "--no-such-flag"],
        &["sync", "apps", "drydock:d", "--max-bandwidth", "50"],
        &["sync", "apps", "drydock:d", "--max-delete", "lots"],
        &["sync", "apps", "drydock:d", "--delete-unmanaged"],
        &["sync", "apps", "drydock:"],
        &["sync", "apps", ""],
        &["sync", "", "drydock:d"],
        &["sync", "az://contoso/apps", "apps", "--delete"],
        &["sync", "az://contoso/apps", "apps", "--backup-to", "old"],
        &["sync", "apps", "drydock:d", "--backup-to", "/"],
        &["sync", "apps", "drydock:d", "--sentinel", "../x"],
        &["sync", "apps", "drydock:d", "--reuse-from", "apps"],
        &["sync", "drydock:apps", "drydock:apps"],
        &["sync", "drydock:apps#a/b", "drydock:apps#a"],
        &[
            "sync",
            "drydock:apps#a/b",
            "drydock:apps#a/c",
            "--backup-to",
            "b",
        ],
        &["fetch", "drydock:apps", "az://contoso/apps"],
        &["plan", "apps"],
        &["show"],
        &["schema", "locks"],
        &["sync", "apps", "apps/inner"],
        &["sync", "apps", "drydock:apps"],
        &["ls", "https://contoso.blob.core.windows.net/"],
        &["ls", "az://contoso"],
        &["ls", "az://x/apps", "--auth", "password"],
        &["doctor", "a", "b"],
        &["verify"],
        &["verify", "apps", "--sample", "10%"],
        &["verify", "apps", "--deep", "--sample", "0"],
        &["verify", "apps", "--deep", "--seed", "x"],
        &["verify", "apps", "--against", ""],
        &["completions", "cmd"],
    ] {
        let outcome = sandbox.run(arguments).expect(64);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(
            outcome.stderr.contains("error") || arguments.is_empty(),
            "{arguments:?}"
        );
    }
    assert!(
        !sandbox.path().join("d").exists(),
        "a refused run leaves no trace"
    );
}

#[test]
fn a_wrong_command_line_for_a_library_is_64() {
    let sandbox = Sandbox::new();
    sandbox.write("library.toml", "[library]\nname = \"win\"\n");
    for arguments in [
        &["lock"][..],
        &["lock", "m.toml", "--cooldown", "7"],
        &["lock", "library.toml", "--locked", "--update"],
        &["lock", "library.toml", "--update", "no-such-id"],
        &["lock", "library.toml", "--rewrite", "mirror"],
        &["stage", "library.toml"],
        &["stage", "library.toml", "--destination", "drydock:"],
        &[
            "stage",
            "library.toml",
            "--destination",
            "drydock:d",
            "--scan",
            "'",
        ],
        &["releases"],
        &["releases", "list", "library.toml"],
        &["releases", "show", "library.toml", "3f9a2"],
        &["prune", "library.toml", "--delete", "-o", "p.plan"],
        &["prune", "library.toml", "--older-than", "soon"],
        &["import"],
        &["import", "winget"],
        &["import", "winget", "apps", "--architecture", "mips"],
        &["export", "winget", "library.toml"],
    ] {
        let outcome = sandbox.run(arguments).expect(64);
        assert_eq!(outcome.stdout, "", "{arguments:?}");
        assert!(outcome.stderr.contains("error"), "{arguments:?}");
    }
    assert!(!sandbox.path().join("d").exists());
}

#[test]
fn a_wrong_variable_is_78() {
    let sandbox = Sandbox::new();
    for (name, value) in [
        ("LONGSHORE_CONCURRENCY", "many"),
        ("LONGSHORE_OUTPUT", "xml"),
        ("LONGSHORE_MAX_REQUESTS", "500"),
        ("LONGSHORE_DRY_RUN", "perhaps"),
        ("AZURE_STORAGE_CONNECTION_STRING", "nonsense"),
        ("AZURE_STORAGE_ENDPOINT", "nonsense"),
    ] {
        let outcome = sandbox.run_with(&["ls", "az://contoso/apps"], &[(name, value)]);
        assert_eq!(outcome.code, 78, "{name}: {outcome:#?}");
    }
}

#[test]
fn a_key_that_is_none_is_78() {
    let sandbox = Sandbox::new();
    let variables = [
        ("AZURE_STORAGE_ACCOUNT", "contoso"),
        ("AZURE_STORAGE_KEY", "not base64!"),
    ];
    sandbox
        .run_with(&["ls", "az://contoso/apps", "--auth", "key"], &variables)
        .expect(78);
}

#[test]
fn nobody_signed_in_is_7() {
    let sandbox = Sandbox::new();
    let outcome = sandbox
        .run(&["ls", "az://contoso/apps", "--auth", "key"])
        .expect(7);
    assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
}

#[test]
fn completions_are_printed_for_each_shell() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let outcome = sandbox.run(&["completions", shell]).expect(0);
        assert!(outcome.stdout.contains("max-bandwidth"), "{shell}");
        assert_eq!(outcome.stderr, "");
    }
}

#[test]
fn manual_pages_are_written_for_each_command() {
    let sandbox = Sandbox::new();
    sandbox.run(&["man", "pages"]).expect(0);
    for page in [
        "longshore.1",
        "longshore-sync.1",
        "longshore-ls.1",
        "longshore-plan.1",
        "longshore-apply.1",
        "longshore-show.1",
        "longshore-fetch.1",
        "longshore-schema.1",
        "longshore-lock.1",
        "longshore-outdated.1",
        "longshore-mirror.1",
        "longshore-stage.1",
        "longshore-releases-list.1",
        "longshore-releases-show.1",
        "longshore-releases-diff.1",
        "longshore-releases-rollback.1",
        "longshore-prune.1",
        "longshore-import-winget.1",
        "longshore-export-winget.1",
        "longshore-drydock-serve.1",
    ] {
        let text = fs_err::read_to_string(sandbox.path().join("pages").join(page)).unwrap();
        assert!(text.contains(".SH"), "{page}");
    }
}

#[test]
fn a_reader_that_leaves_is_no_error() {
    let sandbox = Sandbox::new();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let mut command = sandbox.command(&["completions", "bash"]);
    let child = command
        .stdout(writer)
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(command);
    let outcome = Outcome::from(child.wait_with_output().unwrap()).expect(0);
    assert_eq!(outcome.stderr, "");
}

#[test]
fn colours_are_for_terminals_and_for_those_who_force_them() {
    let sandbox = Sandbox::new();
    let arguments = ["ls", "az://contoso/apps", "--auth", "key"];
    let colored = |variables: &[(&str, &str)], flags: &[&str]| {
        let outcome = sandbox.run_with(&[&arguments[..], flags].concat(), variables);
        outcome.stderr.contains('\u{1b}')
    };
    assert!(!colored(&[], &[]));
    assert!(colored(&[("CLICOLOR_FORCE", "1")], &[]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")], &[]));
    assert!(colored(&[("NO_COLOR", "1")], &["--color", "always"]));
    assert!(!colored(&[("CLICOLOR_FORCE", "1")], &["--color", "never"]));
}
