//! What keeps a script from being written.

/// What keeps a script from being written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ScriptError {
    /// No file of that name can be made on the machine.
    #[error("`{name}` cannot be a file there: {reason}")]
    Name {
        /// The name, below the directory.
        name: String,
        /// Why not, as a lower-case fragment.
        reason: &'static str,
    },
    /// Two blobs would become one file.
    #[error("`{name}` would be written twice")]
    Twice {
        /// The name, below the directory.
        name: String,
    },
    /// The list names nothing.
    #[error("there is nothing to fetch")]
    Empty,
    /// No artifact has this id.
    #[error("the release has no `{id}`")]
    UnknownId {
        /// The id.
        id: String,
    },
    /// A release for another operating system than the shell's.
    #[error("the release is for {release}, which this shell does not run on")]
    WrongSystem {
        /// The operating system of the release.
        release: &'static str,
    },
    /// A value that the shell cannot hold.
    #[error("the {what} holds a character that no {shell} script can: write another")]
    Value {
        /// What the value is.
        what: &'static str,
        /// The shell.
        shell: &'static str,
    },
}
