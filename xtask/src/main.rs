//! House-keeping commands, run as `cargo xtask …`: what a developer and the pipeline do by the same words.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line of the house: its output is its purpose"
)]

mod ci;
mod process;
mod sample;
mod suite;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Debug, Parser)]
#[command(about = "House-keeping commands of Longshore")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Checks the house rules that no compiler checks: arrows between crates, module docs, file lengths.
    Tidy,
    /// Installs what the tests need and runs every test and doctest.
    Test {
        /// Passed on to `cargo test`, for example `-p longshore-content`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Runs every gate that a change has to pass.
    Ci,
    /// Gathers a library of real installers by npm, pip and apt-get, or from the Rust toolchain when offline.
    SampleLibrary {
        /// Where the library goes; what is there already is kept.
        directory: PathBuf,
        /// Some 30 MiB instead of some 400.
        #[arg(long)]
        small: bool,
        /// Asks no package client; takes what the Rust toolchain has.
        #[arg(long)]
        offline: bool,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Tidy => tidy::run(&Workspace::load()?),
        Command::Test { arguments } => suite::run(&Workspace::load()?, &arguments),
        Command::Ci => Ok(ci::run(&Workspace::load()?)),
        Command::SampleLibrary {
            directory,
            small,
            offline,
        } => sample::run(&directory, sample::Choice { small, offline }),
    }
}
