//! The protocol as a client sees it, in plain HTTP.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod access;
mod batch;
mod blobs;
mod blocks;
mod conditions;
mod containers;
mod copies;
mod faults;
mod integrity;
mod leases;
mod listing;
mod restart;
mod seeding;
mod strangers;
mod yard;
