//! What the flags of commands that move things mean to the engine.

use std::path::Path;

use longshore_store::BlobName;
use longshore_sync::{CachePlace, DeletePolicy, Direction, SyncOptions};

use super::Settings;
use crate::args::{ApplyArgs, CacheArgs, ChoiceArgs, FetchArgs, MachineArgs, TransferArgs};
use crate::failure::Failure;

impl Settings {
    /// Settles the flags of `sync` and `plan`, apart from the places.
    ///
    /// # Errors
    ///
    /// A usage failure for flags that contradict each other, or that mean nothing in this direction.
    pub(crate) fn transfer_options(
        &self,
        args: &TransferArgs,
        direction: Direction,
    ) -> Result<SyncOptions, Failure> {
        Ok(SyncOptions {
            follow_symlinks: args.follow_symlinks,
            delete: delete_policy(args, direction)?,
            max_delete: args.limit.max_delete,
            trust_md5: args.trust_md5,
            immutable: args.immutable,
            backup_to: backup_prefix(args, direction)?,
            sentinel: args.sentinel.as_deref().map(sentinel).transpose()?,
            create_container: args.create_container,
            ..self.options(&args.choice, &args.machine)
        })
    }

    /// Settles the flags of `fetch`, apart from the places.
    pub(crate) fn fetch_options(&self, args: &FetchArgs) -> SyncOptions {
        self.options(&args.choice, &args.machine)
    }

    /// Settles the flags of `apply`; what is to be done stands in the plan.
    pub(crate) fn apply_options(&self, args: &ApplyArgs) -> SyncOptions {
        let nothing = ChoiceArgs {
            include: Vec::new(),
            exclude: Vec::new(),
        };
        SyncOptions {
            max_delete: args.limit.max_delete,
            create_container: args.create_container,
            ..self.options(&nothing, &args.machine)
        }
    }

    fn options(&self, choice: &ChoiceArgs, machine: &MachineArgs) -> SyncOptions {
        SyncOptions {
            include: patterns(&choice.include),
            exclude: patterns(&choice.exclude),
            dry_run: self.dry_run,
            concurrency: self.connection.concurrency,
            memory: machine.memory,
            cache: digest_cache(&machine.cache),
            ..SyncOptions::default()
        }
    }
}

/// Where digests of files of this machine are remembered.
pub(crate) fn digest_cache(args: &CacheArgs) -> CachePlace {
    cache_place(args.cache_dir.as_deref(), args.no_cache)
}

/// Where digests are remembered.
pub(super) fn cache_place(directory: Option<&Path>, none: bool) -> CachePlace {
    match (directory, none) {
        (_, true) => CachePlace::Off,
        (Some(directory), false) => CachePlace::Directory(directory.to_owned()),
        (None, false) => CachePlace::User,
    }
}

/// Lines of a variable may end with a line feed, which makes no pattern.
pub(super) fn patterns(given: &[String]) -> Vec<String> {
    given
        .iter()
        .filter(|pattern| !pattern.trim().is_empty())
        .cloned()
        .collect()
}

fn delete_policy(args: &TransferArgs, direction: Direction) -> Result<DeletePolicy, Failure> {
    match (args.delete, args.delete_unmanaged) {
        (true, true) => Ok(DeletePolicy::Unmanaged),
        (true, false) if direction == Direction::Down => Err(Failure::usage(
            "`--delete` in a directory needs `--delete-unmanaged`: files do not tell who wrote them",
            "add `--delete-unmanaged`, and look at `--dry-run` first: every file that the source lacks goes",
        )),
        (true, false) => Ok(DeletePolicy::Managed),
        (false, false) => Ok(DeletePolicy::Keep),
        (false, true) => Err(Failure::usage(
            "`--delete-unmanaged` does nothing without `--delete`",
            "add `--delete`, and look at `--dry-run` first",
        )),
    }
}

/// What stands before the names of backups: a folder of the container.
fn backup_prefix(args: &TransferArgs, direction: Direction) -> Result<Option<String>, Failure> {
    let Some(given) = &args.backup_to else {
        return Ok(None);
    };
    if direction == Direction::Down {
        return Err(Failure::usage(
            "`--backup-to` keeps copies of blobs, and the destination is a directory",
            "leave it out, or keep a copy of the directory first",
        ));
    }
    let prefix = format!("{}/", given.trim_matches('/'));
    let is_name = BlobName::new(format!("{prefix}x")).is_ok();
    if prefix == "/" || !is_name {
        return Err(Failure::usage(
            format!("`--backup-to {given}` is no folder of a container"),
            "write a prefix such as `_backup`",
        ));
    }
    Ok(Some(prefix))
}

fn sentinel(name: &str) -> Result<String, Failure> {
    if BlobName::new(name).is_err() {
        return Err(Failure::usage(
            format!("`--sentinel {name}` is no name of a file below both places"),
            "write a name such as `.library`",
        ));
    }
    Ok(name.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use longshore_azure::Environment;

    use super::*;
    use crate::args::{Args, Command};
    use crate::exit::ExitStatus;

    fn options(flags: &[&str], direction: Direction) -> Result<SyncOptions, Failure> {
        let args =
            Args::try_parse_from([&["longshore", "sync", "a", "b"], flags].concat()).unwrap();
        let settings = Settings::resolve(&args.shared, &Environment::default());
        match &args.command {
            Command::Sync(sync) => settings.transfer_options(&sync.transfer, direction),
            _ => unreachable!("`sync` was parsed"),
        }
    }

    #[test]
    fn deleting_what_others_wrote_needs_both_flags() {
        let policy = |flags: &[&str]| options(flags, Direction::Up).map(|options| options.delete);
        assert_eq!(policy(&[]), Ok(DeletePolicy::Keep));
        assert_eq!(policy(&["--delete"]), Ok(DeletePolicy::Managed));
        assert_eq!(
            policy(&["--delete", "--delete-unmanaged"]),
            Ok(DeletePolicy::Unmanaged)
        );
        let refused = policy(&["--delete-unmanaged"]).unwrap_err();
        assert_eq!(refused.status, ExitStatus::Usage);
    }

    #[test]
    fn files_of_a_directory_are_deleted_only_with_both_flags() {
        let refused = options(&["--delete"], Direction::Down).unwrap_err();
        assert_eq!(refused.status, ExitStatus::Usage);
        assert!(refused.story.hint.unwrap().contains("`--delete-unmanaged`"));
        let both = options(&["--delete", "--delete-unmanaged"], Direction::Down).unwrap();
        assert_eq!(both.delete, DeletePolicy::Unmanaged);
    }

    #[test]
    fn backups_stand_in_a_folder() {
        let prefix = |text: &str, direction| {
            options(&["--backup-to", text], direction).map(|options| options.backup_to)
        };
        for text in ["_backup", "_backup/", "/_backup/"] {
            let found = prefix(text, Direction::Up).unwrap();
            assert_eq!(found.as_deref(), Some("_backup/"), "{text}");
        }
        assert!(prefix("a/b", Direction::Across).is_ok());
        for text in ["", "/", "a\u{1}b", "a./b"] {
            assert!(prefix(text, Direction::Up).is_err(), "{text:?}");
        }
        assert!(prefix("_backup", Direction::Down).is_err());
    }

    #[test]
    fn a_sentinel_stands_below_both_places() {
        let name = |text: &str| options(&["--sentinel", text], Direction::Up);
        assert!(name(".library").is_ok());
        assert!(name("meta/.library").is_ok());
        for text in ["", "../x", "/x", "a//b"] {
            assert!(name(text).is_err(), "{text}");
        }
    }

    #[test]
    fn patterns_are_kept_whole_and_blank_ones_dropped() {
        let flags = ["--include", "*.{zip,exe}", "--exclude", "a\nb\n"];
        let options = options(&flags, Direction::Up).unwrap();
        assert_eq!(options.include, ["*.{zip,exe}"]);
        assert_eq!(options.exclude, ["a", "b"]);
    }
}
