//! A blob that comes in one answer: it is held in memory, checked, and only then written.
//!
//! It is not flushed: after a power cut such a file may be cut short, which the next run sees and mends.

use std::sync::Arc;

use longshore_content::BlockLayout;

use super::fetch::Fetch;
use super::job::{Arrived, Halt, Job, TRIES, blocking};
use super::part::Part;
use super::proof::{Proof, Whole};
use crate::ItemError;

pub(super) async fn receive(job: &Arc<Job>) -> Result<Arrived, Halt> {
    let mut tries = 1;
    loop {
        let outcome = attempt(job).await;
        let damaged = matches!(outcome, Err(Halt::Item(ItemError::Damaged { .. })));
        if !damaged || tries == TRIES {
            return outcome.map(|whole| Arrived { whole, kept: 0 });
        }
        tries += 1;
    }
}

async fn attempt(job: &Arc<Job>) -> Result<Whole, Halt> {
    let size = job.download.size;
    let reservation = job.context.buffers.reserve(size).await;
    let reservation = reservation.map_err(|_| Halt::Stopped)?;
    // Not from the pool: its buffers have the size of blocks, and small files are many.
    let mut bytes = vec![0; usize::try_from(size).map_err(|_| job.too_large())?];
    {
        let pass = job.context.requests.pass().await;
        job.check_going()?;
        let checked = Proof::of(&job.download, None) == Proof::None;
        let fetch = Fetch::new(job, 0, &mut bytes).checked(checked);
        let outcome = fetch.run().await;
        pass.done(size, &outcome);
        outcome.map_err(|cause| job.failed(cause))?;
    }
    let context = Arc::clone(&job.context);
    let job = Arc::clone(job);
    blocking(&context, move || {
        let whole = check(&job, &bytes)?;
        place(&job, &bytes)?;
        drop(reservation);
        Ok(whole)
    })
    .await
}

fn check(job: &Job, bytes: &[u8]) -> Result<Whole, Halt> {
    let proof = Proof::of(&job.download, None);
    let layout = BlockLayout::for_file(job.download.size).map_err(|_| job.too_large())?;
    let mut hasher = proof.hasher(layout);
    hasher.update(bytes).map_err(|_| job.damaged())?;
    let whole = hasher.finish().map_err(|_| job.damaged())?;
    if proof.holds(&whole) {
        Ok(whole)
    } else {
        Err(job.damaged())
    }
}

fn place(job: &Job, bytes: &[u8]) -> Result<(), Halt> {
    let part = Part::open(&job.download.target)?;
    let placed = part
        .empty()
        .and_then(|()| part.write_at(bytes, 0))
        .and_then(|()| part.put_in_place(false));
    placed.map_err(|error| {
        part.discard();
        error.into()
    })
}
