//! The failures of single items, kept for the end of a run.

use std::sync::{Mutex, PoisonError};

use longshore_sync::ItemError;

use super::closing::FailedItem;
use crate::exit::ExitStatus;
use crate::failure::Story;

/// How many are kept: more would help nobody, and a million of them would fill the memory.
pub(crate) const MOST_LISTED: usize = 1_000;

/// Collects what failed.
#[derive(Debug, Default)]
pub(crate) struct FailureLog(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    items: Vec<FailedItem>,
    common: Common,
}

/// What all failures have in common.
#[derive(Debug, Default, Clone, Copy)]
enum Common {
    #[default]
    NoneYet,
    All(ExitStatus),
    Different,
}

impl FailureLog {
    /// Notes one.
    pub(crate) fn add(&self, error: &ItemError) {
        let item = FailedItem {
            item: error.item(),
            story: Story::of_item(error),
        };
        self.add_item(ExitStatus::of_item(error), item);
    }

    /// Notes one that would end with `status`, were it the only one.
    pub(crate) fn add_item(&self, status: ExitStatus, item: FailedItem) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.common = match kept.common {
            Common::NoneYet => Common::All(status),
            Common::All(known) if known == status => Common::All(known),
            _ => Common::Different,
        };
        if kept.items.len() < MOST_LISTED {
            kept.items.push(item);
        }
    }

    /// What each failure alone would end with, when that is the same for all.
    pub(crate) fn common_status(&self) -> Option<ExitStatus> {
        match self.0.lock().unwrap_or_else(PoisonError::into_inner).common {
            Common::All(status) => Some(status),
            _ => None,
        }
    }

    /// Those that were kept, by name.
    pub(crate) fn take(&self) -> Vec<FailedItem> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut items = std::mem::take(&mut kept.items);
        items.sort_by(|left, right| left.item.cmp(&right.item));
        items
    }
}

#[cfg(test)]
mod tests {
    use longshore_store::StoreError;

    use super::*;

    fn denied(name: &str) -> ItemError {
        ItemError::Upload {
            name: name.to_owned(),
            cause: StoreError::Denied {
                hint: None,
                cause: "no role".into(),
            },
        }
    }

    #[test]
    fn it_keeps_so_many_and_knows_what_they_share() {
        let log = FailureLog::default();
        assert_eq!(log.common_status(), None);
        for number in 0..MOST_LISTED + 5 {
            log.add(&denied(&format!("b{number:05}")));
        }
        assert_eq!(log.common_status(), Some(ExitStatus::NotAllowed));
        log.add(&ItemError::Changed { path: "a".into() });
        assert_eq!(log.common_status(), None);
        let items = log.take();
        assert_eq!(items.len(), MOST_LISTED);
        assert_eq!(items[0].story.causes, ["not allowed", "no role"]);
    }
}
