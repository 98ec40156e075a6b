//! What the flags and the environment mean together.
//!
//! Reads no variable of the process and prints nothing: both come in as arguments.

use std::path::PathBuf;

use longshore_azure::{AuthMode, ConnectionOptions, Environment};
use longshore_sync::{CachePlace, DeletePolicy, SyncOptions};

use crate::args::{ColorArg, OutputArg, SharedArgs, SyncArgs};
use crate::failure::Failure;
use crate::variables::{GITHUB_ACTIONS, GITHUB_STEP_SUMMARY, TF_BUILD};

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

    /// Settles the flags of `sync`, apart from its two places.
    ///
    /// # Errors
    ///
    /// A usage failure for flags that contradict each other.
    pub(crate) fn sync_options(&self, args: &SyncArgs) -> Result<SyncOptions, Failure> {
        Ok(SyncOptions {
            prefix: String::new(),
            include: patterns(&args.include),
            exclude: patterns(&args.exclude),
            follow_symlinks: args.follow_symlinks,
            delete: delete_policy(args)?,
            max_delete: args.max_delete,
            dry_run: self.dry_run,
            create_container: args.create_container,
            concurrency: self.connection.concurrency,
            memory: args.memory,
            cache: match (&args.cache_dir, args.no_cache) {
                (_, true) => CachePlace::Off,
                (Some(directory), false) => CachePlace::Directory(directory.clone()),
                (None, false) => CachePlace::User,
            },
        })
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

/// Lines of a variable may end with a line feed, which makes no pattern.
fn patterns(given: &[String]) -> Vec<String> {
    given
        .iter()
        .filter(|pattern| !pattern.trim().is_empty())
        .cloned()
        .collect()
}

fn delete_policy(args: &SyncArgs) -> Result<DeletePolicy, Failure> {
    match (args.delete, args.delete_unmanaged) {
        (true, true) => Ok(DeletePolicy::Unmanaged),
        (true, false) => Ok(DeletePolicy::Managed),
        (false, false) => Ok(DeletePolicy::Keep),
        (false, true) => Err(Failure::usage(
            "`--delete-unmanaged` does nothing without `--delete`",
            "add `--delete`, and look at `--dry-run` first",
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};
    use crate::exit::ExitStatus;

    fn settings(flags: &[&str], pairs: &[(&str, &str)]) -> Settings {
        let args = Args::try_parse_from([&["longshore", "completions", "bash"], flags].concat());
        let environment = Environment::from_pairs(pairs.iter().copied());
        Settings::resolve(&args.unwrap().shared, &environment)
    }

    fn sync_options(flags: &[&str]) -> Result<SyncOptions, Failure> {
        let args =
            Args::try_parse_from([&["longshore", "sync", "a", "b"], flags].concat()).unwrap();
        let settings = Settings::resolve(&args.shared, &Environment::default());
        match &args.command {
            Command::Sync(sync) => settings.sync_options(sync),
            _ => unreachable!("`sync` was parsed"),
        }
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

    #[test]
    fn deleting_what_others_wrote_needs_both_flags() {
        let policy = |flags: &[&str]| sync_options(flags).map(|options| options.delete);
        assert_eq!(policy(&[]), Ok(DeletePolicy::Keep));
        assert_eq!(policy(&["--delete"]), Ok(DeletePolicy::Managed));
        assert_eq!(
            policy(&["--delete", "--delete-unmanaged"]),
            Ok(DeletePolicy::Unmanaged)
        );
        let refused = policy(&["--delete-unmanaged"]).unwrap_err();
        assert_eq!(refused.status, ExitStatus::Usage);
    }

    #[test]
    fn patterns_are_kept_whole_and_blank_ones_dropped() {
        let options = sync_options(&["--include", "*.{zip,exe}", "--exclude", "a\nb\n"]).unwrap();
        assert_eq!(options.include, ["*.{zip,exe}"]);
        assert_eq!(options.exclude, ["a", "b"]);
    }
}
