//! A command for `--scan` that waits until the test lets it go on: so two runs meet at the same place every time.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use longshore_tests::binary::{Ran, Run};
use rustix::fs::{CWD, FileType, Mode, OFlags, mknodat, open};

/// A named pipe that a scanner reads.
#[derive(Debug)]
pub(crate) struct Gate {
    pipe: PathBuf,
}

impl Gate {
    /// A closed gate.
    pub(crate) fn new(folder: &Path) -> Self {
        let pipe = folder.join("gate");
        mknodat(CWD, &pipe, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        Self { pipe }
    }

    /// The scanner: for a file of this artifact, it ends when the gate was opened.
    pub(crate) fn scanner(&self, artifact: &str) -> String {
        let pipe = self.pipe.display();
        format!(r#"sh -c 'test "$LONGSHORE_ARTIFACT" != {artifact} || cat "{pipe}"'"#)
    }

    /// Starts a run with that scanner, does something else when it waits there, and lets it go on to its end.
    pub(crate) fn meanwhile<T>(&self, mut run: Run, act: impl FnOnce() -> T) -> (Ran, T) {
        let command = run.command().stdout(Stdio::piped()).stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        let waiting = std::thread::spawn({
            let pipe = self.pipe.clone();
            move || {
                let output = child.wait_with_output().unwrap();
                // Had it ended before the gate, nobody would read there, and the test would wait for ever.
                let reader = open(&pipe, OFlags::RDONLY | OFlags::NONBLOCK, Mode::empty());
                (output, reader.unwrap())
            }
        });
        // Opens as soon as somebody reads.
        let opened = fs_err::OpenOptions::new().write(true).open(&self.pipe);
        let done = act();
        drop(opened.unwrap());
        let (output, reader) = waiting.join().unwrap();
        let mut rest = Vec::new();
        std::fs::File::from(reader).read_to_end(&mut rest).unwrap();
        (Ran::from(output), done)
    }
}
