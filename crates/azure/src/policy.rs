//! What happens to every request on its way out: headers, retries, limits, deadlines, signatures, counting.
//!
//! Policies run in this order, each around the next: extra headers, version, [`retry`], and for each attempt the
//! SDK's bearer token, [`limits`], [`deadline`], [`shared_key`], [`meter`]. Limits stand outside the deadline so that
//! waiting for one's turn is no timeout, and the signature comes after both so that its date is fresh.

mod deadline;
mod headers;
mod limits;
mod meter;
mod retry;
mod shared_key;

pub use deadline::AttemptDeadline;
pub(crate) use deadline::{AttemptTimedOut, DeadlinePolicy};
pub use headers::{ExtraHeaders, header};
pub(crate) use headers::{ExtraHeadersPolicy, RequestIdPolicy, VersionPolicy};
pub(crate) use limits::LimitsPolicy;
pub(crate) use meter::MeterPolicy;
pub use meter::{MeterSnapshot, OperationClass, RequestMeter};
pub(crate) use retry::{Backoff, RetryPolicy};
pub(crate) use shared_key::SharedKeyPolicy;
