//! The walk on a thread of its own, a little ahead of whoever takes what it finds.

use std::collections::VecDeque;

use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::list::ListContext;
use super::walk::{LocalItem, WalkContext, walk};
use crate::task::ended;

/// Items that the walk hands over at once, and how many such batches it may be ahead.
const BATCH: usize = 256;
const AHEAD: usize = 8;

/// A walk under way.
#[derive(Debug)]
pub(crate) struct Walk {
    prefix: String,
    batches: mpsc::Receiver<Vec<LocalItem>>,
    thread: JoinHandle<()>,
    items: VecDeque<LocalItem>,
    ended: bool,
}

impl Walk {
    /// Starts it.
    pub(crate) fn start(context: WalkContext) -> Self {
        Self::spawn(&context.prefix.clone(), |emit| walk(context, emit))
    }

    /// Goes through a list instead.
    pub(crate) fn through(list: ListContext) -> Self {
        Self::spawn(&list.prefix.clone(), move |emit| list.look(emit))
    }

    fn spawn(
        prefix: &str,
        walk: impl FnOnce(&mut dyn FnMut(LocalItem) -> bool) + Send + 'static,
    ) -> Self {
        let (sender, batches) = mpsc::channel(AHEAD);
        let thread = tokio::task::spawn_blocking(move || {
            let mut batch = Vec::with_capacity(BATCH);
            walk(&mut |item| {
                batch.push(item);
                batch.len() < BATCH || sender.blocking_send(std::mem::take(&mut batch)).is_ok()
            });
            // Nobody listens any more when the run was stopped.
            let _ = sender.blocking_send(batch);
        });
        Self {
            prefix: prefix.to_owned(),
            batches,
            thread,
            items: VecDeque::new(),
            ended: false,
        }
    }

    /// The walk of a directory that is not there, or has nothing in it.
    pub(crate) fn empty(prefix: &str) -> Self {
        Self {
            prefix: prefix.to_owned(),
            batches: mpsc::channel(1).1,
            thread: tokio::spawn(std::future::ready(())),
            items: VecDeque::new(),
            ended: false,
        }
    }

    /// Waits until [`Walk::items`] has some, or the walk has ended.
    pub(crate) async fn fill(&mut self) {
        while self.items.is_empty() && !self.ended {
            match self.batches.recv().await {
                Some(batch) => self.items.extend(batch),
                None => {
                    // A walk that died must not look like a source that ended.
                    ended((&mut self.thread).await);
                    self.ended = true;
                }
            }
        }
    }

    pub(crate) const fn items(&self) -> &VecDeque<LocalItem> {
        &self.items
    }

    pub(crate) fn pop(&mut self) -> Option<LocalItem> {
        self.items.pop_front()
    }

    pub(crate) const fn has_ended(&self) -> bool {
        self.ended
    }

    /// The part of a name that counts: what stands behind the prefix.
    pub(crate) fn relative<'a>(&self, name: &'a str) -> &'a str {
        name.strip_prefix(self.prefix.as_str()).unwrap_or(name)
    }
}
