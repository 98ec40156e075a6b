//! What the flags of commands for libraries mean.

use std::path::PathBuf;

use longshore_azure::Environment;
use longshore_manifest::{ArtifactId, Manifest};
use longshore_mirror::{Cellar, LockOptions, Refresh, Rewrite, Scanner, UpstreamOptions};
use longshore_sync::SyncOptions;

use super::Settings;
use super::transfer::digest_cache;
use crate::args::{ALL_IDS, BringArgs, PinArgs, UpstreamArgs};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::variables::GITHUB_TOKENS;

impl Settings {
    /// Settles how vendors are asked.
    pub(crate) fn upstream_options(
        &self,
        args: &UpstreamArgs,
        environment: &Environment,
    ) -> UpstreamOptions {
        let token = environment.first(GITHUB_TOKENS);
        UpstreamOptions {
            github_token: token.map(|(_, token)| token.to_owned().into()),
            max_bandwidth: self.connection.max_bytes_per_second,
            max_requests: self.connection.max_requests_per_second,
            allow_http: args.allow_http,
            ..UpstreamOptions::default()
        }
    }

    /// Settles how the files of a library are uploaded.
    pub(crate) fn stage_transfer(&self, args: &BringArgs) -> SyncOptions {
        let machine = &args.machine;
        SyncOptions {
            dry_run: self.dry_run,
            concurrency: self.connection.concurrency,
            memory: machine.memory,
            cache: digest_cache(&machine.cache),
            create_container: args.create_container,
            ..SyncOptions::default()
        }
    }
}

/// How a library is pinned.
///
/// # Errors
///
/// A usage failure for flags that contradict each other, and for ids that the manifest does not have.
pub(crate) fn lock_options(args: &PinArgs, manifest: &Manifest) -> Result<LockOptions, Failure> {
    if args.locked && !args.update.is_empty() {
        return Err(Failure::usage(
            "`--locked` changes no pin, and `--update` does",
            "leave one of them out",
        ));
    }
    Ok(LockOptions {
        refresh: refresh(&args.update, manifest)?,
        cooldown: args.cooldown,
        locked: args.locked,
    })
}

/// Where downloads rest.
///
/// # Errors
///
/// A failure when there is no such directory, and none can be made.
pub(crate) fn cellar(given: Option<PathBuf>) -> Result<Cellar, Failure> {
    let directory = given.map_or_else(Cellar::default_directory, Ok);
    directory.and_then(Cellar::open).map_err(|error| {
        let message = "cannot use the directory for downloads";
        Failure::because(ExitStatus::Failed, message, &error)
            .hint("name a directory with room with `--cellar`".to_owned())
    })
}

/// Other addresses of vendors.
///
/// # Errors
///
/// A usage failure for what is not two addresses.
pub(crate) fn rewrites(given: &[String]) -> Result<Vec<Rewrite>, Failure> {
    let given = given.iter().filter(|text| !text.trim().is_empty());
    given
        .map(|text| {
            let (from, to) = text.trim().split_once('=').unwrap_or_default();
            if from.contains("://") && to.contains("://") {
                return Ok(Rewrite {
                    from: from.to_owned(),
                    to: to.to_owned(),
                });
            }
            // It may hold a password, so that it is not repeated.
            Err(Failure::usage(
                "`--rewrite` is not two addresses",
                "write FROM=TO, such as https://github.com/=https://mirror.contoso.example/github/",
            ))
        })
        .collect()
}

/// What every new file has to pass.
///
/// # Errors
///
/// A usage failure for what is no command.
pub(crate) fn scanner(args: &BringArgs) -> Result<Option<Scanner>, Failure> {
    let Some(line) = &args.scan else {
        return Ok(None);
    };
    let scanner = Scanner::parse(line, args.scan_timeout.unsigned_abs());
    scanner.map(Some).map_err(|error| {
        Failure::because(
            ExitStatus::Usage,
            "cannot use the command of `--scan`",
            &error,
        )
        .hint("write a program and its arguments, such as 'clamscan --no-summary {}'".to_owned())
    })
}

fn refresh(update: &[String], manifest: &Manifest) -> Result<Refresh, Failure> {
    let given: Vec<&str> = update
        .iter()
        .map(|id| id.trim())
        .filter(|id| !id.is_empty())
        .collect();
    if given.is_empty() {
        return Ok(Refresh::Needed);
    }
    if given.contains(&ALL_IDS) {
        return Ok(Refresh::All);
    }
    let known = |id: &&str| -> Result<ArtifactId, Failure> {
        let known = id.parse().ok().filter(|id| manifest.artifact(id).is_some());
        known.ok_or_else(|| {
            Failure::usage(
                format!("the manifest has no artifact `{id}` to update"),
                "write ids of the manifest, and the manifest before `--update`",
            )
        })
    };
    Ok(Refresh::Only(
        given.iter().map(known).collect::<Result<_, _>>()?,
    ))
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::*;
    use crate::args::{Args, Command};

    fn options(flags: &[&str]) -> Result<LockOptions, Failure> {
        let args = Args::try_parse_from([&["longshore", "lock", "m.toml"], flags].concat());
        let args = args.unwrap();
        let manifest = Manifest::parse(
            "[library]\nname = 'a'\n[[artifact]]\nid = 'x'\nversion = '1'\npath = 'x.zip'\n",
        );
        let Command::Lock(lock) = &args.command else {
            unreachable!("`lock` was parsed")
        };
        lock_options(&lock.pins, &manifest.unwrap())
    }

    #[test]
    fn what_is_looked_at_again_is_named_by_id() {
        let refresh = |flags: &[&str]| options(flags).map(|options| options.refresh);
        assert_eq!(refresh(&[]), Ok(Refresh::Needed));
        assert_eq!(refresh(&["--update"]), Ok(Refresh::All));
        assert_eq!(
            refresh(&["--update", "x"]),
            Ok(Refresh::Only([("x".parse().unwrap())].into()))
        );
        for flags in [
            &["--update", "y"][..],
            &["--update", "x,y"],
            &["--update", "--locked"],
        ] {
            assert_eq!(refresh(flags).unwrap_err().status, ExitStatus::Usage);
        }
        assert!(options(&["--check"]).unwrap().locked);
    }

    #[test]
    fn a_mirror_is_two_addresses() {
        let given = |text: &str| rewrites(&[text.to_owned()]);
        let read = given("https://a.example/=https://b.example/x/").unwrap();
        assert_eq!(read[0].from, "https://a.example/");
        assert_eq!(read[0].to, "https://b.example/x/");
        assert!(given(" \n").unwrap().is_empty());
        for text in ["x", "a=b", "https://a.example", "=https://b.example"] {
            let failure = given(text).unwrap_err();
            assert_eq!(failure.status, ExitStatus::Usage, "{text}");
        }
    }
}
