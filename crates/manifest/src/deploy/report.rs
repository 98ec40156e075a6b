//! The result file: what came of each file of a release on a machine, for whoever builds the image.

use jiff::Timestamp;
use longshore_content::Sha256Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::document::{Head, render};
use crate::{Architecture, ArtifactId, LibraryName, ReleaseDigest, Released, Version};

/// The version of result files that this crate writes.
pub const INSTALL_REPORT_VERSION: u32 = 1;

/// What came of a run on a build VM, written by `longshore fetch` and by the scripts of `longshore script` alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct InstallReport {
    /// The version of the format.
    pub version: u32,
    /// The library; none for files that are of no release.
    pub library: Option<LibraryName>,
    /// The release; none for files that are of no release.
    pub release: Option<ReleaseDigest>,
    /// When the run began.
    #[schemars(with = "String")]
    pub started: Timestamp,
    /// When it ended.
    #[schemars(with = "String")]
    pub ended: Timestamp,
    /// What the program ended with.
    pub exit_code: u8,
    /// Whether something that was installed needs a restart.
    pub restart_needed: bool,
    /// The files, in the order of installing.
    pub files: Vec<FileReport>,
}

/// What came of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// The artifact; none for a file that is of no release.
    pub id: Option<ArtifactId>,
    /// Its version; none for a file that is of no release.
    pub version: Option<Version>,
    /// What it is for.
    pub architecture: Architecture,
    /// The name of the file; of one that is of no release, its whole name below the directory.
    pub file: String,
    /// Its SHA-256.
    #[schemars(with = "String")]
    pub sha256: Sha256Digest,
    /// What came of it.
    pub state: FileState,
    /// What its installer ended with, where one ran.
    pub exit_code: Option<i64>,
    /// Whether it needs a restart.
    pub restart_needed: bool,
    /// Why, where the state alone does not say it.
    pub message: Option<String>,
}

/// What came of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileState {
    /// It came to this machine.
    Fetched,
    /// It was there.
    Present,
    /// It was installed.
    Installed,
    /// An earlier run installed it.
    AlreadyInstalled,
    /// It could not be fetched or installed.
    Failed,
    /// It is not for this machine, or something that it needs is not there, or the run ended before its turn.
    Skipped,
    /// It comes after the last artifact of the run.
    Later,
}

/// Why a text is no result file.
#[derive(Debug, thiserror::Error)]
pub enum InstallReportError {
    /// It is not JSON, or not such a file's.
    #[error("not a result file")]
    Syntax(#[source] serde_json::Error),
    /// It is of a version that this program does not know.
    #[error(
        "the result file has version {version}, and this program reads versions from 1 to {INSTALL_REPORT_VERSION}"
    )]
    Version {
        /// Its version.
        version: i64,
    },
}

impl InstallReport {
    /// Its file, in the directory of the machine, unless another is named.
    pub const FILE_NAME: &'static str = "longshore-result.json";

    /// Reads a result file of any version.
    ///
    /// # Errors
    ///
    /// [`InstallReportError::Syntax`] for a text that is none, and [`InstallReportError::Version`] for versions that
    /// this program does not read.
    pub fn parse(text: &str) -> Result<Self, InstallReportError> {
        // Windows PowerShell puts a mark before what it writes in UTF-8.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let Head { version } = serde_json::from_str(text).map_err(InstallReportError::Syntax)?;
        if version != i64::from(INSTALL_REPORT_VERSION) {
            return Err(InstallReportError::Version { version });
        }
        serde_json::from_str(text).map_err(InstallReportError::Syntax)
    }

    /// The text of the file.
    pub fn render(&self) -> String {
        render(self)
    }

    /// The JSON Schema of result files.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Self).into()
    }
}

impl FileReport {
    /// What is said of a file of a release before anything came of it.
    pub fn of(file: &Released, state: FileState) -> Self {
        Self {
            id: Some(file.id.clone()),
            version: Some(file.version.clone()),
            architecture: file.architecture,
            file: file.file.to_string(),
            sha256: file.sha256,
            state,
            exit_code: None,
            restart_needed: false,
            message: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::{collection::vec, option};
    use serde_json::json;

    use super::*;
    use crate::samples::{any_architecture, any_text, check_schema, released, sha256};

    fn report() -> InstallReport {
        let file = FileReport {
            exit_code: Some(3010),
            restart_needed: true,
            ..FileReport::of(&released("bginfo", "4.33", 1), FileState::Installed)
        };
        InstallReport {
            version: INSTALL_REPORT_VERSION,
            library: Some("tools".parse().unwrap()),
            release: Some(ReleaseDigest(sha256(2))),
            started: "2026-11-25T05:00:00Z".parse().unwrap(),
            ended: "2026-11-25T05:00:09Z".parse().unwrap(),
            exit_code: 0,
            restart_needed: true,
            files: vec![file],
        }
    }

    #[test]
    fn a_report_is_what_its_schema_says() {
        let kept = include_str!("../../../../docs/schema/result.json");
        let of_no_release = json!({
            "version": 1, "library": null, "release": null, "exitCode": 1, "restartNeeded": false,
            "started": "2026-11-25T05:00:00Z", "ended": "2026-11-25T05:00:00Z",
            "files": [{
                "id": null, "version": null, "architecture": "neutral", "file": "a/b c.exe", "sha256": sha256(1),
                "state": "failed", "exitCode": null, "restartNeeded": false, "message": "no room",
            }],
        });
        let written = serde_json::to_value(report()).unwrap();
        let file = &written["files"][0];
        assert_eq!(written["restartNeeded"], true);
        assert_eq!(
            (&file["exitCode"], &file["state"]),
            (&json!(3010), &json!("installed"))
        );
        assert!(file["message"].is_null());
        InstallReport::parse(&of_no_release.to_string()).unwrap();
        check_schema(
            &InstallReport::json_schema(),
            kept,
            &[written, of_no_release],
        );
    }

    #[test]
    fn only_result_files_of_known_versions_are_read() {
        let text = report().render();
        assert_eq!(
            InstallReport::parse(&format!("\u{feff}{text}")).unwrap(),
            report()
        );
        for (from, to) in [
            ("\"version\": 1,", "\"version\": 2,"),
            ("\"version\": 1,", "\"version\": 0,"),
        ] {
            let other = text.replacen(from, to, 1);
            assert_ne!(other, text);
            let error = InstallReport::parse(&other).unwrap_err();
            assert!(
                matches!(error, InstallReportError::Version { .. }),
                "{error}"
            );
        }
        for text in [
            "",
            "[]",
            "{}",
            "{\"version\": 1}",
            &text.replace("bginfo", "a/b"),
        ] {
            let error = InstallReport::parse(text).unwrap_err();
            assert!(matches!(error, InstallReportError::Syntax(_)), "{error}");
        }
    }

    fn any_file() -> impl Strategy<Value = FileReport> {
        use FileState::{AlreadyInstalled, Failed, Fetched, Installed, Later, Present, Skipped};
        let states = vec![
            AlreadyInstalled,
            Failed,
            Fetched,
            Installed,
            Later,
            Present,
            Skipped,
        ];
        (
            (option::of("[a-e]"), option::of("[0-9]\\.[0-9]")),
            any_architecture(),
            any_text(),
            prop::sample::select(states),
            (option::of(any::<i64>()), any::<bool>()),
            option::of(any_text()),
        )
            .prop_map(
                |((id, version), architecture, file, state, (exit_code, restart), message)| {
                    FileReport {
                        id: id.map(|id| id.parse().unwrap()),
                        version: version.map(|version| version.parse().unwrap()),
                        architecture,
                        file,
                        sha256: sha256(3),
                        state,
                        exit_code,
                        restart_needed: restart,
                        message,
                    }
                },
            )
    }

    proptest! {
        #[test]
        fn reports_come_back(files in vec(any_file(), 0..5), exit_code in any::<u8>()) {
            let report = InstallReport { exit_code, files, ..report() };
            prop_assert_eq!(InstallReport::parse(&report.render()).unwrap(), report);
        }
    }
}
