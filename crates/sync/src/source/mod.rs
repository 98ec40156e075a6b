//! The source on this machine: which files it has, under which names, and their bytes.

mod background;
mod file;
mod filter;
mod list;
mod walk;

pub(crate) use background::Walk;
pub(crate) use file::{OpenFile, read_error};
pub(crate) use filter::{Filter, IGNORE_FILE, Shield, is_absent};
pub(crate) use list::ListContext;
pub(crate) use walk::{LocalFile, LocalItem, WalkContext};
