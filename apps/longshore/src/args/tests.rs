use clap::Command;

use super::command;

/// Every command of the tree, itself included.
fn commands(command: &Command) -> Vec<&Command> {
    std::iter::once(command)
        .chain(command.get_subcommands().flat_map(commands))
        .collect()
}

fn flags(command: &Command) -> impl Iterator<Item = &clap::Arg> {
    command.get_arguments().filter(|arg| {
        arg.get_long()
            .is_some_and(|long| !matches!(long, "help" | "version"))
    })
}

#[test]
fn the_command_is_consistent() {
    command().debug_assert();
}

#[test]
fn every_flag_has_a_variable_of_its_name() {
    let root = command();
    let mut count = 0;
    for command in commands(&root) {
        for flag in flags(command) {
            let long = flag.get_long().unwrap_or_default();
            let expected = format!("LONGSHORE_{}", long.replace('-', "_").to_uppercase());
            assert_eq!(
                flag.get_env().and_then(|name| name.to_str()),
                Some(expected.as_str()),
                "--{long} of `{}`",
                command.get_name()
            );
            count += 1;
        }
    }
    assert!(count > 20, "the flags were not found");
}

#[test]
fn every_flag_and_operand_has_a_help_text() {
    let root = command();
    for command in commands(&root) {
        for arg in command.get_arguments() {
            assert!(
                arg.get_help().is_some(),
                "{arg} of `{}`",
                command.get_name()
            );
        }
    }
}

#[test]
fn the_guide_names_every_command_flag_variable_and_exit_code() {
    let guide = include_str!("../../../../docs/cli.md");
    let root = command();
    for command in commands(&root)
        .into_iter()
        .filter(|command| !command.is_hide_set())
    {
        let name = command.get_name();
        assert!(guide.contains(name), "docs/cli.md lacks `{name}`");
        for flag in flags(command) {
            let long = format!("`--{}", flag.get_long().unwrap_or_default());
            assert!(guide.contains(&long), "docs/cli.md lacks {long}");
            let variable = flag
                .get_env()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            assert!(guide.contains(&variable), "docs/cli.md lacks {variable}");
        }
    }
    for status in crate::exit::ExitStatus::ALL {
        let row = format!("| {} |", status.code());
        assert!(
            guide.contains(&row),
            "docs/cli.md lacks exit code {}",
            status.code()
        );
    }
}
