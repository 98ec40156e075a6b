//! The comparison: every client through every scenario, interleaved, as often as asked.

use std::path::{Path, PathBuf};
use std::rc::Rc;

use anyhow::{Context, Result, ensure};
use clap::Args;
use tempfile::TempDir;

use crate::client::{CLIENTS, Client, LONGSHORE};
use crate::machine;
use crate::measure::{Usage, measure};
use crate::peers::Programs;
use crate::report;
use crate::scenario::{Scenario, Series};
use crate::server::{Server, Traffic, since};
use crate::source::{Shape, Source};

#[derive(Debug, Args)]
pub(crate) struct Settings {
    /// Which scenarios; all but `stage` and `million` unless said.
    #[arg(long, value_enum)]
    scenario: Vec<Scenario>,
    /// Which clients, by a part of their name; all of them unless said.
    #[arg(long)]
    client: Vec<String>,
    /// How often each client runs each scenario; medians are reported.
    #[arg(long, default_value_t = 3)]
    runs: u32,
    #[command(flatten)]
    shape: Shape,
    /// Where `tests/clients/install` put azcopy and rclone.
    #[arg(long, env = "LONGSHORE_TEST_PEERS", default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/clients/.peers"))]
    peers: PathBuf,
    /// The longshore that is measured; built in release unless given.
    #[arg(long)]
    longshore: Option<PathBuf>,
    /// Where files and the server's data go; the system's folder for temporary files unless given.
    #[arg(long)]
    work: Option<PathBuf>,
}

/// What one run of one client in one scenario took.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    pub(crate) scenario: Scenario,
    pub(crate) client: &'static str,
    pub(crate) files: u64,
    pub(crate) usage: Usage,
    pub(crate) traffic: Traffic,
}

/// Measures, and prints the report.
pub(crate) fn run(settings: &Settings) -> Result<()> {
    ensure!(settings.runs > 0, "there is nothing to report of no runs");
    let programs = Programs::find(&settings.peers, settings.longshore.as_deref())?;
    let work = settings.work.clone().unwrap_or_else(std::env::temp_dir);
    let scratch = tempfile::Builder::new()
        .prefix("longshore-benches-")
        .tempdir_in(work)?;
    let wanted = settings.scenarios();
    let mut runs = Vec::new();
    for (series, last) in Series::needed(&wanted) {
        eprintln!("making the files of `{}` …", last.name());
        let tree = tempfile::tempdir_in(scratch.path())?;
        let source = Source::make(series, settings.shape, tree.path())?;
        if series == Series::Million {
            runs.extend(settings.run_staged(&programs, &source, scratch.path(), last)?);
            continue;
        }
        for round in 1..=settings.runs {
            for client in settings.clients() {
                eprintln!("round {round} of {}: {} …", settings.runs, client.name);
                let server = Rc::new(Server::start(scratch.path())?);
                let stage = Stage::set(&programs, &source, scratch.path(), client, server)?;
                runs.extend(stage.play(series, last)?);
            }
        }
    }
    runs.retain(|run| wanted.contains(&run.scenario));
    print!(
        "{}",
        report::render(&runs, &machine::describe(), &programs.versions()?)
    );
    Ok(())
}

impl Settings {
    fn scenarios(&self) -> Vec<Scenario> {
        let all = Series::ALL.map(Series::scenarios).concat();
        let is_wanted = |it: &Scenario| match &*self.scenario {
            [] => it.is_usual(),
            named => named.contains(it),
        };
        all.into_iter().filter(is_wanted).collect()
    }

    /// Has longshore stage the files once, since that takes minutes; then every client finds them there.
    fn run_staged(
        &self,
        programs: &Programs,
        source: &Source,
        scratch: &Path,
        last: Scenario,
    ) -> Result<Vec<Run>> {
        let server = Rc::new(Server::start(scratch)?);
        let clients = CLIENTS
            .iter()
            .filter(|client| client.scenarios.contains(&last));
        let mut stages = Vec::new();
        for client in clients {
            let server = Rc::clone(&server);
            stages.push(Stage::set(programs, source, scratch, client, server)?);
        }
        let mut runs = Vec::new();
        for stage in stages.iter().filter(|it| it.client.name == LONGSHORE) {
            eprintln!("staging {} files …", source.count());
            runs.push(stage.run(Scenario::Stage)?);
        }
        if last == Scenario::Stage {
            return Ok(runs);
        }
        for round in 1..=self.runs {
            for stage in stages.iter().filter(|it| self.wants(it.client)) {
                eprintln!("round {round} of {}: {} …", self.runs, stage.client.name);
                runs.push(stage.run(last)?);
            }
        }
        Ok(runs)
    }

    fn clients(&self) -> impl Iterator<Item = &'static Client> {
        CLIENTS.iter().filter(|client| self.wants(client))
    }

    fn wants(&self, client: &Client) -> bool {
        let is_named = || self.client.iter().any(|part| client.name.contains(part));
        self.client.is_empty() || is_named()
    }
}

/// A server and a fresh home for one client.
struct Stage<'a> {
    programs: &'a Programs,
    source: &'a Source,
    client: &'static Client,
    server: Rc<Server>,
    home: TempDir,
}

impl<'a> Stage<'a> {
    fn set(
        programs: &'a Programs,
        source: &'a Source,
        scratch: &Path,
        client: &'static Client,
        server: Rc<Server>,
    ) -> Result<Self> {
        Ok(Self {
            programs,
            source,
            client,
            server,
            home: tempfile::Builder::new()
                .prefix("home-")
                .tempdir_in(scratch)?,
        })
    }

    /// Runs the scenarios of the series up to `last`, as far as they are this client's.
    fn play(&self, series: Series, last: Scenario) -> Result<Vec<Run>> {
        let scenarios = series.scenarios().iter().filter(|it| **it <= last);
        scenarios
            .filter(|scenario| self.client.scenarios.contains(scenario))
            .map(|scenario| self.run(*scenario))
            .collect()
    }

    fn run(&self, scenario: Scenario) -> Result<Run> {
        if scenario == Scenario::Touched {
            self.source.touch()?;
        }
        machine::settle();
        let before = self.server.traffic()?;
        let mut command = self.client.command(
            self.programs,
            self.source.folder(),
            &self.server,
            self.home.path(),
        );
        let log = self.home.path().join("output.log");
        let usage = measure(&mut command, self.client.input, &log)
            .with_context(|| format!("{} in scenario {}", self.client.name, scenario.name()))?;
        let traffic = since(&before, &self.server.traffic()?);
        self.check(scenario)?;
        Ok(Run {
            scenario,
            client: self.client.name,
            files: self.source.count(),
            usage,
            traffic,
        })
    }

    /// A client that did not do its work has not won.
    fn check(&self, scenario: Scenario) -> Result<()> {
        let (blobs, files) = (self.server.blob_count()?, self.source.count());
        ensure!(
            blobs == files,
            "{} left {blobs} blobs for {files} files in scenario {}",
            self.client.name,
            scenario.name()
        );
        Ok(())
    }
}
