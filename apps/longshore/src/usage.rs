//! What becomes of clap's errors: their exit codes are ours, and they repeat no secret.

use std::ffi::OsString;
use std::io::Write as _;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::parser::ValueSource;
use clap::{ArgMatches, FromArgMatches as _};
use longshore_azure::Environment;

use crate::args::{self, Args};
use crate::exit::ExitStatus;
use crate::redact::redact;

/// Reads the command line. What keeps it from being run is printed, and so are help and version.
///
/// # Errors
///
/// What the process is to end with.
pub(crate) fn parse(line: &[OsString], environment: &Environment) -> Result<Args, ExitStatus> {
    let parsed = args::command()
        .try_get_matches_from(line)
        .and_then(|matches| {
            let mut args = Args::from_arg_matches(&matches)?;
            flags_outrank_variables(&mut args, &matches);
            Ok(args)
        });
    parsed.map_err(|error| {
        let status = status_of(&error, line, environment);
        print(&error);
        status
    })
}

/// `--output human` on the command line is not undone by `LONGSHORE_JSON`, nor `-v` by `LONGSHORE_QUIET`.
fn flags_outrank_variables(args: &mut Args, matches: &ArgMatches) {
    let given = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
    if given("output") && !given("json") {
        args.shared.json = false;
    }
    if given("verbose") && !given("quiet") {
        args.shared.quiet = false;
    }
}

fn status_of(error: &clap::Error, line: &[OsString], environment: &Environment) -> ExitStatus {
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => ExitStatus::Done,
        ErrorKind::InvalidValue | ErrorKind::ValueValidation
            if comes_from_variable(error, line, environment) =>
        {
            ExitStatus::Configuration
        }
        _ => ExitStatus::Usage,
    }
}

/// Whether the value that is refused stands in a variable: its flag is not on the command line then.
fn comes_from_variable(error: &clap::Error, line: &[OsString], environment: &Environment) -> bool {
    let Some(ContextValue::String(argument)) = error.get(ContextKind::InvalidArg) else {
        return false;
    };
    let flag = argument.split([' ', '=', '<']).next().unwrap_or_default();
    let Some(name) = flag.strip_prefix("--") else {
        return false;
    };
    let variable = format!("LONGSHORE_{}", name.replace('-', "_").to_uppercase());
    let on_the_line = line.iter().any(|word| {
        let word = word.to_string_lossy();
        word == flag
            || word
                .strip_prefix(flag)
                .is_some_and(|rest| rest.starts_with('='))
    });
    environment.get(&variable).is_some() && !on_the_line
}

fn print(error: &clap::Error) {
    let text = error.render().ansi().to_string();
    // Nobody can be told that nobody listens.
    let _: std::io::Result<()> = if error.use_stderr() {
        // It repeats what it does not understand, which may be a URL with a signature.
        anstream::stderr().write_all(redact(&text).as_bytes())
    } else {
        anstream::stdout().write_all(text.as_bytes())
    };
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(words: &[&str], pairs: &[(&str, &str)]) -> ExitStatus {
        let line: Vec<OsString> = words.iter().map(OsString::from).collect();
        let environment = Environment::from_pairs(pairs.iter().copied());
        let error = args::command().try_get_matches_from(&line).unwrap_err();
        status_of(&error, &line, &environment)
    }

    #[test]
    fn usage_is_64_and_help_is_0() {
        assert_eq!(status(&["longshore"], &[]), ExitStatus::Usage);
        assert_eq!(status(&["longshore", "sync", "a"], &[]), ExitStatus::Usage);
        assert_eq!(
            status(&["longshore", "--no-such-flag"], &[]),
            ExitStatus::Usage
        );
        assert_eq!(status(&["longshore", "--help"], &[]), ExitStatus::Done);
        assert_eq!(
            status(&["longshore", "sync", "--help"], &[]),
            ExitStatus::Done
        );
        assert_eq!(status(&["longshore", "--version"], &[]), ExitStatus::Done);
    }

    #[test]
    fn a_bad_value_on_the_line_is_usage_and_in_a_variable_configuration() {
        let line = ["longshore", "ls", "az://a/b", "--concurrency", "x"];
        assert_eq!(
            status(&line, &[("LONGSHORE_CONCURRENCY", "4")]),
            ExitStatus::Usage
        );
        let line = ["longshore", "ls", "az://a/b", "--concurrency=x"];
        assert_eq!(
            status(&line, &[("LONGSHORE_CONCURRENCY", "4")]),
            ExitStatus::Usage
        );
    }
}
