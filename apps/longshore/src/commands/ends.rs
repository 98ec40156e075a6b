//! Both ends of a run, opened.

use longshore_sync::{Direction, Place as End, Shown, SyncOptions};

use super::run::Context;
use super::watch::Watch;
use crate::failure::Failure;
use crate::output::Opening;
use crate::place::{Container, Links, Place, Route};

/// Both ends, as the engine takes them.
#[derive(Debug)]
pub(super) struct Ends {
    /// What is to be held.
    pub(super) source: End,
    /// Where it is to stand.
    pub(super) destination: End,
    /// Containers that may be copied from.
    pub(super) reuse_from: Vec<Container>,
}

impl Ends {
    /// Opens them; whatever was opened is let go of by whoever holds the links.
    ///
    /// # Errors
    ///
    /// Those of [`Links::open`].
    pub(super) async fn open(
        links: &mut Links,
        route: &Route,
        reuse_from: &[Place],
        context: &Context,
    ) -> Result<Self, Failure> {
        let (settings, environment) = (&context.settings, &context.environment);
        let source = match (&route.source, route.direction) {
            (Place::Directory(path), Direction::Up) => End::directory(path),
            (place, _) => end(links.open(place, settings, environment).await?),
        };
        let destination = match (&route.destination, route.direction) {
            (Place::Directory(path), Direction::Down) => End::directory(path),
            (_, Direction::Prune) => source.clone(),
            (place, _) => end(links.open(place, settings, environment).await?),
        };
        let mut others = Vec::new();
        for place in reuse_from {
            others.push(links.open(place, settings, environment).await?);
        }
        Ok(Self {
            source,
            destination,
            reuse_from: others,
        })
    }
}

fn end(container: Container) -> End {
    End::container(container.store, container.prefix)
}

/// Says what a run is about to do.
pub(super) fn announce(watch: &Watch, route: &Route, options: &SyncOptions) {
    watch.view.open(&Opening {
        source: route.source.to_string(),
        destination: route.destination.to_string(),
        direction: route.direction,
        dry_run: options.dry_run,
    });
}

/// The places as a plan names them.
///
/// # Errors
///
/// A failure with status 64 for a path that no text can name.
pub(super) fn shown(route: &Route, reuse_from: &[Place]) -> Result<Shown, Failure> {
    let others = reuse_from.iter().map(Place::to_text);
    Ok(Shown {
        source: route.source.to_text()?,
        destination: route.destination.to_text()?,
        reuse_from: others.collect::<Result<_, _>>()?,
    })
}
