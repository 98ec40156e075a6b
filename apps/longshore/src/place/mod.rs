//! Sources and destinations as people name them, checked and opened.
//!
//! The rest of the program sees a [`BlobStore`](longshore_store::BlobStore) and does not ask what is behind it.

mod open;
mod parse;
mod route;
mod stand_in;

pub(crate) use open::{Container, Links, Opened, sign_in};
pub(crate) use parse::Place;
pub(crate) use route::Route;
pub(crate) use stand_in::{StandIn, StandInOptions};
