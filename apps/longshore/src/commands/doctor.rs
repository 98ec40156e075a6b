//! `longshore doctor`: what would be used, why, and whether it works.

mod findings;
mod probe;
mod show;

use longshore_azure::Environment;

use super::run::{Context, Stop};
use crate::args::DoctorArgs;
use crate::exit::ExitStatus;
use crate::output::Record;
use crate::place::Place;
use crate::settings::Format;
use findings::Findings;

/// Looks, tells what it found, and ends with what a run would end with.
pub(super) async fn run(args: &DoctorArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let place = match &args.destination {
        Some(text) => Some(Place::parse(text, &context.environment)?),
        None => None,
    };
    let mut findings = Findings::gather(place.as_ref(), context);
    if let Some(place) = &place
        && findings.status == ExitStatus::Done
    {
        let probe = probe::probe(place, context).await;
        findings.status = probe.status;
        findings.probe = Some(probe);
    }
    match context.console.format() {
        Format::Json => Record::new("doctor", &findings).write(&context.console)?,
        _ => show::show(&findings, &context.console)?,
    }
    Ok(findings.status)
}

/// The account that the environment names, when no destination does.
fn account_of(environment: &Environment) -> Option<String> {
    const NAMES: &[&str] = &["AZURE_STORAGE_ACCOUNT", "AZURE_STORAGE_ACCOUNT_NAME"];
    if let Some((_, account)) = environment.first(NAMES) {
        return Some(account.to_owned());
    }
    let text = environment.get("AZURE_STORAGE_CONNECTION_STRING")?;
    let connection = longshore_azure::ConnectionString::parse(text).ok()?;
    connection.account().map(str::to_owned)
}
