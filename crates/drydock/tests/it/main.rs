//! The protocol as a client sees it, in plain HTTP.

mod access;
mod blobs;
mod blocks;
mod conditions;
mod containers;
mod faults;
mod integrity;
mod listing;
mod restart;
mod yard;
