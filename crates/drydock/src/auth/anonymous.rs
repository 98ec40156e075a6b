//! Requests without a credential: what a container shows to everybody, and how the rest is refused.

use http::Method;

use super::CHALLENGE;
use super::needs::{Anonymous, needs};
use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};
use crate::storage::PublicAccess;

/// Refuses what an anonymous client may not do.
pub(super) fn check(call: &Call) -> Outcome<()> {
    let reads = call.method == Method::GET || call.method == Method::HEAD;
    if !reads {
        return Err(Failure::challenge(
            Code::NoAuthenticationInformation,
            CHALLENGE,
        ));
    }
    let wanted = needs(call.operation).anonymous;
    let access = match call.target.container() {
        // A container that does not exist looks like one that is private.
        Some(container) => call
            .store()
            .container_info(container)
            .map_or(PublicAccess::None, |info| info.access),
        None => PublicAccess::None,
    };
    let allowed = match access {
        PublicAccess::None => false,
        PublicAccess::Blob => wanted == Anonymous::Blob,
        PublicAccess::Container => wanted != Anonymous::Never,
    };
    if !call.harbour.public_access {
        return Err(Code::PublicAccessNotPermitted.into());
    }
    if !allowed {
        return Err(Code::ResourceNotFound.into());
    }
    Ok(())
}
