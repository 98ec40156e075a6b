//! The command line of Longshore: arguments become settings, settings one call of a library, and its facts output.
//!
//! | module | holds |
//! | --- | --- |
//! | `args`, `usage` | what clap sees, and what becomes of its errors |
//! | `settings`, `units`, `variables` | what the flags and the environment mean |
//! | `place` | sources and destinations: reading them, opening them |
//! | `commands` | one module a command |
//! | `output` | what people, programs and agents get to see |
//! | `failure`, `exit` | errors as they are shown, and the exit codes |
//! | `interrupts`, `logging`, `redact` | signals, logs, and what must not be in them |

mod args;
mod commands;
mod exit;
mod failure;
mod interrupts;
mod logging;
mod output;
mod place;
mod redact;
mod settings;
mod units;
mod usage;
mod variables;

use std::process::ExitCode;

use longshore_azure::Environment;
use mimalloc::MiMalloc;

/// A small file costs many small allocations on two threads, which this allocator serves at half the price.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let environment = Environment::process();
    let line: Vec<_> = std::env::args_os().collect();
    let status = match usage::parse(&line, &environment) {
        Ok(args) => commands::run(&args, &environment),
        Err(status) => status,
    };
    ExitCode::from(status.code())
}
