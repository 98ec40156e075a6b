//! One module a command: settings and a console in, an exit status out.

mod apply;
mod completions;
mod doctor;
mod drydock;
mod ends;
mod fetch;
mod library;
mod ls;
mod man;
mod plan;
mod run;
mod schema;
mod show;
mod sync;
mod verify;
mod watch;

pub(crate) use run::run;
