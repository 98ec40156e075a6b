//! The source directory: which files it has, under which names, and their bytes.

mod file;
mod filter;
mod walk;

pub(crate) use file::{OpenFile, read_error};
pub(crate) use filter::{Filter, Shield, is_absent};
pub(crate) use walk::{LocalFile, LocalItem, WalkContext, walk};
