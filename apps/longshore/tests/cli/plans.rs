//! `plan`, `show` and `apply`: what is written, what is shown, and that doing it is what `sync` does.

use serde_json::Value;

use crate::sandbox::Sandbox;

fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn a_plan_is_shown_kept_and_applied_in_each_direction() {
    for (source, destination) in [
        ("apps", "drydock:data#library/win"),
        ("apps", "target"),
        ("drydock:from#library", "target"),
        ("drydock:from#library", "drydock:from#mirror"),
        ("drydock:from#library", "drydock:to"),
    ] {
        let sandbox = Sandbox::new();
        sandbox.library();
        sandbox.run(&["sync", "apps", "drydock:from"]).expect(0);
        let planned = sandbox
            .run(&["plan", source, destination, "-o", "p.plan"])
            .expect(0);
        assert!(planned.stdout.contains("3 files") || planned.stdout.contains("3 blobs"));
        assert!(
            planned.stdout.contains("longshore apply p.plan"),
            "{}",
            planned.stdout
        );
        let shown = sandbox.run(&["show", "p.plan"]).expect(0);
        assert_eq!(shown.stdout, planned.stdout, "{destination}");
        let kept = lines(&sandbox.read("p.plan"));
        assert_eq!(kept.len(), 4, "{destination}");
        assert_eq!(kept[0]["source"], source);
        let json = sandbox.run(&["show", "p.plan", "--json"]).expect(0);
        assert_eq!(lines(&json.stdout), kept);
        let applied = sandbox.run(&["apply", "p.plan", "--json"]).expect(0);
        assert_eq!(applied.summary()["failed"], 0, "{destination}");
        let again = sandbox
            .run(&["sync", source, destination, "--json"])
            .expect(0)
            .summary();
        assert_eq!(
            again["unchanged"]["files"], 3,
            "{source} {destination}: {again}"
        );
        let rest = sandbox
            .run(&["plan", source, destination, "--detailed-exitcode"])
            .expect(0);
        assert!(rest.stdout.contains("nothing to do"), "{}", rest.stdout);
    }
}

#[test]
fn a_plan_writes_nothing_and_tells_what_is_pending() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let arguments = ["plan", "apps", "target", "--detailed-exitcode"];
    let planned = sandbox.run(&arguments).expect(2);
    assert!(planned.stdout.contains("readme.txt"), "{}", planned.stdout);
    assert!(planned.stdout.contains("-o FILE"), "{}", planned.stdout);
    assert!(!sandbox.path().join("target").exists());
    sandbox.run(&arguments[..3]).expect(0);
}

#[test]
fn a_plan_goes_to_standard_output_where_that_is_asked_for() {
    let sandbox = Sandbox::new();
    sandbox.library();
    let piped = sandbox
        .run(&["plan", "apps", "target", "-o", "-"])
        .expect(0);
    assert_eq!(lines(&piped.stdout).len(), 4);
    assert!(piped.stderr.contains("upload: 3 files"), "{}", piped.stderr);
    let json = sandbox.run(&["plan", "apps", "target", "--json"]).expect(0);
    assert_eq!(lines(&json.stdout).len(), 4);
    assert_eq!(json.stderr, "");
    let agent = sandbox
        .run_with(
            &["plan", "apps", "target", "-o", "-"],
            &[("TF_BUILD", "True")],
        )
        .expect(0);
    assert_eq!(
        lines(&agent.stdout).len(),
        4,
        "data is not mixed with commands"
    );
}

#[test]
fn deletes_are_shown_in_full_and_the_rest_up_to_a_number() {
    let sandbox = Sandbox::new();
    for number in 0..30 {
        sandbox.write(&format!("apps/old{number:02}"), "old");
    }
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    for number in 0..30 {
        fs_err::remove_file(sandbox.path().join(format!("apps/old{number:02}"))).unwrap();
        sandbox.write(&format!("apps/new{number:02}"), number.to_string());
    }
    let flags = ["plan", "apps", "target", "--delete", "--max-delete", "100%"];
    let shown = sandbox.run(&flags).expect(0).stdout;
    assert_eq!(shown.matches("  old").count(), 30, "{shown}");
    assert_eq!(shown.matches("  new").count(), 20, "{shown}");
    assert!(shown.contains("and 10 more"), "{shown}");
    assert!(
        shown.contains("30 of the 30 there; at most 100% may go"),
        "{shown}"
    );
    let all = sandbox
        .run(&[&flags[..], &["-v"]].concat())
        .expect(0)
        .stdout;
    assert_eq!(all.matches("  new").count(), 30, "{all}");
}

#[test]
fn a_plan_that_deletes_too_much_is_refused_when_it_is_made_and_when_it_is_applied() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    fs_err::remove_file(sandbox.path().join("apps/readme.txt")).unwrap();
    let plan = ["plan", "apps", "target", "--delete", "-o", "p.plan"];
    let none = [&plan[..], &["--max-delete", "0"]].concat();
    sandbox.run(&none).expect(5);
    assert!(!sandbox.path().join("p.plan").exists());
    sandbox.run(&plan).expect(0);
    sandbox
        .run(&["apply", "p.plan", "--max-delete", "0"])
        .expect(5);
    assert!(sandbox.path().join("target/readme.txt").exists());
    let applied = sandbox.run(&["apply", "p.plan", "--json"]).expect(0);
    assert_eq!(applied.summary()["deleted"], 1);
    assert!(!sandbox.path().join("target/readme.txt").exists());
}

#[test]
fn a_source_that_cannot_be_read_makes_no_plan() {
    let sandbox = Sandbox::new();
    sandbox.library();
    // A name that no blob can have fails for root too.
    sandbox.write("apps/ends with a dot.", "x");
    let outcome = sandbox
        .run(&["plan", "apps", "target", "-o", "p.plan"])
        .expect(3);
    assert!(
        outcome.stderr.contains("ends with a dot."),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome.stderr.contains("no plan was made"),
        "{}",
        outcome.stderr
    );
    assert!(!sandbox.path().join("p.plan").exists());
    let json = sandbox.run(&["plan", "apps", "target", "--json"]).expect(3);
    assert_eq!(json.events_of("failed").len(), 1);
    assert_eq!(json.events_of("error")[0]["exit_code"], 3);
}

#[test]
fn the_files_may_stand_elsewhere() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["plan", "apps", "drydock:data", "-o", "p.plan"])
        .expect(0);
    fs_err::rename(sandbox.path().join("apps"), sandbox.path().join("moved")).unwrap();
    sandbox.run(&["apply", "p.plan"]).expect(1);
    sandbox
        .run(&["apply", "p.plan", "--source", "moved"])
        .expect(0);
    assert_eq!(sandbox.listed("drydock:data").len(), 3);
    sandbox
        .run(&["plan", "drydock:data", "out", "-o", "down.plan"])
        .expect(0);
    sandbox
        .run(&["apply", "down.plan", "--source", "moved"])
        .expect(64);
}

#[test]
fn a_dry_run_of_apply_writes_nothing() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["plan", "apps", "target", "-o", "p.plan"])
        .expect(0);
    for (arguments, variables) in [
        (&["apply", "p.plan", "--dry-run"][..], &[][..]),
        (&["apply", "p.plan"], &[("LONGSHORE_DRY_RUN", "1")]),
    ] {
        let outcome = sandbox.run_with(arguments, variables).expect(0);
        assert!(
            outcome.stdout.contains("upload: 3 files"),
            "{}",
            outcome.stdout
        );
        assert!(!sandbox.path().join("target").exists());
    }
}

#[test]
fn an_applied_plan_is_recognised_as_done() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["plan", "apps", "drydock:data", "-o", "p.plan"])
        .expect(0);
    sandbox.run(&["apply", "p.plan"]).expect(0);
    let again = sandbox.run(&["apply", "p.plan", "--json"]).expect(0);
    assert_eq!(again.summary()["unchanged"]["files"], 3);
    assert_eq!(again.summary()["bytes_sent"], 0);
}

#[test]
fn what_is_no_plan_is_78_and_what_is_not_there_is_1() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["plan", "apps", "target", "-o", "p.plan"])
        .expect(0);
    let whole = sandbox.read("p.plan");
    let cut: String = whole.split_inclusive('\n').take(2).collect();
    for (name, text) in [
        ("garbage", "garbage\n".to_owned()),
        ("empty", String::new()),
        ("newer", whole.replace("{\"plan\":1,", "{\"plan\":99,")),
        ("cut", cut),
        (
            "edited",
            whole.replace("\"op\":\"upload\"", "\"op\":\"format\""),
        ),
    ] {
        sandbox.write(name, text);
        for command in ["show", "apply"] {
            let outcome = sandbox.run(&[command, name]);
            assert_eq!(outcome.code, 78, "{command} {name}: {outcome:#?}");
            assert!(outcome.stderr.contains("hint:"), "{}", outcome.stderr);
            assert_eq!(outcome.stdout, "");
        }
    }
    sandbox.run(&["show", "missing"]).expect(1);
    assert!(!sandbox.path().join("target").exists());
}

#[test]
fn names_in_a_plan_lead_nowhere_else() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.write("secret.txt", "three files");
    sandbox.run(&["sync", "apps", "drydock:data"]).expect(0);
    for (source, destination) in [("apps", "drydock:new"), ("drydock:data", "out")] {
        sandbox
            .run(&["plan", source, destination, "-o", "p.plan"])
            .expect(0);
        let plan = sandbox.read("p.plan");
        for name in [
            "../secret.txt",
            "/secret.txt",
            "a/../../secret.txt",
            "x\\\\..\\\\y",
        ] {
            let hostile = plan.replace("\"name\":\"readme.txt\"", &format!("\"name\":\"{name}\""));
            assert_ne!(hostile, plan);
            sandbox.write("hostile.plan", hostile);
            let outcome = sandbox.run(&["apply", "hostile.plan"]);
            assert!([3, 4].contains(&outcome.code), "{name}: {outcome:#?}");
            assert_eq!(sandbox.read("secret.txt"), "three files");
        }
    }
    assert!(!sandbox.path().join("y").exists());
    assert!(sandbox.listed("drydock:new").is_empty());
}

#[test]
fn a_plan_shows_no_name_as_a_command_to_the_terminal() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox
        .run(&["plan", "apps", "target", "-o", "p.plan"])
        .expect(0);
    let plan = sandbox.read("p.plan");
    sandbox.write("p.plan", plan.replace("readme.txt", r"a\u001b[2Jb"));
    let shown = sandbox.run(&["show", "p.plan"]).expect(0);
    assert!(!shown.stdout.contains('\u{1b}'), "{:?}", shown.stdout);
    assert!(shown.stdout.contains(r"a\u{1b}[2Jb"), "{}", shown.stdout);
}

#[test]
fn a_reviewer_sees_this() {
    let sandbox = Sandbox::new();
    sandbox.library();
    sandbox.run(&["sync", "apps", "target"]).expect(0);
    sandbox.write("apps/readme.txt", "other");
    sandbox.write("apps/new/setup.msi", vec![7; 3 << 20]);
    fs_err::remove_file(sandbox.path().join("apps/tools/azcopy.exe")).unwrap();
    let flags = ["--delete", "--backup-to", "_backup", "-o", "p.plan"];
    let planned = sandbox
        .run(&[&["plan", "apps", "target"][..], &flags].concat())
        .expect(0);
    let text: Vec<&str> = planned
        .stdout
        .lines()
        .filter(|line| !line.starts_with("made "))
        .collect();
    insta::assert_snapshot!("plan", text.join("\n"));
}
