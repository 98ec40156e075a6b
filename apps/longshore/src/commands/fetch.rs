//! `longshore fetch`.

use std::future::ready;
use std::sync::Arc;

use futures::TryStreamExt as _;
use longshore_store::{BlobStoreExt as _, ListOptions};
use longshore_sync::{Direction, SyncOptions};

use super::run::{Context, Stop};
use super::sync::{Wanted, carry_out};
use super::watch::Watch;
use crate::args::FetchArgs;
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::view_for;
use crate::place::{Container, Links, Place, Route};

/// Makes files of a folder's blobs, or of one blob.
pub(super) async fn run(args: &FetchArgs, context: &Context) -> Result<ExitStatus, Stop> {
    let source = Place::parse(&args.source, &context.environment)?;
    let destination = Place::parse_directory(args.directory.as_os_str())?;
    let route = Route::checked(source, destination, Direction::Down)?;
    let mut wanted = Wanted {
        route,
        reuse_from: Vec::new(),
        options: context.settings.fetch_options(args),
    };
    let mut watch = Watch::begin(view_for(&context.settings, Arc::clone(&context.console)))?;
    watch.warn_of(&wanted.places());
    match look(&wanted.route.source, &mut watch.links, context).await {
        Ok(Found::Folder) => {}
        Ok(Found::Blob) => narrow(&mut wanted.route.source, &mut wanted.options),
        Err(failure) => {
            watch.links.close().await;
            return Err(failure.into());
        }
    }
    carry_out(wanted, watch, context).await
}

/// What a place names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    Blob,
    Folder,
}

/// Looks whether there is a blob of that very name, or at least one below it: a mistyped name must not pass for a
/// folder that is fetched already.
async fn look(place: &Place, links: &mut Links, context: &Context) -> Result<Found, Failure> {
    let (settings, environment) = (&context.settings, &context.environment);
    let opened = links.open(place, settings, environment).await?;
    let name = place.prefix();
    // A name comes before all that begin with it.
    let is_blob = !name.is_empty() && first(&opened, name, place).await?.as_deref() == Some(name);
    if is_blob {
        return Ok(Found::Blob);
    }
    match first(&opened, &opened.prefix, place).await? {
        Some(_) => Ok(Found::Folder),
        None => Err(
            Failure::new(ExitStatus::Failed, format!("there is no blob in `{place}`"))
                .hint("check the container and the folder, as with `longshore ls`".to_owned()),
        ),
    }
}

/// The first blob whose name begins so.
async fn first(from: &Container, name: &str, place: &Place) -> Result<Option<String>, Failure> {
    let blobs = from.store.list(ListOptions {
        prefix: name.to_owned(),
        ..ListOptions::default()
    });
    let mut blobs = blobs.try_filter(|blob| ready(!blob.is_directory && blob.etag.is_some()));
    let blob = blobs.try_next().await;
    let blob = blob.map_err(|error| Failure::of_store(format!("cannot list `{place}`"), &error))?;
    Ok(blob.map(|blob| blob.name))
}

/// Its folder, and nothing in it but the blob.
fn narrow(source: &mut Place, options: &mut SyncOptions) {
    let (folder, name) = match source.prefix().rsplit_once('/') {
        Some((folder, name)) => (folder.to_owned(), name),
        None => (String::new(), source.prefix()),
    };
    options.include = vec![format!("/{}", literal(name))];
    *source = source.with_prefix(&folder);
}

/// A pattern that means the name itself.
fn literal(name: &str) -> String {
    let mut pattern = String::with_capacity(name.len() + 2);
    for c in name.chars() {
        if matches!(
            c,
            '\\' | '*' | '?' | '[' | ']' | '{' | '}' | '!' | '#' | ' '
        ) {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blob_is_its_folder_and_its_name() {
        let check = |text: &str, folder: &str, include: &str| {
            let mut place = Place::parse(text.as_ref(), &longshore_azure::Environment::default());
            let mut options = SyncOptions::default();
            narrow(place.as_mut().unwrap(), &mut options);
            assert_eq!(place.unwrap().prefix(), folder, "{text}");
            assert_eq!(options.include, [include], "{text}");
        };
        check("az://contoso/apps/win/setup.exe", "win", "/setup.exe");
        check("az://contoso/apps/setup.exe", "", "/setup.exe");
        check("drydock:d#apps/a/b/x", "a/b", "/x");
        check("drydock:d#apps/[1] *.zip", "", r"/\[1\]\ \*.zip");
    }
}
