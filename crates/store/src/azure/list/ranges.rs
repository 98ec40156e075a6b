//! A listing in ranges: what is large is listed side by side and handed on in order.
//!
//! Page n + 1 cannot be asked for before page n has come: it takes a marker. After many pages it is therefore looked at
//! which folders are still to come; when they are few and large, each is a range of its own, and several are fetched at
//! once. Small containers are never looked at, so they cost no request more. The blobs that stand between folders are
//! those that the look has shown. What is created behind the point of the look, after it, may be missed, as what is
//! created before the point of a marker always is.
//!
//! This needs the order of bytes; accounts with a hierarchical namespace have another one and are listed page by page.

use std::collections::VecDeque;
use std::sync::Arc;

use futures::StreamExt;
use futures::stream::{self, BoxStream};

use super::level::{Level, Part};
use super::range::Range;
use super::{Pages, page_size};
use crate::{ListOptions, ListPage, ListedBlob, StoreError};

/// So many full pages come before it is looked whether the rest can be split.
const PAGES_BEFORE: u64 = 20;

/// So many ranges are fetched at once.
const AT_ONCE: usize = 2;

/// Fewer folders are not worth a split, more are too many requests.
const LEAST_FOLDERS: usize = 2;
const MOST_FOLDERS: usize = 256;

/// So many levels are looked at below a folder that holds all, with so many pages each.
const MOST_LEVELS: usize = 8;
const MOST_LOOKS: usize = 3;

/// The listing, and what of it is still to come.
#[derive(Debug)]
pub(super) struct Ranges<P> {
    pages: Arc<P>,
    options: ListOptions,
    segments: VecDeque<Segment>,
    is_by_bytes: Option<bool>,
}

#[derive(Debug)]
enum Segment {
    Known(VecDeque<ListedBlob>),
    Range(Range),
}

impl<P: Pages> Ranges<P> {
    pub(super) fn new(pages: Arc<P>, options: ListOptions) -> Self {
        let patience = PAGES_BEFORE * u64::from(page_size(&options));
        Self {
            pages,
            segments: [Segment::Range(Range::new(options.clone(), patience))].into(),
            // Folders that are asked for are not split, so the order does not matter.
            is_by_bytes: options.delimited.then_some(false),
            options,
        }
    }

    pub(super) fn pages(self) -> BoxStream<'static, Result<ListPage, StoreError>> {
        stream::try_unfold(self, |mut ranges| async move {
            let page = ranges.next().await?;
            Ok(page.map(|page| (page, ranges)))
        })
        .boxed()
    }

    async fn next(&mut self) -> Result<Option<ListPage>, StoreError> {
        self.split().await;
        self.start();
        let size = page_size(&self.options) as usize;
        while let Some(segment) = self.segments.front_mut() {
            match segment {
                Segment::Known(blobs) => {
                    let blobs: Vec<_> = blobs.drain(..size.min(blobs.len())).collect();
                    if !blobs.is_empty() {
                        return Ok(Some(ListPage {
                            blobs,
                            prefixes: Vec::new(),
                        }));
                    }
                }
                Segment::Range(range) => {
                    if let Some(page) = range.next(&*self.pages).await? {
                        return Ok(Some(page));
                    }
                }
            }
            self.segments.pop_front();
            self.start();
        }
        Ok(None)
    }

    /// Keeps the next few ranges under way. One that is alone is asked for page by page, as they are wanted.
    fn start(&mut self) {
        if self.segments.len() < 2 {
            return;
        }
        let ranges = self
            .segments
            .iter_mut()
            .filter_map(|segment| match segment {
                Segment::Range(range) => Some(range),
                Segment::Known(_) => None,
            });
        for range in ranges.take(AT_ONCE) {
            range.start(&self.pages);
        }
    }

    /// Splits the first range when it has proven long, and when that pays.
    async fn split(&mut self) {
        let is_due = matches!(self.segments.front(), Some(Segment::Range(range)) if range.is_due());
        if !is_due || !self.is_by_bytes().await {
            return;
        }
        if let Some(Segment::Range(range)) = self.segments.front() {
            let found = self.behind(range).await;
            self.put(found);
        }
    }

    async fn is_by_bytes(&mut self) -> bool {
        let known = match self.is_by_bytes {
            Some(known) => known,
            None => self.pages.is_by_bytes().await,
        };
        self.is_by_bytes = Some(known);
        known
    }

    /// Puts what is behind the first range where it stands; without, the range goes on and it is looked later again.
    fn put(&mut self, found: Option<Behind>) {
        let patience = PAGES_BEFORE * u64::from(page_size(&self.options));
        let Some(Segment::Range(mut range)) = self.segments.pop_front() else {
            return;
        };
        let Some(Behind { rest, parts }) = found else {
            range.postpone();
            return self.segments.push_front(Segment::Range(range));
        };
        for part in parts.into_iter().rev() {
            let segment = match part {
                Part::Blobs(blobs) => Segment::Known(blobs.into()),
                Part::Folder(prefix) => {
                    let options = ListOptions {
                        prefix,
                        ..self.options.clone()
                    };
                    Segment::Range(Range::new(options, patience))
                }
            };
            self.segments.push_front(segment);
        }
        if let Some(rest) = rest {
            range.cut(rest, patience);
            self.segments.push_front(Segment::Range(range));
        }
    }

    /// What of a range is still to come, when that can be split; none also when nobody can tell.
    ///
    /// Goes down as long as one folder holds all that has come, since only there its neighbours are of its kind.
    async fn behind(&self, range: &Range) -> Option<Behind> {
        let last = range.last()?;
        let mut behind = Behind {
            rest: Some(range.prefix().to_owned()),
            parts: VecDeque::new(),
        };
        for _ in 0..MOST_LEVELS {
            let Some(prefix) = behind.rest.clone() else {
                break;
            };
            let Some(look) = self.look(&prefix).await else {
                break;
            };
            let level = Level::seen_from(last, &prefix, look)?;
            let average = range.count() / (level.passed.max(1) as u64);
            if average * 2 < u64::from(page_size(&self.options)) {
                break;
            }
            let goes_down = level.passed == 1;
            behind.rest = level.inside;
            level
                .behind
                .into_iter()
                .rev()
                .for_each(|part| behind.parts.push_front(part));
            if !goes_down {
                break;
            }
        }
        let folders = behind
            .parts
            .iter()
            .filter(|part| matches!(part, Part::Folder(_)));
        (LEAST_FOLDERS..=MOST_FOLDERS)
            .contains(&folders.count())
            .then_some(behind)
    }

    /// What stands right below a prefix, unless it is too much or cannot be told.
    async fn look(&self, prefix: &str) -> Option<ListPage> {
        let options = ListOptions {
            prefix: prefix.to_owned(),
            delimited: true,
            page_size: None,
            ..self.options.clone()
        };
        let mut look = ListPage::default();
        let mut marker: Option<String> = None;
        for _ in 0..MOST_LOOKS {
            // Whatever is wrong will also be wrong with the listing, and is told there.
            let (page, next) = self.pages.page(&options, marker.as_deref()).await.ok()?;
            look.blobs.extend(page.blobs);
            look.prefixes.extend(page.prefixes);
            marker = next;
            if marker.is_none() {
                return Some(look);
            }
        }
        None
    }
}

/// What is behind a point of a range.
#[derive(Debug)]
struct Behind {
    /// What the names start with that the range itself goes on with; none when all of it is in parts.
    rest: Option<String>,
    parts: VecDeque<Part>,
}

#[cfg(test)]
mod tests;
