//! Whether and when something is tried again.

use std::time::Duration;

use backon::{BackoffBuilder, ExponentialBackoff};

use super::{UpstreamError, UpstreamOptions};

/// The tries that are left.
#[derive(Debug)]
pub(super) struct Patience<'a> {
    options: &'a UpstreamOptions,
    waits: ExponentialBackoff,
}

impl<'a> Patience<'a> {
    pub(super) fn new(options: &'a UpstreamOptions) -> Self {
        let waits = options.waits().build();
        Self { options, waits }
    }

    /// All tries are left again, because something came of the last one.
    pub(super) fn renew(&mut self) {
        self.waits = self.options.waits().build();
    }

    /// Waits for the next try, or gives the error back if there is none.
    ///
    /// # Errors
    ///
    /// The same error, if it is final.
    pub(super) async fn after(&mut self, error: UpstreamError) -> Result<(), UpstreamError> {
        match self.wait(&error) {
            Some(wait) => {
                tracing::debug!(%error, ?wait, "tried again");
                tokio::time::sleep(wait).await;
                Ok(())
            }
            None => Err(error),
        }
    }

    fn wait(&mut self, error: &UpstreamError) -> Option<Duration> {
        if !error.is_transient() {
            return None;
        }
        let own = self.waits.next()?;
        match error.after() {
            Some(after) if after > self.options.longest_wait => None,
            Some(after) => Some(after.max(own.min(self.options.backoff))),
            None => Some(own),
        }
    }
}

#[cfg(test)]
mod tests {
    use longshore_azure::SafeUrl;
    use url::Url;

    use super::*;

    fn url() -> SafeUrl {
        Url::parse("https://a.example/").unwrap().into()
    }

    fn throttled(after: Option<u64>) -> UpstreamError {
        UpstreamError::Throttled {
            url: url(),
            status: 429,
            after: after.map(Duration::from_secs),
        }
    }

    #[test]
    fn tries_run_out_and_are_renewed() {
        let options = UpstreamOptions {
            retries: 2,
            ..UpstreamOptions::default()
        };
        let mut patience = Patience::new(&options);
        for _ in 0..2 {
            assert!(patience.wait(&throttled(None)).is_some());
            assert!(patience.wait(&throttled(None)).is_some());
            assert_eq!(patience.wait(&throttled(None)), None);
            patience.renew();
        }
    }

    #[test]
    fn a_server_is_left_alone_for_as_long_as_it_asks() {
        let options = UpstreamOptions::default();
        let mut patience = Patience::new(&options);
        let wait = patience.wait(&throttled(Some(90))).unwrap();
        assert_eq!(wait, Duration::from_secs(90));
        assert_eq!(patience.wait(&throttled(Some(3600))), None);
    }

    #[test]
    fn what_stays_as_it_is_is_not_tried_again() {
        let options = UpstreamOptions::default();
        let mut patience = Patience::new(&options);
        assert_eq!(patience.wait(&UpstreamError::Gone { url: url() }), None);
        let denied = UpstreamError::Denied {
            url: url(),
            status: 403,
        };
        assert_eq!(patience.wait(&denied), None);
        let status = |status| UpstreamError::Status { url: url(), status };
        assert_eq!(patience.wait(&status(400)), None);
        assert!(patience.wait(&status(502)).is_some());
    }
}
