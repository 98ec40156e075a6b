//! Where a release comes from, as the environment of a pipeline tells.

use jiff::Timestamp;
use longshore_azure::Environment;
use longshore_manifest::{Pipeline, Provenance};
use url::Url;

use crate::variables::{
    BUILD_BUILDID, BUILD_REPOSITORY_URI, BUILD_SOURCEVERSION, GITHUB_ACTIONS, GITHUB_REPOSITORY,
    GITHUB_RUN_ID, GITHUB_SERVER_URL, GITHUB_SHA, SYSTEM_COLLECTIONURI, SYSTEM_TEAMPROJECT,
    TF_BUILD,
};

/// What names this program in what it writes.
const TOOL: &str = concat!("longshore ", env!("CARGO_PKG_VERSION"));

/// What can be said of a release that is made now, but for its manifest.
pub(crate) fn provenance(environment: &Environment, now: Timestamp) -> Provenance {
    let origin = if environment.get(TF_BUILD).is_some() {
        azure_pipelines(environment)
    } else if environment.is_true(GITHUB_ACTIONS) {
        github(environment)
    } else {
        Origin::default()
    };
    Provenance {
        created: now,
        tool: TOOL.to_owned(),
        manifest: None,
        repository: origin.repository,
        revision: origin.revision,
        pipeline: origin.pipeline,
    }
}

#[derive(Debug, Default)]
struct Origin {
    repository: Option<String>,
    revision: Option<String>,
    pipeline: Option<Pipeline>,
}

fn azure_pipelines(environment: &Environment) -> Origin {
    let page = |run: &str| {
        let mut page = bare_url(environment.get(SYSTEM_COLLECTIONURI)?)?;
        page.path_segments_mut().ok()?.pop_if_empty().extend([
            environment.get(SYSTEM_TEAMPROJECT)?,
            "_build",
            "results",
        ]);
        page.query_pairs_mut().append_pair("buildId", run);
        Some(page.to_string())
    };
    Origin {
        repository: environment.get(BUILD_REPOSITORY_URI).and_then(repository),
        revision: environment.get(BUILD_SOURCEVERSION).map(str::to_owned),
        pipeline: environment.get(BUILD_BUILDID).map(|run| Pipeline {
            system: "azure-pipelines".to_owned(),
            run: run.to_owned(),
            url: page(run),
        }),
    }
}

fn github(environment: &Environment) -> Origin {
    let home = || {
        let server = bare_url(environment.get(GITHUB_SERVER_URL)?)?.to_string();
        let name = environment.get(GITHUB_REPOSITORY)?;
        Some(format!("{}/{name}", server.trim_end_matches('/')))
    };
    Origin {
        repository: home(),
        revision: environment.get(GITHUB_SHA).map(str::to_owned),
        pipeline: environment.get(GITHUB_RUN_ID).map(|run| Pipeline {
            system: "github".to_owned(),
            run: run.to_owned(),
            url: home().map(|home| format!("{home}/actions/runs/{run}")),
        }),
    }
}

/// The repository's address without what lets its reader in. `git@host:path` has nothing of that kind.
fn repository(text: &str) -> Option<String> {
    if text.contains("://") {
        return bare_url(text).map(String::from);
    }
    (!text.contains(['?', '#'])).then(|| text.to_owned())
}

/// The URL without credentials, query and fragment; none when they cannot be told from the rest.
fn bare_url(text: &str) -> Option<Url> {
    let mut url: Url = text.parse().ok()?;
    url.set_username("").ok()?;
    url.set_password(None).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(pairs: &[(&str, &str)]) -> Provenance {
        let environment = Environment::from_pairs(pairs.iter().copied());
        provenance(&environment, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn azure_pipelines_tells_repository_revision_and_run() {
        let told = told(&[
            (TF_BUILD, "True"),
            (BUILD_BUILDID, "4711"),
            (BUILD_SOURCEVERSION, "0123abc"),
            (
                BUILD_REPOSITORY_URI,
                "https://builder:S3cret@dev.azure.com/contoso/images/_git/apps?token=S3cret",
            ),
            (SYSTEM_COLLECTIONURI, "https://dev.azure.com/contoso/"),
            (SYSTEM_TEAMPROJECT, "VM images"),
        ]);
        assert_eq!(
            told.repository.as_deref(),
            Some("https://dev.azure.com/contoso/images/_git/apps")
        );
        assert_eq!(told.revision.as_deref(), Some("0123abc"));
        let pipeline = told.pipeline.unwrap();
        assert_eq!(pipeline.run, "4711");
        assert_eq!(
            pipeline.url.as_deref(),
            Some("https://dev.azure.com/contoso/VM%20images/_build/results?buildId=4711")
        );
    }

    #[test]
    fn github_tells_repository_revision_and_run() {
        let told = told(&[
            (GITHUB_ACTIONS, "true"),
            (GITHUB_RUN_ID, "99"),
            (GITHUB_SHA, "0123abc"),
            (GITHUB_REPOSITORY, "contoso/images"),
            (GITHUB_SERVER_URL, "https://github.com"),
        ]);
        assert_eq!(
            told.repository.as_deref(),
            Some("https://github.com/contoso/images")
        );
        assert_eq!(
            told.pipeline.unwrap().url.as_deref(),
            Some("https://github.com/contoso/images/actions/runs/99")
        );
    }

    #[test]
    fn outside_of_a_pipeline_nothing_is_told() {
        let told = told(&[(BUILD_BUILDID, "4711"), (GITHUB_SHA, "0123abc")]);
        assert_eq!((told.repository, told.revision), (None, None));
        assert_eq!(told.pipeline, None);
        assert!(told.tool.starts_with("longshore "));
    }

    #[test]
    fn no_address_of_a_repository_lets_its_reader_in() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(repository(text).as_deref(), expect, "{text}");
        };
        check(
            "git@github.com:contoso/images.git",
            Some("git@github.com:contoso/images.git"),
        );
        check(
            "ssh://git:S3cret@ssh.dev.azure.com/v3/contoso",
            Some("ssh://ssh.dev.azure.com/v3/contoso"),
        );
        check("https://a b:S3cret@[/x", None);
        check("x?token=S3cret", None);
    }
}
