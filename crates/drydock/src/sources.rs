//! Content that a request names instead of bringing it: `x-ms-copy-source`.
//!
//! A source of this stand-in is found without HTTP, and its bytes on disk are shared wherever whole extents are taken.
//! One of another server on this machine, a stand-in or not, is fetched by plain HTTP. Nothing else is reached.

mod local;
mod order;
mod remote;

pub(crate) use self::order::Shipment;

use self::order::{Order, Whereabouts};
use crate::call::Call;
use crate::failure::Outcome;

/// Gets what a request names as its source.
pub(crate) async fn take(call: &Call) -> Outcome<Shipment> {
    let order = Order::of(call)?;
    match order.whereabouts(call)? {
        Whereabouts::Here => local::take(call, order).await,
        Whereabouts::There(address) => remote::take(call, order, address).await,
    }
}
