//! What is expected and what is there, name by name: two sorted streams made one.

use std::cmp::Ordering;
use std::collections::HashSet;

use futures::StreamExt;
use futures::stream::BoxStream;
use longshore_store::{ListedBlob, ListingOrder};

use super::{Facts, Wanted};
use crate::source::{LocalFile, Shield};
use crate::{ItemError, Note, Progress, SyncError};

/// One item of what is expected.
#[derive(Debug)]
pub(super) enum ExpectedItem {
    /// A name of the destination, and what is to be under it.
    Name(String, Want),
    /// Something that nobody stages; nothing is said of a blob of that name, or below it.
    Skipped(String, Note),
    /// Something that could not be read; nothing is said of blobs below that name.
    Failed(String, ItemError),
}

/// What is to be under a name, before files are read.
#[derive(Debug)]
pub(super) enum Want {
    /// Nothing is said of it.
    Anything,
    /// This.
    Wanted(Wanted),
    /// What this file holds.
    File(LocalFile),
}

impl Want {
    /// Whether there is a content to compare with.
    pub(super) const fn has_content(&self) -> bool {
        matches!(self, Self::File(_) | Self::Wanted(Wanted::Content(_)))
    }

    /// The size that is expected, where one is.
    pub(super) const fn size(&self) -> Option<u64> {
        match self {
            Self::File(file) => Some(file.stamp.size),
            Self::Wanted(Wanted::Content(Facts { size, .. })) => Some(*size),
            Self::Wanted(Wanted::Absent) | Self::Anything => None,
        }
    }
}

/// One name.
#[derive(Debug)]
pub(super) struct Pair {
    pub(super) name: String,
    pub(super) blob: Option<ListedBlob>,
    pub(super) want: Want,
}

/// What comes next.
#[derive(Debug)]
pub(super) enum Step {
    Pair(Box<Pair>),
    Skipped(Note),
    Failed(ItemError),
}

pub(super) type Items<T> = BoxStream<'static, Result<T, SyncError>>;

/// What is expected, and what it says of the names that it does not have.
pub(super) struct Expectations {
    pub(super) items: Items<ExpectedItem>,
    /// Where they come from.
    pub(super) place: String,
    /// Whether blobs without a name here are extra.
    pub(super) is_complete: bool,
}

/// The names of both sides.
pub(super) struct Pairs<'run> {
    order: ListingOrder,
    is_complete: bool,
    expected: Side<ExpectedItem>,
    listed: Side<ListedBlob>,
    spared: Spared<'run>,
    progress: &'run Progress,
}

impl<'run> Pairs<'run> {
    pub(super) fn new(
        order: ListingOrder,
        expectations: Expectations,
        (destination, blobs): (String, Items<ListedBlob>),
        spared: Spared<'run>,
        progress: &'run Progress,
    ) -> Self {
        Self {
            order,
            is_complete: expectations.is_complete,
            expected: Side::new(expectations.place, expectations.items),
            listed: Side::new(destination, blobs),
            spared,
            progress,
        }
    }

    /// The next name; none when both sides have ended.
    pub(super) async fn next(&mut self) -> Result<Option<Step>, SyncError> {
        self.expected.fill(self.order).await?;
        self.listed.fill(self.order).await?;
        let side = match (&self.expected.head, &self.listed.head) {
            (None, None) => return Ok(None),
            (None, Some(_)) => Ordering::Greater,
            (Some(ExpectedItem::Failed(..)), _) | (_, None) => Ordering::Less,
            (Some(ExpectedItem::Name(name, _) | ExpectedItem::Skipped(name, _)), Some(blob)) => {
                self.order.compare(name, &blob.name)
            }
        };
        if side == Ordering::Greater {
            return Ok(self.listed.head.take().map(|blob| self.unnamed(blob)));
        }
        Ok(match self.expected.head.take() {
            Some(ExpectedItem::Name(name, want)) => {
                let blob = if side == Ordering::Equal {
                    self.take_blob()
                } else {
                    None
                };
                Some(Step::Pair(Box::new(Pair { name, blob, want })))
            }
            // Its blob, if any, comes next, and is spared.
            Some(ExpectedItem::Skipped(name, note)) => {
                self.spared.add(name);
                Some(Step::Skipped(note))
            }
            Some(ExpectedItem::Failed(name, error)) => {
                self.spared.add(name);
                Some(Step::Failed(error))
            }
            None => None,
        })
    }

    fn take_blob(&mut self) -> Option<ListedBlob> {
        self.progress.blobs_listed.add(1);
        self.listed.head.take()
    }

    /// A blob that is not among the expected names.
    fn unnamed(&mut self, blob: ListedBlob) -> Step {
        self.progress.blobs_listed.add(1);
        let is_extra = self.is_complete && !self.spared.covers(&blob.name);
        let want = if is_extra {
            Want::Wanted(Wanted::Absent)
        } else {
            Want::Anything
        };
        Step::Pair(Box::new(Pair {
            name: blob.name.clone(),
            blob: Some(blob),
            want,
        }))
    }
}

/// One of the two streams, with its next item.
struct Side<T> {
    place: String,
    items: Items<T>,
    head: Option<T>,
    has_ended: bool,
    last: Option<String>,
}

trait Named {
    /// The name by which it is sorted, if it is.
    fn name(&self) -> Option<&str>;
}

impl Named for ListedBlob {
    fn name(&self) -> Option<&str> {
        Some(&self.name)
    }
}

impl Named for ExpectedItem {
    fn name(&self) -> Option<&str> {
        match self {
            Self::Name(name, _) | Self::Skipped(name, _) => Some(name),
            Self::Failed(..) => None,
        }
    }
}

impl<T: Named> Side<T> {
    fn new(place: String, items: Items<T>) -> Self {
        Self {
            place,
            items,
            head: None,
            has_ended: false,
            last: None,
        }
    }

    /// Fetches the next item, after making sure that it comes after the last one.
    async fn fill(&mut self, order: ListingOrder) -> Result<(), SyncError> {
        if self.head.is_some() || self.has_ended {
            return Ok(());
        }
        let Some(item) = self.items.next().await.transpose()? else {
            self.has_ended = true;
            return Ok(());
        };
        if let Some(name) = item.name() {
            if let Some(last) = &self.last
                && order.compare(last, name) != Ordering::Less
            {
                return Err(SyncError::ListingOrder {
                    destination: self.place.clone(),
                    earlier: name.to_owned(),
                    later: last.clone(),
                });
            }
            self.last = Some(name.to_owned());
        }
        self.head = Some(item);
        Ok(())
    }
}

/// Names of which the expected side says nothing although it does not have them.
#[derive(Debug)]
pub(super) struct Spared<'run> {
    prefix: &'run str,
    /// What a filter leaves out.
    shield: Option<Shield<'run>>,
    /// What is skipped or cannot be read, with all that is below it.
    roots: HashSet<String>,
}

impl<'run> Spared<'run> {
    pub(super) fn new(prefix: &'run str, shield: Option<Shield<'run>>) -> Self {
        Self {
            prefix,
            shield,
            roots: HashSet::new(),
        }
    }

    fn add(&mut self, name: String) {
        self.roots.insert(name);
    }

    fn covers(&mut self, name: &str) -> bool {
        let mut above = name
            .match_indices('/')
            .map(|(at, _)| &name[..at])
            .chain([name]);
        let root = self.prefix.trim_end_matches('/');
        above.any(|part| self.roots.contains(part))
            || self.roots.contains(root)
            || self.shield.as_mut().is_some_and(|shield| {
                name.strip_prefix(self.prefix)
                    .is_none_or(|relative| shield.covers(relative))
            })
    }
}
