//! Places, opened for several readers at once: the destination, and blobs elsewhere that a manifest names.

use std::error::Error;
use std::sync::Arc;

use async_trait::async_trait;
use longshore_azure::{Environment, MeterSnapshot};
use longshore_mirror::Places;
use longshore_store::{BlobName, BlobStore};
use tokio::sync::Mutex;

use crate::commands::run::Context;
use crate::failure::Failure;
use crate::place::{Container, Links, Place};
use crate::settings::Settings;

/// What places are reached by. Places in one stand-in share its server, whoever opens them.
#[derive(Debug, Clone)]
pub(super) struct Doors {
    links: Arc<Mutex<Links>>,
    settings: Settings,
    environment: Environment,
}

impl Doors {
    pub(super) fn new(context: &Context) -> Self {
        Self {
            links: Arc::default(),
            settings: context.settings.clone(),
            environment: context.environment.clone(),
        }
    }

    /// Opens a place.
    ///
    /// # Errors
    ///
    /// Those of [`Links::open`].
    pub(super) async fn open(&self, place: &Place) -> Result<Container, Failure> {
        let mut links = self.links.lock().await;
        links.open(place, &self.settings, &self.environment).await
    }

    /// The requests so far, where there are any and nobody opens a place right now.
    pub(super) fn requests(&self) -> Option<MeterSnapshot> {
        self.links.try_lock().ok()?.requests()
    }

    /// Lets go of all; embedded stand-ins are stopped in order.
    pub(super) async fn close(&self) {
        let links = std::mem::take(&mut *self.links.lock().await);
        links.close().await;
    }

    async fn blob(&self, text: &str) -> Result<(Arc<dyn BlobStore>, BlobName), Failure> {
        let place = Place::parse(text.as_ref(), &self.environment)?;
        let no_blob = || {
            let hint = "write az://ACCOUNT/CONTAINER/NAME, or the blob's URL";
            Failure::usage(format!("`{place}` names no blob"), hint)
        };
        if place.container().is_none() {
            return Err(no_blob());
        }
        let name = BlobName::new(place.prefix()).map_err(|_| no_blob())?;
        let container = self.open(&place.with_prefix("")).await?;
        Ok((container.store, name))
    }
}

/// A failure as the cause of another.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Told(String);

#[async_trait]
impl Places for Doors {
    async fn open(
        &self,
        text: &str,
    ) -> Result<(Arc<dyn BlobStore>, BlobName), Box<dyn Error + Send + Sync>> {
        let opened = self.blob(text).await;
        opened.map_err(|failure| Told(failure.story.line()).into())
    }
}
