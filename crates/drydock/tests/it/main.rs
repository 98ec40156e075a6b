//! The protocol as a client sees it, in plain HTTP.

mod blobs;
mod yard;
