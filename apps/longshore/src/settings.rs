//! What the flags and the environment mean together.
//!
//! Reads no variable of the process and prints nothing: both come in as arguments.

mod library;
mod provenance;
mod transfer;
mod verify;

use std::path::PathBuf;

use longshore_azure::{AuthMode, ConnectionOptions, Environment};

use crate::args::{ColorArg, OutputArg, SharedArgs};
use crate::variables::{GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, TF_BUILD};

pub(crate) use library::{cellar, lock_options, rewrites, scanner};
pub(crate) use provenance::provenance;
pub(crate) use transfer::digest_cache;
pub(crate) use verify::expected_directory;

/// How to report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Human,
    /// For programs: a JSON object a line.
    Json,
    /// Logging commands of Azure Pipelines.
    AzurePipelines,
    /// Workflow commands of GitHub Actions.
    Github,
}

/// How much to tell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verbosity {
    /// Errors and data only.
    Quiet,
    /// What somebody wants to know.
    Normal,
    /// Every file that moves.
    Verbose,
    /// What happens inside.
    Debug,
}

/// The meaning of the shared flags.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// How to report.
    pub(crate) format: Format,
    /// Whether to colour.
    pub(crate) color: anstream::ColorChoice,
    /// How much to tell.
    pub(crate) verbosity: Verbosity,
    /// How to sign in.
    pub(crate) auth: AuthMode,
    /// The limits of the connection.
    pub(crate) connection: ConnectionOptions,
    /// Whether nothing is to be done.
    pub(crate) dry_run: bool,
    /// The file for the summary of a GitHub job.
    pub(crate) step_summary: Option<PathBuf>,
}

impl Settings {
    /// Settles the shared flags.
    pub(crate) fn resolve(args: &SharedArgs, environment: &Environment) -> Self {
        Self {
            format: format(args, environment),
            color: match args.color {
                ColorArg::Auto => anstream::ColorChoice::Auto,
                ColorArg::Always => anstream::ColorChoice::Always,
                ColorArg::Never => anstream::ColorChoice::Never,
            },
            verbosity: verbosity(args),
            auth: args.auth,
            connection: ConnectionOptions {
                concurrency: args.concurrency.get(),
                max_requests_per_second: args.max_requests,
                max_bytes_per_second: args.max_bandwidth,
                ..ConnectionOptions::default()
            },
            dry_run: args.dry_run,
            step_summary: environment.get(GITHUB_STEP_SUMMARY).map(PathBuf::from),
        }
    }
}

fn format(args: &SharedArgs, environment: &Environment) -> Format {
    match args.output {
        _ if args.json => Format::Json,
        OutputArg::Json => Format::Json,
        OutputArg::AzurePipelines => Format::AzurePipelines,
        OutputArg::Github => Format::Github,
        OutputArg::Auto if environment.get(TF_BUILD).is_some() => Format::AzurePipelines,
        OutputArg::Auto if environment.is_true(GITHUB_ACTIONS) => Format::Github,
        OutputArg::Auto | OutputArg::Human => Format::Human,
    }
}

const fn verbosity(args: &SharedArgs) -> Verbosity {
    match (args.quiet, args.verbose) {
        (true, _) => Verbosity::Quiet,
        (false, 0) => Verbosity::Normal,
        (false, 1) => Verbosity::Verbose,
        (false, _) => Verbosity::Debug,
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::Args;

    fn settings(flags: &[&str], pairs: &[(&str, &str)]) -> Settings {
        let args = Args::try_parse_from([&["longshore", "completions", "bash"], flags].concat());
        let environment = Environment::from_pairs(pairs.iter().copied());
        Settings::resolve(&args.unwrap().shared, &environment)
    }

    #[test]
    fn the_environment_chooses_the_format_and_flags_outrank_it() {
        let pipelines = [("TF_BUILD", "True")];
        let github = [("GITHUB_ACTIONS", "true")];
        assert_eq!(settings(&[], &[]).format, Format::Human);
        assert_eq!(settings(&[], &pipelines).format, Format::AzurePipelines);
        assert_eq!(settings(&[], &github).format, Format::Github);
        assert_eq!(settings(&["--json"], &github).format, Format::Json);
        assert_eq!(
            settings(&["--output", "human"], &github).format,
            Format::Human
        );
    }

    #[test]
    fn quiet_outranks_verbose() {
        assert_eq!(settings(&["-vv"], &[]).verbosity, Verbosity::Debug);
        assert_eq!(settings(&["-q", "-v"], &[]).verbosity, Verbosity::Quiet);
    }
}
