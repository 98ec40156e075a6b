//! `longshore schema`.

use longshore_manifest::{InstallReport, Lock, Manifest, Pointer, Release};
use longshore_sync::{Header, Operation, PLAN_VERSION};
use schemars::generate::SchemaSettings;
use serde_json::{Value, json};

use super::run::{Context, Stop};
use crate::args::{SchemaArg, SchemaArgs};
use crate::exit::ExitStatus;

/// Prints the schema.
pub(super) fn run(args: &SchemaArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let schema = match args.format {
        SchemaArg::Plan => plan(),
        SchemaArg::Manifest => Manifest::json_schema(),
        SchemaArg::Lock => Lock::json_schema(),
        SchemaArg::Release => Release::json_schema(),
        SchemaArg::Pointer => Pointer::json_schema(),
        SchemaArg::Result => InstallReport::json_schema(),
    };
    context.console.data(&format!("{schema:#}"))?;
    Ok(ExitStatus::Done)
}

/// The schema of each line of a plan.
fn plan() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let header = generator.subschema_for::<Header>();
    let operation = generator.subschema_for::<Operation>();
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": format!("A plan of Longshore, version {PLAN_VERSION}"),
        "description": "A plan is NDJSON: a header in the first line, then one operation a line. \
                        This is the schema of a line.",
        "oneOf": [header, operation],
        "$defs": generator.take_definitions(true),
    })
}
