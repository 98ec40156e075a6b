//! What the flags of `verify` mean to the engine.

use longshore_sync::{Deep, ExpectedDirectory, Sample, VerifyOptions};

use super::Settings;
use super::transfer::{cache_place, patterns};
use crate::args::VerifyArgs;
use crate::failure::Failure;

impl Settings {
    /// Settles the flags of `verify`, apart from its two places. `today` is the seed unless there is one.
    ///
    /// # Errors
    ///
    /// A usage failure for flags that do nothing.
    pub(crate) fn verify_options(
        &self,
        args: &VerifyArgs,
        today: &str,
    ) -> Result<VerifyOptions, Failure> {
        Ok(VerifyOptions {
            deep: deep(args, today)?,
            adopt: args.adopt,
            dry_run: self.dry_run,
            concurrency: self.connection.concurrency,
            memory: args.memory,
            ..VerifyOptions::default()
        })
    }
}

/// The directory that `--against` names, with the choice of its files.
pub(crate) fn expected_directory(path: &std::path::Path, args: &VerifyArgs) -> ExpectedDirectory {
    ExpectedDirectory {
        path: path.to_owned(),
        include: patterns(&args.include),
        exclude: patterns(&args.exclude),
        follow_symlinks: args.follow_symlinks,
        cache: cache_place(args.cache_dir.as_deref(), args.no_cache),
    }
}

fn deep(args: &VerifyArgs, today: &str) -> Result<Deep, Failure> {
    match (args.deep, args.sample, &args.seed) {
        (true, Some(size), seed) => Ok(Deep::Sample(Sample {
            size,
            seed: seed.as_deref().unwrap_or(today).to_owned(),
        })),
        (_, None, Some(_)) => Err(Failure::usage(
            "`--seed` does nothing without `--sample`",
            "add `--sample`, such as `--sample 10%`",
        )),
        (true, None, None) => Ok(Deep::All),
        (false, None, None) => Ok(Deep::Off),
        (false, Some(_), _) => Err(Failure::usage(
            "`--sample` does nothing without `--deep`",
            "add `--deep`: the bytes of the sample are read then",
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use longshore_azure::Environment;

    use super::*;
    use crate::args::{Args, Command};
    use crate::exit::ExitStatus;

    #[test]
    fn a_sample_is_of_what_is_read() {
        let deep = |flags: &[&str]| {
            let args = Args::try_parse_from([&["longshore", "verify", "a"], flags].concat());
            let args = args.unwrap();
            let settings = Settings::resolve(&args.shared, &Environment::default());
            let Command::Verify(verify) = &args.command else {
                unreachable!("`verify` was parsed")
            };
            let options = settings.verify_options(verify, "2026-11-24");
            options.map(|options| options.deep)
        };
        let sample = |size: &str, seed: &str| {
            Deep::Sample(Sample {
                size: size.parse().unwrap(),
                seed: seed.to_owned(),
            })
        };
        assert_eq!(deep(&[]), Ok(Deep::Off));
        assert_eq!(deep(&["--deep"]), Ok(Deep::All));
        assert_eq!(
            deep(&["--deep", "--sample", "10%"]),
            Ok(sample("10%", "2026-11-24"))
        );
        assert_eq!(
            deep(&["--deep", "--sample", "5", "--seed", "x"]),
            Ok(sample("5", "x"))
        );
        for flags in [&["--sample", "10%"][..], &["--deep", "--seed", "x"]] {
            assert_eq!(deep(flags).unwrap_err().status, ExitStatus::Usage);
        }
    }
}
