//! One range of names, listed page by page: where the consumer stands, or by a task that fetches a little ahead.

use std::sync::Arc;

use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::Pages;
use crate::{ListOptions, ListPage, StoreError};

/// Where a listing stands.
#[derive(Debug, Default)]
enum Marker {
    #[default]
    Start,
    Next(String),
    End,
}

/// Where the next page of a range comes from.
#[derive(Debug)]
enum Source {
    /// It is asked for when it is wanted.
    Here(Marker),
    Task(Task),
}

/// A task that fetches pages; it ends when this goes.
#[derive(Debug)]
struct Task {
    pages: mpsc::Receiver<Result<ListPage, StoreError>>,
    tasks: JoinSet<()>,
}

/// All names with a prefix, or the first of them.
#[derive(Debug)]
pub(super) struct Range {
    options: ListOptions,
    source: Source,
    /// What the names of the range start with, when that is more than the prefix: the first other name ends it.
    within: Option<String>,
    /// How many blobs came since the range was begun or cut.
    count: u64,
    /// After how many of them it is to be looked at whether the rest can be split.
    patience: u64,
    /// The last name that came.
    last: Option<String>,
}

impl Range {
    pub(super) const fn new(options: ListOptions, patience: u64) -> Self {
        Self {
            options,
            source: Source::Here(Marker::Start),
            within: None,
            count: 0,
            patience,
            last: None,
        }
    }

    /// What all names that are still to come start with.
    pub(super) fn prefix(&self) -> &str {
        self.within.as_deref().unwrap_or(&self.options.prefix)
    }

    /// Whether it is time to look whether the rest can be split.
    pub(super) const fn is_due(&self) -> bool {
        self.count >= self.patience && !matches!(self.source, Source::Here(Marker::End))
    }

    /// Puts the next look off: the more looks were in vain, the fewer they get.
    pub(super) const fn postpone(&mut self) {
        self.patience = self.count + 2 * self.patience;
    }

    pub(super) const fn count(&self) -> u64 {
        self.count
    }

    pub(super) fn last(&self) -> Option<&str> {
        self.last.as_deref()
    }

    /// Leaves to others what does not start so.
    pub(super) fn cut(&mut self, within: String, patience: u64) {
        self.within = Some(within);
        self.count = 0;
        self.patience = patience;
    }

    /// Starts fetching ahead, unless it was begun.
    pub(super) fn start<P: Pages>(&mut self, pages: &Arc<P>) {
        if matches!(self.source, Source::Here(Marker::Start)) {
            self.source = Source::Task(Task::start(Arc::clone(pages), self.options.clone()));
        }
    }

    /// The next page; none at the end.
    pub(super) async fn next<P: Pages>(
        &mut self,
        pages: &P,
    ) -> Result<Option<ListPage>, StoreError> {
        let page = match &mut self.source {
            Source::Here(marker) => next(pages, &self.options, marker).await?,
            Source::Task(task) => task.next().await?,
        };
        Ok(page.map(|page| self.take(page)))
    }

    fn take(&mut self, mut page: ListPage) -> ListPage {
        if let Some(within) = &self.within {
            let others = page
                .blobs
                .iter()
                .position(|blob| !blob.name.starts_with(within.as_str()));
            if let Some(at) = others {
                page.blobs.truncate(at);
                self.source = Source::Here(Marker::End);
            }
        }
        self.count += page.blobs.len() as u64;
        if let Some(last) = page.blobs.last() {
            self.last = Some(last.name.clone());
        }
        page
    }
}

impl Task {
    fn start<P: Pages>(pages: Arc<P>, options: ListOptions) -> Self {
        let (sender, receiver) = mpsc::channel(1);
        let mut tasks = JoinSet::new();
        tasks.spawn(async move {
            let mut marker = Marker::Start;
            while let Some(page) = next(&*pages, &options, &mut marker).await.transpose() {
                let is_error = page.is_err();
                if sender.send(page).await.is_err() || is_error {
                    break;
                }
            }
        });
        Self {
            pages: receiver,
            tasks,
        }
    }

    async fn next(&mut self) -> Result<Option<ListPage>, StoreError> {
        if let Some(page) = self.pages.recv().await {
            return page.map(Some);
        }
        // A task that died must not look like a listing that ended.
        match self.tasks.join_next().await {
            Some(Err(error)) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
            _ => Ok(None),
        }
    }
}

async fn next<P: Pages>(
    pages: &P,
    options: &ListOptions,
    marker: &mut Marker,
) -> Result<Option<ListPage>, StoreError> {
    let at = match marker {
        Marker::Start => None,
        Marker::Next(marker) => Some(marker.as_str()),
        Marker::End => return Ok(None),
    };
    let (page, following) = pages.page(options, at).await?;
    *marker = following.map_or(Marker::End, Marker::Next);
    Ok(Some(page))
}
