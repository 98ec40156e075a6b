//! Reading an unfinished file back in order, as it grows: the digests are those of what the file holds, wherever its
//! bytes came from.

use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::watch;

use super::job::{Halt, Job};
use super::part::Part;
use super::plan::Plan;
use super::proof::Whole;

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// Takes the digests of the file, no further than `ready` says that its beginning is there; gives up when nobody says
/// so any more.
pub(super) fn follow(
    job: &Job,
    plan: &Plan,
    part: &Arc<Part>,
    mut ready: watch::Receiver<u64>,
) -> Result<Whole, Halt> {
    let size = plan.layout.file_size();
    let mut hasher = plan.proof.hasher(plan.layout);
    let mut piece = vec![0; PIECE];
    let mut position = 0;
    while position < size {
        let wait = ready.wait_for(|&end| end > position);
        let end = *Handle::current()
            .block_on(wait)
            .map_err(|_| Halt::Stopped)?;
        if end < size && is_given_up(&ready, size) {
            return Err(Halt::Stopped);
        }
        let length = usize::try_from(end - position).map_or(PIECE, |left| left.min(PIECE));
        part.read_at(&mut piece[..length], position)?;
        hasher.update(&piece[..length]).map_err(|_| job.damaged())?;
        job.context.progress.bytes_read.add(length as u64);
        position += length as u64;
    }
    hasher.finish().map_err(|_| job.damaged())
}

/// Whether nobody will say any more that there is something to read, and the last word was not that all is there.
fn is_given_up(ready: &watch::Receiver<u64>, size: u64) -> bool {
    ready.has_changed().is_err() && *ready.borrow() < size
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_says_that_all_is_there_and_leaves_has_not_given_up() {
        for (last, given_up) in [(9, true), (10, false)] {
            let (sender, ready) = watch::channel(5);
            sender.send_replace(last);
            assert!(!is_given_up(&ready, 10));
            drop(sender);
            assert_eq!(is_given_up(&ready, 10), given_up);
        }
    }
}
