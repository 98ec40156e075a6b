//! One module a command: settings and a console in, an exit status out.

mod completions;
mod doctor;
mod drydock;
mod ls;
mod man;
mod run;
mod sync;

pub(crate) use run::run;
