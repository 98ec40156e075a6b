//! A release on the machine that it is for: which of its files are meant, where they stand, what came of them.
//!
//! The scripts for build VMs do the same without this crate; why they read and write the same is told in
//! `docs/adr/0013-the-build-vms-side.md`.
//!
//! | module | holds |
//! | --- | --- |
//! | `select` | the files for a machine, by its architecture |
//! | `report` | the result file |
//! | `installed` | what is installed already, for the next run |

mod installed;
mod report;
mod select;

pub use installed::Installed;
pub use report::{
    FileReport, FileState, INSTALL_REPORT_VERSION, InstallReport, InstallReportError,
};
pub use select::{Machine, Meant, Selected, UnknownArtifact};

use crate::Released;

impl Released {
    /// Where it stands below the directory of a build VM: `<id>/<file>`.
    pub fn place(&self) -> String {
        format!("{}/{}", self.id, self.file)
    }
}
