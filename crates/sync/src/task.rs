//! How the end of a task or thread is taken.

use tokio::task::JoinError;

/// What a task came to; none when it was given up. A panic in it goes on in whoever waits for it.
pub(crate) fn ended<T>(outcome: Result<T, JoinError>) -> Option<T> {
    match outcome {
        Ok(value) => Some(value),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(_) => None,
    }
}
