//! Retries under paused time: when, how often, and when not.

use std::sync::Mutex;

use azure_core::http::{AsyncRawResponse, HttpClient, Method};

use super::*;
use crate::testing::{Stub, status, with_headers};

/// Hands requests to a stub: the end of a pipeline.
#[derive(Debug)]
struct End(Arc<Stub>);

#[async_trait]
impl Policy for End {
    async fn send(
        &self,
        _: &Context,
        request: &mut Request,
        _: &[Arc<dyn Policy>],
    ) -> PolicyResult {
        self.0.execute_request(request).await
    }
}

const BACKOFF: Backoff = Backoff {
    initial: Duration::from_millis(400),
    cap: Duration::from_secs(30),
    retries: 8,
    budget: Duration::from_mins(2),
};

struct Outcome {
    result: PolicyResult,
    attempts: usize,
    seconds: f64,
    retries: u64,
}

/// Runs one call; without jitter every wait is as long as it can be.
async fn run(policy: &RetryPolicy, stub: &Arc<Stub>) -> Outcome {
    let mut request = Request::new("https://a.test/c/b".parse().unwrap(), Method::Get);
    let next: Vec<Arc<dyn Policy>> = vec![Arc::new(End(Arc::clone(stub)))];
    let (start, before) = (Instant::now(), stub.seen().len());
    let retries = policy.meter.snapshot().retries;
    let result = policy.send(&Context::new(), &mut request, &next).await;
    Outcome {
        result,
        attempts: stub.seen().len() - before,
        seconds: start.elapsed().as_secs_f64(),
        retries: policy.meter.snapshot().retries - retries,
    }
}

fn policy() -> RetryPolicy {
    RetryPolicy::new(BACKOFF, Arc::new(|| 1.0), RequestMeter::default())
}

fn failure(kind: ErrorKind) -> azure_core::Result<AsyncRawResponse> {
    Err(Error::with_message(kind, "it broke"))
}

fn near(seconds: f64, expect: f64) {
    assert!(
        (expect - 0.01..expect + 0.05).contains(&seconds),
        "{seconds} s, expected {expect} s"
    );
}

#[tokio::test(start_paused = true)]
async fn passing_faults_are_tried_again_with_doubling_waits() {
    for again in AGAIN {
        let stub =
            Stub::new(|number, _| Ok(status(if number < 3 { *again } else { StatusCode::Ok })));
        let outcome = run(&policy(), &stub).await;
        assert_eq!(outcome.result.unwrap().status(), StatusCode::Ok);
        assert_eq!((outcome.attempts, outcome.retries), (4, 3));
        near(outcome.seconds, 0.4 + 0.8 + 1.6);
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_are_final() {
    for code in [400, 401, 403, 404, 409, 412, 501] {
        let stub = Stub::new(move |_, _| Ok(status(StatusCode::from(code))));
        let outcome = run(&policy(), &stub).await;
        assert_eq!((outcome.attempts, outcome.retries), (1, 0), "{code}");
    }
    for kind in [
        ErrorKind::Credential,
        ErrorKind::Other,
        ErrorKind::DataConversion,
    ] {
        let stub = Stub::new(move |_, _| failure(kind.clone()));
        assert_eq!(run(&policy(), &stub).await.attempts, 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_emulator_lacks_is_final() {
    let stub = Stub::new(|_, _| {
        let headers = [("x-ms-error-code", "FeatureNotSupported")];
        Ok(with_headers(StatusCode::InternalServerError, &headers))
    });
    assert_eq!(run(&policy(), &stub).await.attempts, 1);
}

#[tokio::test(start_paused = true)]
async fn broken_connections_are_tried_again_to_the_end() {
    let stub = Stub::new(|number, _| match number {
        0 => Ok(status(StatusCode::Ok)),
        _ => failure(ErrorKind::Io),
    });
    let policy = policy();
    assert_eq!(run(&policy, &stub).await.attempts, 1);
    let start = tokio::time::Instant::now();
    let outcome = run(&policy, &stub).await;
    assert_eq!(outcome.result.unwrap_err().kind(), &ErrorKind::Io);
    // More often than answers that fail, and for nearly as long as the budget allows.
    assert!(outcome.attempts > 9, "{}", outcome.attempts);
    assert!(
        start.elapsed() > std::time::Duration::from_secs(80),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test(start_paused = true)]
async fn who_never_spoke_our_language_is_given_up_within_seconds() {
    let stub = Stub::new(|_, _| failure(ErrorKind::Io));
    let outcome = run(&policy(), &stub).await;
    assert_eq!(outcome.attempts, 5);
    assert!(outcome.seconds < 7.0, "{}", outcome.seconds);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_never_answered_fails_within_seconds() {
    let stub = Stub::new(|_, _| failure(ErrorKind::Connection));
    let outcome = run(&policy(), &stub).await;
    assert_eq!(outcome.result.unwrap_err().kind(), &ErrorKind::Connection);
    assert_eq!(outcome.attempts, 3);
    assert!(outcome.seconds < 2.0, "{}", outcome.seconds);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_answered_before_is_waited_for() {
    let stub = Stub::new(|number, _| match number {
        0 => Ok(status(StatusCode::NotFound)),
        1..=7 => failure(ErrorKind::Connection),
        _ => Ok(status(StatusCode::Ok)),
    });
    let policy = policy();
    assert_eq!(run(&policy, &stub).await.attempts, 1);
    let outcome = run(&policy, &stub).await;
    assert_eq!(outcome.result.unwrap().status(), StatusCode::Ok);
    assert_eq!(outcome.attempts, 8);
}

#[tokio::test(start_paused = true)]
async fn what_the_service_asks_for_is_waited() {
    let soon = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(20));
    for (headers, least, most) in [
        (vec![("retry-after", "7")], 7.0, 8.1),
        (vec![("x-ms-retry-after-ms", "2500")], 2.5, 3.6),
        (
            vec![("retry-after-ms", "900"), ("retry-after", "60")],
            0.9,
            1.9,
        ),
        (vec![("retry-after", soon.as_str())], 18.0, 21.1),
        (vec![("retry-after", "0")], 0.3, 0.5),
    ] {
        for code in [429, 500, 503] {
            let answer: Vec<(&'static str, String)> = headers
                .iter()
                .map(|(name, value)| (*name, (*value).to_owned()))
                .collect();
            let stub = Stub::new(move |number, _| {
                let pairs: Vec<_> = answer
                    .iter()
                    .map(|(name, value)| (*name, value.as_str()))
                    .collect();
                let code = if number == 0 { code } else { 200 };
                Ok(with_headers(StatusCode::from(code), &pairs))
            });
            let outcome = run(&policy(), &stub).await;
            assert_eq!(outcome.attempts, 2);
            assert!(
                (least..most).contains(&outcome.seconds),
                "{headers:?}: {}",
                outcome.seconds
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_budget_ends_it() {
    let stub = Stub::new(|_, _| {
        Ok(with_headers(
            StatusCode::ServiceUnavailable,
            &[("retry-after", "50")],
        ))
    });
    let outcome = run(&policy(), &stub).await;
    assert_eq!(
        outcome.result.unwrap().status(),
        StatusCode::ServiceUnavailable
    );
    assert_eq!(outcome.attempts, 3);
    near(outcome.seconds, 102.0);
    // A wait that would outlast the budget is not begun.
    let stub = Stub::new(|_, _| {
        Ok(with_headers(
            StatusCode::ServiceUnavailable,
            &[("retry-after", "600")],
        ))
    });
    let outcome = run(&policy(), &stub).await;
    assert_eq!(outcome.attempts, 1);
    near(outcome.seconds, 0.0);
}

#[tokio::test(start_paused = true)]
async fn jitter_covers_the_whole_wait() {
    let fractions = Arc::new(Mutex::new(vec![0.25, 0.5, 0.0]));
    let jitter = Arc::new(move || fractions.lock().unwrap().pop().unwrap());
    let policy = RetryPolicy::new(BACKOFF, jitter, RequestMeter::default());
    let stub = Stub::new(|number, _| {
        Ok(status(if number < 3 {
            StatusCode::ServiceUnavailable
        } else {
            StatusCode::Ok
        }))
    });
    near(
        run(&policy, &stub).await.seconds,
        0.0 * 0.4 + 0.5 * 0.8 + 0.25 * 1.6,
    );
}

#[test]
fn no_wait_is_longer_than_the_cap() {
    for attempt in 0..200 {
        assert!(BACKOFF.wait(attempt, 1.0) <= BACKOFF.cap);
    }
    assert_eq!(BACKOFF.wait(200, 1.0), BACKOFF.cap);
}
