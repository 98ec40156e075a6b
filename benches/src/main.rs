//! Side by side: longshore, azcopy and rclone against the same stand-in on loopback, in one run.
//!
//! CPU seconds and counted requests come first, because they are steady; wall time is given as a ratio beside. The
//! server runs in a process of its own, so its CPU is nobody's. The output is Markdown for `docs/performance.md`.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line: its output is its purpose"
)]

mod client;
mod compare;
mod http;
mod machine;
mod measure;
mod peers;
mod promise;
mod report;
mod scenario;
mod serve;
mod server;
mod source;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use mimalloc::MiMalloc;

/// As in the program itself: the server shares the processors with the clients, so it should cost little.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

#[derive(Debug, Parser)]
#[command(about = "Measures Longshore beside azcopy and rclone")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Runs every client through every scenario and prints tables in Markdown.
    Compare(compare::Settings),
    /// Serves a stand-in until the standard input ends; `compare` starts it for itself.
    #[command(hide = true)]
    Serve { folder: PathBuf },
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Compare(settings) => compare::run(&settings),
        Command::Serve { folder } => serve::run(&folder),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
