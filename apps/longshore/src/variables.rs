//! The environment variables that are read here beside those of the flags; credentials are the matter of
//! longshore-azure.

use longshore_azure::Environment;

/// Set by the agents of Azure Pipelines.
pub(crate) const TF_BUILD: &str = "TF_BUILD";
/// `true` in GitHub Actions.
pub(crate) const GITHUB_ACTIONS: &str = "GITHUB_ACTIONS";
/// The file to which GitHub Actions wants a job's summary appended.
pub(crate) const GITHUB_STEP_SUMMARY: &str = "GITHUB_STEP_SUMMARY";
/// The run of a pipeline of Azure Pipelines.
pub(crate) const BUILD_BUILDID: &str = "BUILD_BUILDID";
/// The revision that it builds.
pub(crate) const BUILD_SOURCEVERSION: &str = "BUILD_SOURCEVERSION";
/// The repository that it builds, sometimes with a password.
pub(crate) const BUILD_REPOSITORY_URI: &str = "BUILD_REPOSITORY_URI";
/// The address of the organisation that runs it.
pub(crate) const SYSTEM_COLLECTIONURI: &str = "SYSTEM_COLLECTIONURI";
/// The project of the pipeline.
pub(crate) const SYSTEM_TEAMPROJECT: &str = "SYSTEM_TEAMPROJECT";
/// The run of a workflow of GitHub Actions.
pub(crate) const GITHUB_RUN_ID: &str = "GITHUB_RUN_ID";
/// The revision that it builds.
pub(crate) const GITHUB_SHA: &str = "GITHUB_SHA";
/// The repository that it builds: `owner/name`.
pub(crate) const GITHUB_REPOSITORY: &str = "GITHUB_REPOSITORY";
/// The address of GitHub.
pub(crate) const GITHUB_SERVER_URL: &str = "GITHUB_SERVER_URL";
/// A token for the API of GitHub, which gives more answers to those who have one.
pub(crate) const GITHUB_TOKENS: &[&str] = &["GITHUB_TOKEN", "GH_TOKEN"];
/// What of the inner workings is told, as `tracing` reads it.
pub(crate) const RUST_LOG: &str = "RUST_LOG";

/// What the HTTP client takes its proxies from.
pub(crate) const PROXIES: &[&str] = &[
    "HTTPS_PROXY",
    "https_proxy",
    "HTTP_PROXY",
    "http_proxy",
    "ALL_PROXY",
    "all_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// Variables of azcopy that people leave set, and what says the same here.
const AZCOPY: &[(&str, &str)] = &[
    ("AZCOPY_CONCURRENCY_VALUE", "use `--concurrency`"),
    ("AZCOPY_CONCURRENT_FILES", "use `--concurrency`"),
    ("AZCOPY_BUFFER_GB", "use `--memory`"),
    ("AZCOPY_AUTO_LOGIN_TYPE", "use `--auth`"),
    ("AZCOPY_SPA_CLIENT_SECRET", "use AZURE_CLIENT_SECRET"),
    ("AZCOPY_SPA_APPLICATION_ID", "use AZURE_CLIENT_ID"),
    ("AZCOPY_SPA_CERT_PATH", "use AZURE_CLIENT_CERTIFICATE_PATH"),
    ("AZCOPY_TENANT_ID", "use AZURE_TENANT_ID"),
    (
        "AZCOPY_ACTIVE_DIRECTORY_ENDPOINT",
        "use AZURE_AUTHORITY_HOST",
    ),
    ("AZCOPY_MSI_CLIENT_ID", "use AZURE_CLIENT_ID"),
    ("AZCOPY_MSI_RESOURCE_STRING", "use AZURE_CLIENT_ID"),
    ("AZCOPY_LOG_LOCATION", "logs go to standard error: use `-v`"),
    (
        "AZCOPY_JOB_PLAN_LOCATION",
        "there are no job plans: a run continues where the last one stopped",
    ),
    ("AZCOPY_PACE_PAGE_BLOBS", "only block blobs are written"),
    (
        "AZCOPY_REQUEST_TRY_TIMEOUT",
        "the time of a try grows with its body by itself",
    ),
];

/// What to say of azcopy's variables that are set and have no effect here.
pub(crate) fn azcopy_hints(environment: &Environment) -> Vec<String> {
    AZCOPY
        .iter()
        .filter(|(name, _)| environment.get(name).is_some())
        .map(|(name, instead)| format!("{name} is set and has no effect here; {instead}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn azcopy_variables_are_answered() {
        let environment = Environment::from_pairs([("AZCOPY_CONCURRENCY_VALUE", "64")]);
        assert_eq!(
            azcopy_hints(&environment),
            ["AZCOPY_CONCURRENCY_VALUE is set and has no effect here; use `--concurrency`"]
        );
        assert!(azcopy_hints(&Environment::default()).is_empty());
    }
}
