//! `longshore import winget` and `longshore export winget`.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use longshore_manifest::Manifest;
use longshore_manifest::winget::{
    self, Authentication, Choice, Export, ExportOptions, ImportError, Imported, MAX_FILE,
    ManifestFile,
};
use serde_json::json;
use url::Url;

use super::doors::Doors;
use super::releases::read;
use super::subject::Subject;
use crate::args::{AuthTypeArg, ExportCommand, ExportWingetArgs, ImportCommand, ImportWingetArgs};
use crate::commands::run::{Context, Stop};
use crate::exit::ExitStatus;
use crate::failure::Failure;
use crate::output::{Mark, Record, visible};
use crate::place::Place;
use crate::settings::{Format, Verbosity};
use crate::units::count;

/// A package has a handful of files; a folder with more of them is another one.
const MOST_FILES: usize = 200;

/// Makes an artifact of a winget manifest.
pub(in crate::commands) fn import(
    command: &ImportCommand,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let ImportCommand::Winget(args) = command;
    let files = files_of(&args.from)?;
    let choice = Choice {
        architecture: args.architecture,
        scope: args.scope,
        locale: args.locale.clone(),
        installer_type: args.installer_type,
    };
    let imported = winget::import(&files, &choice).map_err(|error| refused(&error))?;
    match &args.into {
        Some(manifest) => put_into(manifest, &imported, context)?,
        None => print(&imported, args, context)?,
    }
    if context.console.format() != Format::Json {
        for note in &imported.notes {
            context.console.mark(Mark::Note, &note.to_string());
        }
    }
    Ok(ExitStatus::Done)
}

fn refused(error: &ImportError) -> Failure {
    let failure = Failure::because(
        ExitStatus::Configuration,
        "cannot import the package",
        error,
    )
    .hint(error.hint());
    match error {
        // The table is shown line by line, below what it is about.
        ImportError::NoneFits {
            file, candidates, ..
        } => Failure::new(
            ExitStatus::Configuration,
            format!("no installer in `{file}` is as asked; it has"),
        )
        .details(candidates.to_string().lines().map(str::to_owned))
        .hint(error.hint()),
        _ => failure,
    }
}

/// The file, or the YAML files of a folder, in the order of their names.
fn files_of(from: &Path) -> Result<Vec<ManifestFile>, Failure> {
    let failed = |error: std::io::Error| {
        let message = format!("cannot read `{}`", from.display());
        Failure::because(ExitStatus::Configuration, message, &error)
            .hint("name a winget manifest, or the folder of one package".to_owned())
    };
    if !from.is_dir() {
        return Ok(vec![file(from).map_err(failed)?]);
    }
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(from).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let is_yaml = path
            .extension()
            .is_some_and(|ending| ending == "yaml" || ending == "yml");
        if is_yaml && path.is_file() {
            paths.push(path);
        }
    }
    if paths.len() > MOST_FILES {
        let message = format!("`{}` holds more than one package", from.display());
        return Err(Failure::new(ExitStatus::Configuration, message)
            .hint("name the folder of one package and version".to_owned()));
    }
    paths.sort();
    let files: Result<Vec<_>, _> = paths.iter().map(|path| file(path)).collect();
    files.map_err(failed)
}

/// Reads no more than tells that a file is too large.
fn file(path: &Path) -> std::io::Result<ManifestFile> {
    let mut text = Vec::new();
    let most = MAX_FILE as u64 + 1;
    fs_err::File::open(path)?
        .take(most)
        .read_to_end(&mut text)?;
    Ok(ManifestFile {
        path: path.display().to_string(),
        text: String::from_utf8_lossy(&text).into_owned(),
    })
}

fn print(imported: &Imported, args: &ImportWingetArgs, context: &Context) -> Result<(), Stop> {
    let console = &context.console;
    if console.format() == Format::Json {
        let notes: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
        let body = json!({ "artifact": imported.artifact, "notes": notes });
        return Ok(Record::new("imported", body).write(console)?);
    }
    console.data(winget::render_artifact(&imported.artifact).trim_end())?;
    if console.tells(Verbosity::Normal) {
        let from = args.from.display().to_string();
        console.tell(&format!(
            "next: paste it into a manifest, or `longshore import winget {} --into MANIFEST`",
            visible(&from)
        ));
    }
    Ok(())
}

fn put_into(path: &Path, imported: &Imported, context: &Context) -> Result<(), Failure> {
    let failed = |error: &(dyn std::error::Error + 'static)| {
        let message = format!("cannot put the artifact into `{}`", path.display());
        Failure::because(ExitStatus::Configuration, message, error)
    };
    let before = fs_err::read_to_string(path).map_err(|error| failed(&error))?;
    let after = winget::append(&before, &imported.artifact).map_err(|error| failed(&error))?;
    // What does not hold together must not replace what did.
    Manifest::parse(&after).map_err(|errors| Failure::of_manifest(path, &errors))?;
    let is_changed = after != before;
    if is_changed && !context.settings.dry_run {
        fs_err::write(path, &after).map_err(|error| failed(&error))?;
    }
    tell_put(path, imported, is_changed, context);
    Ok(())
}

fn tell_put(path: &Path, imported: &Imported, is_changed: bool, context: &Context) {
    let (console, artifact) = (&context.console, &imported.artifact);
    if console.format() == Format::Json {
        let notes: Vec<String> = imported.notes.iter().map(ToString::to_string).collect();
        let body = json!({
            "artifact": artifact,
            "notes": notes,
            "into": path.display().to_string(),
            "changed": is_changed,
            "dry_run": context.settings.dry_run,
        });
        return console.report(&Record::new("imported", body).line());
    }
    if !console.tells(Verbosity::Normal) {
        return;
    }
    let manifest = path.display().to_string();
    let manifest = visible(&manifest);
    let what = format!("{} {}", artifact.id, artifact.version);
    if !is_changed {
        console.tell(&format!("nothing to do: {what} stands in `{manifest}`"));
    } else if context.settings.dry_run {
        console.tell(&format!("{what} would be put into `{manifest}` (dry run)"));
    } else {
        console.tell(&format!("{what} stands in `{manifest}` now"));
        console.tell(&format!("next: `longshore lock {manifest}`"));
    }
}

/// Writes winget manifests for the files of a release.
pub(in crate::commands) async fn export(
    command: &ExportCommand,
    context: &Context,
) -> Result<ExitStatus, Stop> {
    let ExportCommand::Winget(args) = command;
    let doors = Doors::new(context);
    let exported = make(args, &doors, context).await;
    doors.close().await;
    let exported = exported?;
    if !context.settings.dry_run {
        for file in &exported.files {
            write(&args.out, file)?;
        }
    }
    tell_export(args, &exported, context)?;
    Ok(ExitStatus::Done)
}

async fn make(
    args: &ExportWingetArgs,
    doors: &Doors,
    context: &Context,
) -> Result<Export, Failure> {
    let (subject, releases) = Subject::releases(&args.subject, doors, context).await?;
    let root = match &args.base_url {
        Some(url) => url.clone(),
        None => root_of(&subject.place)?,
    };
    let release = read(&releases, &args.release).await?;
    let options = ExportOptions {
        authentication: match args.auth_type {
            AuthTypeArg::Entra => Authentication::EntraBlob,
            AuthTypeArg::None => Authentication::None,
        },
        publisher: args.publisher.clone(),
        license: args.license.clone(),
        scope: args.scope,
        ..ExportOptions::default()
    };
    winget::export(&release, subject.manifest.as_ref(), &root, &options).map_err(|error| {
        Failure::because(ExitStatus::Usage, "cannot export the release", &error)
            .hint(error.hint().map(str::to_owned))
    })
}

/// The address of the library for whoever installs from it.
fn root_of(place: &Place) -> Result<Url, Failure> {
    if let Place::Account { location, .. } = place {
        let mut url = location.container_url();
        let parts = location.prefix().split('/').filter(|part| !part.is_empty());
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(parts);
        }
        return Ok(url);
    }
    Err(Failure::usage(
        format!("winget cannot read from `{place}`"),
        "name the address that the library has for whoever installs with `--base-url`",
    ))
}

fn write(directory: &Path, file: &ManifestFile) -> Result<(), Failure> {
    let path: PathBuf = directory.join(&file.path);
    let parent = path.parent().unwrap_or(directory);
    let written = fs_err::create_dir_all(parent).and_then(|()| fs_err::write(&path, &file.text));
    written.map_err(|error| {
        let message = format!("cannot write `{}`", path.display());
        Failure::because(ExitStatus::Failed, message, &error)
    })
}

fn tell_export(args: &ExportWingetArgs, exported: &Export, context: &Context) -> Result<(), Stop> {
    let console = &context.console;
    if console.format() == Format::Json {
        for file in &exported.files {
            Record::new("exported", json!({ "path": file.path })).write(console)?;
        }
        for note in &exported.notes {
            let body = json!({ "message": note.to_string(), "hint": null });
            Record::new("warning", body).write(console)?;
        }
        return Ok(());
    }
    for file in &exported.files {
        console.data(&visible(&file.path))?;
    }
    for note in &exported.notes {
        console.mark(Mark::Note, &note.to_string());
    }
    if console.tells(Verbosity::Normal) {
        let (files, out) = (exported.files.len() as u64, args.out.display().to_string());
        let (files, out) = (count(files, "file"), visible(&out).into_owned());
        let dry_run = context.settings.dry_run;
        let wrote = if dry_run { "would write" } else { "wrote" };
        console.tell(&format!("{wrote} {files} below `{out}`"));
        console.tell(&format!(
            "next: on the machine, `winget install --manifest` and one of the folders below `{out}`"
        ));
    }
    Ok(())
}
