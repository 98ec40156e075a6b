//! The commands for libraries: `lock`, `outdated`, `mirror`, `stage`, `releases`, `prune`, `import` and `export`.
//!
//! | module | holds |
//! | --- | --- |
//! | `subject` | which library is meant, and where it stands |
//! | `doors` | places, opened for several readers at once |
//! | `bench` | what a run over a library works with, and how it is watched |
//! | the others | a command each |

mod bench;
mod doors;
pub(crate) mod lock;
pub(crate) mod outdated;
pub(crate) mod prune;
pub(crate) mod releases;
pub(crate) mod stage;
mod subject;
pub(crate) mod winget;
