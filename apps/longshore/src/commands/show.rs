//! `longshore show`.

use longshore_sync::PlanReader;

use super::run::{Context, Stop};
use crate::args::ShowArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{OutputLost, Sheet, Wording};
use crate::settings::Format;

/// Shows a plan that was kept in a file.
pub(super) fn run(args: &ShowArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let reader = open(&args.file)?;
    if context.console.format() == Format::Json {
        print(reader, context)?;
    } else {
        Sheet::new(&context.console, Wording::Kept(&args.file)).show(&mut { reader })?;
    }
    Ok(ExitStatus::Done)
}

/// Opens a plan and reads all of it: what is shown or done is whole.
///
/// # Errors
///
/// A failure with status 78 for what is no plan, and 1 for a file that cannot be read.
pub(super) fn open(file: &std::path::Path) -> Result<PlanReader, Failure> {
    let failed = |error| Failure::of_plan(&error);
    let reader = PlanReader::open(file).map_err(failed)?;
    for operation in reader.again().map_err(failed)? {
        operation.map_err(failed)?;
    }
    Ok(reader)
}

fn print(reader: PlanReader, context: &Context) -> Result<(), Stop> {
    let line = |text: serde_json::Result<String>| {
        let text = text.map_err(|error| OutputLost::from(std::io::Error::from(error)))?;
        context.console.data(&text)
    };
    line(serde_json::to_string(reader.header()))?;
    for operation in reader {
        let operation = operation.map_err(|error| Failure::of_plan(&error))?;
        line(serde_json::to_string(&operation))?;
    }
    Ok(())
}
