//! One list request, which shows most of what can be wrong.

use std::time::Instant;

use futures::TryStreamExt as _;
use longshore_store::{BlobStore as _, ListOptions};
use serde::Serialize;

use super::super::run::Context;
use crate::exit::ExitStatus;
use crate::failure::{Failure, Story};
use crate::place::Place;

/// What came of it.
#[derive(Debug, Serialize)]
pub(super) struct Probe {
    /// Whether the destination answered as it should.
    pub(super) ok: bool,
    /// How long that took.
    pub(super) elapsed_seconds: f64,
    /// What went wrong.
    pub(super) error: Option<Story>,
    #[serde(skip)]
    pub(super) status: ExitStatus,
}

/// Lists one blob of the destination.
pub(super) async fn probe(place: &Place, context: &Context) -> Probe {
    let started = Instant::now();
    let outcome = try_list(place, context).await;
    let (status, error) = match outcome {
        Ok(()) => (ExitStatus::Done, None),
        Err(failure) => (failure.status, Some(*failure.story)),
    };
    Probe {
        ok: error.is_none(),
        elapsed_seconds: started.elapsed().as_secs_f64(),
        error,
        status,
    }
}

async fn try_list(place: &Place, context: &Context) -> Result<(), Failure> {
    if let Some(directory) = place.local_directory()
        && !directory.is_dir()
    {
        let message = format!("there is no directory `{}` yet", directory.display());
        return Err(
            Failure::new(ExitStatus::Failed, message).hint("`longshore sync` makes it".to_owned())
        );
    }
    let opened = place.open(&context.settings, &context.environment).await?;
    let page = opened
        .store
        .list_pages(ListOptions {
            prefix: opened.prefix.clone(),
            page_size: Some(1),
            ..ListOptions::default()
        })
        .try_next()
        .await;
    let listed = page
        .map(|_| ())
        .map_err(|error| Failure::of_store(format!("cannot list `{place}`"), &error));
    opened.close().await;
    listed
}
