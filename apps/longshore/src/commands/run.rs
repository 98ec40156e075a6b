//! From the parsed line to the command, and from its failure to the exit status.

use std::io;
use std::sync::Arc;

use longshore_azure::Environment;
use tokio::runtime::Runtime;

use super::{
    apply, completions, doctor, drydock, fetch, library, ls, man, plan, schema, show, sync, verify,
};
use crate::args::{Args, Command, DrydockCommand};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::logging;
use crate::output::{Console, OutputLost, SheetError, show_failure};
use crate::settings::{Format, Settings};

/// What a command gets.
#[derive(Debug)]
pub(super) struct Context {
    pub(super) settings: Settings,
    pub(super) environment: Environment,
    pub(super) console: Arc<Console>,
}

/// Why a command ended early.
#[derive(Debug)]
pub(super) enum Stop {
    /// It failed.
    Failed(Box<Failure>),
    /// Its data cannot be written.
    Output(OutputLost),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failed(Box::new(failure))
    }
}

impl From<OutputLost> for Stop {
    fn from(lost: OutputLost) -> Self {
        Self::Output(lost)
    }
}

impl From<SheetError> for Stop {
    fn from(error: SheetError) -> Self {
        match error {
            SheetError::Output(lost) => lost.into(),
            SheetError::Plan(failure) => failure.into(),
        }
    }
}

/// Runs the command and tells what the process is to end with.
pub(crate) fn run(args: &Args, environment: &Environment) -> ExitStatus {
    let mut settings = Settings::resolve(&args.shared, environment);
    if !is_run(&args.command) && settings.format != Format::Json {
        // Its standard output is data, which agents' commands would spoil.
        settings.format = Format::Human;
    }
    logging::start(settings.verbosity, environment);
    let context = Context {
        console: Arc::new(Console::new(&settings)),
        environment: environment.clone(),
        settings,
    };
    let outcome = dispatch(args, &context);
    outcome.unwrap_or_else(|stop| conclude(stop, &context.console))
}

const fn is_run(command: &Command) -> bool {
    matches!(
        command,
        Command::Sync(_)
            | Command::Apply(_)
            | Command::Fetch(_)
            | Command::Stage(_)
            | Command::Mirror(_)
            | Command::Lock(_)
    )
}

fn dispatch(args: &Args, context: &Context) -> Result<ExitStatus, Stop> {
    match &args.command {
        Command::Completions(args) => completions::run(args, context),
        Command::Man(args) => man::run(args),
        Command::Show(args) => show::run(args, context),
        Command::Schema(args) => schema::run(args, context),
        Command::Sync(args) => on_runtime(sync::run(args, context)),
        Command::Plan(args) => on_runtime(plan::run(args, context)),
        Command::Apply(args) => on_runtime(apply::run(args, context)),
        Command::Fetch(args) => on_runtime(fetch::run(args, context)),
        Command::Ls(args) => on_runtime(ls::run(args, context)),
        Command::Verify(args) => on_runtime(verify::run(args, context)),
        Command::Stage(args) => on_runtime(library::stage::stage(args, context)),
        Command::Mirror(args) => on_runtime(library::stage::mirror(args, context)),
        Command::Lock(args) => on_runtime(library::lock::run(args, context)),
        Command::Outdated(args) => on_runtime(library::outdated::run(args, context)),
        Command::Releases(args) => on_runtime(library::releases::run(args, context)),
        Command::Prune(args) => on_runtime(library::prune::run(args, context)),
        Command::Import(args) => library::winget::import(args, context),
        Command::Export(args) => on_runtime(library::winget::export(args, context)),
        Command::Doctor(args) => on_runtime(doctor::run(args, context)),
        Command::Drydock(DrydockCommand::Serve(args)) => on_runtime(drydock::run(args, context)),
    }
}

fn on_runtime(command: impl Future<Output = Result<ExitStatus, Stop>>) -> Result<ExitStatus, Stop> {
    let runtime = build_runtime().map_err(|error| {
        Failure::because(
            ExitStatus::Failed,
            "cannot start the threads of the runtime",
            &error,
        )
    })?;
    let outcome = runtime.block_on(command);
    // A blocking read of an aborted run is not waited for.
    runtime.shutdown_background();
    outcome
}

/// Hashing and reading have threads of their own, so few are enough for what waits on the network. On two processors
/// one is: a second one would only take turns with it, and each turn is a wake-up.
fn build_runtime() -> io::Result<Runtime> {
    let processors = std::thread::available_parallelism().map_or(2, usize::from);
    let mut builder = if processors <= 2 {
        tokio::runtime::Builder::new_current_thread()
    } else {
        tokio::runtime::Builder::new_multi_thread()
    };
    builder
        .worker_threads(processors.clamp(2, 8))
        .enable_all()
        .build()
}

fn conclude(stop: Stop, console: &Console) -> ExitStatus {
    let failure = match stop {
        Stop::Output(lost) if lost.is_broken_pipe() => return ExitStatus::Done,
        Stop::Output(lost) => {
            Failure::because(ExitStatus::Failed, "the output is incomplete", &lost)
        }
        Stop::Failed(failure) => *failure,
    };
    show_failure(console, &failure);
    failure.status
}
