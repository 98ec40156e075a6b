//! Two sorted streams made one: what the one side has, what the other has, name by name.

use std::cmp::Ordering;
use std::collections::VecDeque;

use longshore_store::{ListedBlob, ListingOrder};

use crate::SyncError;
use crate::listing::Listing;
use crate::source::{LocalItem, Walk};

/// One name, and where it was found.
#[derive(Debug)]
pub(crate) enum Pair<L, R> {
    Left(L),
    Right(R),
    Both(L, R),
}

/// A sorted stream of things with names.
pub(crate) trait Side: Send {
    type Item: Send;

    /// Waits until [`Side::items`] has some, or there are no more.
    fn fill(&mut self) -> impl Future<Output = Result<(), SyncError>> + Send;

    /// What came and was not taken yet.
    fn items(&self) -> &VecDeque<Self::Item>;

    /// Takes the first of them.
    fn pop(&mut self) -> Option<Self::Item>;

    /// Whether nothing more comes.
    fn has_ended(&self) -> bool;

    /// The name by which an item is compared; none for what has none and is taken first.
    fn name<'a>(&self, item: &'a Self::Item) -> Option<&'a str>;
}

impl Side for Listing {
    type Item = ListedBlob;

    async fn fill(&mut self) -> Result<(), SyncError> {
        Self::fill(self).await
    }

    fn items(&self) -> &VecDeque<ListedBlob> {
        self.blobs()
    }

    fn pop(&mut self) -> Option<ListedBlob> {
        Self::pop(self)
    }

    fn has_ended(&self) -> bool {
        Self::has_ended(self)
    }

    fn name<'a>(&self, item: &'a ListedBlob) -> Option<&'a str> {
        Some(self.relative(&item.name))
    }
}

impl Side for Walk {
    type Item = LocalItem;

    async fn fill(&mut self) -> Result<(), SyncError> {
        Self::fill(self).await;
        Ok(())
    }

    fn items(&self) -> &VecDeque<LocalItem> {
        self.items()
    }

    fn pop(&mut self) -> Option<LocalItem> {
        Self::pop(self)
    }

    fn has_ended(&self) -> bool {
        Self::has_ended(self)
    }

    fn name<'a>(&self, item: &'a LocalItem) -> Option<&'a str> {
        match item {
            LocalItem::File(file) => Some(self.relative(file.name.as_str())),
            LocalItem::Skipped(name, _) => Some(self.relative(name)),
            LocalItem::Failed(_) => None,
        }
    }
}

/// The merge of two sides.
#[derive(Debug)]
pub(crate) struct Merge<L, R> {
    order: ListingOrder,
    left: L,
    right: R,
}

impl<L: Side, R: Side> Merge<L, R> {
    pub(crate) const fn new(order: ListingOrder, left: L, right: R) -> Self {
        Self { order, left, right }
    }

    /// Whether both sides have ended.
    pub(crate) fn is_over(&self) -> bool {
        self.left.has_ended()
            && self.right.has_ended()
            && self.left.items().is_empty()
            && self.right.items().is_empty()
    }

    /// Waits until [`Merge::next`] can answer.
    pub(crate) async fn fill(&mut self) -> Result<(), SyncError> {
        if self.left.items().is_empty() {
            self.left.fill().await?;
        }
        if self.right.items().is_empty() {
            self.right.fill().await?;
        }
        Ok(())
    }

    /// The next name; none when [`Merge::fill`] must be asked first, or when all is over.
    pub(crate) fn next(&mut self) -> Option<Pair<L::Item, R::Item>> {
        if self.left.items().is_empty() && !self.left.has_ended()
            || self.right.items().is_empty() && !self.right.has_ended()
        {
            return None;
        }
        match self.compare()? {
            Ordering::Less => self.left.pop().map(Pair::Left),
            Ordering::Greater => self.right.pop().map(Pair::Right),
            Ordering::Equal => Some(Pair::Both(self.left.pop()?, self.right.pop()?)),
        }
    }

    /// Which side comes first; what has no name comes before all.
    fn compare(&self) -> Option<Ordering> {
        match (self.left.items().front(), self.right.items().front()) {
            (None, None) => None,
            (None, Some(_)) => Some(Ordering::Greater),
            (Some(_), None) => Some(Ordering::Less),
            (Some(left), Some(right)) => {
                let names = (self.left.name(left), self.right.name(right));
                Some(match names {
                    (None, _) => Ordering::Less,
                    (_, None) => Ordering::Greater,
                    (Some(left), Some(right)) => self.order.compare(left, right),
                })
            }
        }
    }
}
