//! Who makes a request, and whether they may.
//!
//! An account key may do everything. A shared access signature may do what it says ([`sas`]). Everybody else may read
//! what a container shows to all ([`anonymous`]). Tokens join here as another [`Principal`].

mod anonymous;
mod needs;
mod sas;
mod shared_key;

use crate::call::Call;
use crate::failure::{Code, Failure, Outcome};

/// Who makes a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Principal {
    /// Holds the account's key.
    Owner,
    /// Holds a shared access signature.
    Sas(SasGrant),
    /// Shows nothing.
    Anonymous,
}

/// What a shared access signature says beyond the operation that it was checked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct SasGrant {
    /// It may create a blob but not replace one.
    pub(crate) create_only: bool,
    /// Headers that it puts in place of the blob's own on a read.
    pub(crate) overrides: Vec<(&'static str, String)>,
}

impl Principal {
    /// Whether this principal may replace what exists.
    pub(crate) const fn may_overwrite(&self) -> bool {
        match self {
            Self::Owner => true,
            Self::Sas(grant) => !grant.create_only,
            Self::Anonymous => false,
        }
    }
}

/// The challenge for clients that could show a token.
const CHALLENGE: &str = "Bearer authorization_uri=https://login.microsoftonline.com/common/oauth2/authorize resource_id=https://storage.azure.com";

/// Finds out who makes a request, and refuses it if they may not.
pub(crate) fn authorize(call: &Call) -> Outcome<Principal> {
    if let Some(authorization) = call.header("authorization")? {
        let (scheme, rest) = authorization.split_once(' ').unwrap_or((authorization, ""));
        return match scheme {
            "SharedKey" => shared_key::check(call, rest.trim()).map(|()| Principal::Owner),
            "Bearer" => Err(Failure::challenge(
                Code::InvalidAuthenticationInfo,
                CHALLENGE,
            )),
            _ => Err(Failure::of(Code::InvalidAuthenticationInfo)
                .with_detail("Authentication scheme is not supported.")),
        };
    }
    if call.query.get("sig").is_some() {
        return sas::check(call).map(Principal::Sas);
    }
    anonymous::check(call).map(|()| Principal::Anonymous)
}
