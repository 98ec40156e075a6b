//! What to do next.

use super::{AzureError, Missing, ServiceAnswer, UnreachableReason};

impl AzureError {
    /// What the user can do, if anything is known to help.
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NotFound {
                missing: Missing::Container,
                ..
            } => {
                "create the container, or check its name: `az storage container create --auth-mode login`"
            }
            Self::NotFound {
                missing: Missing::Resource,
                ..
            } => "check the name; a private container also looks missing to an anonymous request",
            Self::NotSignedIn { cause } => return Some(hint_for_sign_in(&cause.to_string())),
            Self::Denied(answer) => return hint_for_denial(answer),
            Self::PublicAccess(_) => {
                "sign in with `--auth`, or open a temporary window with `longshore window`"
            }
            Self::Conflict(answer) => return hint_for_conflict(answer),
            Self::Throttled(_) => "lower `--concurrency` or `--max-requests`, or try again later",
            Self::Timeout { .. } => "try again; on a slow line lower `--concurrency`",
            Self::Unreachable { host, reason, .. } => return hint_for_host(host, *reason),
            Self::Precondition(_) => "run again to see the new state",
            Self::BlockLimit(_) => {
                "staged blocks of other tools fill the blob; they expire after a week, or delete the blob"
            }
            Self::Corrupt(_) => {
                "try again; if it happens again, a proxy or the network card changes bytes"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

fn hint_for_denial(answer: &ServiceAnswer) -> Option<String> {
    let said = answer.message.as_deref().unwrap_or_default();
    let hint = match answer.code.as_deref()? {
        "AuthorizationPermissionMismatch" | "InsufficientAccountPermissions" => {
            "the identity lacks a data role or the signature a permission: assign `Storage Blob Data Contributor` \
             (reading: `Storage Blob Data Reader`) on the container; a new role takes minutes to work"
        }
        "AuthorizationFailure" => {
            "the account's firewall or its disabled public network refuses this machine, or the key or \
             signature does not cover this; look at the account's networking page"
        }
        "KeyBasedAuthenticationNotPermitted" => {
            "the account refuses keys and signatures made with them: sign in with `--auth entra`"
        }
        "AuthorizationSourceIPMismatch" => "the signature is bound to another address",
        "AuthorizationProtocolMismatch" => "the signature is for https only: write https://",
        "AuthorizationResourceTypeMismatch" | "AuthorizationServiceMismatch" => {
            "the signature is for another resource: it must cover the blob service, containers and objects"
        }
        "NoAuthenticationInformation" => {
            "the container is not public: name a credential with `--auth`"
        }
        "InvalidAuthenticationInfo" => "the token was refused: sign in again, and check the tenant",
        "AccountIsDisabled" => "the account is disabled",
        "AuthenticationFailed" => hint_for_signature(said),
        _ => return None,
    };
    Some(hint.to_owned())
}

fn hint_for_signature(said: &str) -> &'static str {
    if said.contains("Signature not valid in the specified time frame")
        || said.contains("expiry time")
    {
        "the shared access signature has expired or is not valid yet: make a new one, and check this clock"
    } else if said.contains("date header") || said.contains("too old") {
        "this machine's clock is wrong: set it, the service allows 15 minutes"
    } else if said.contains("MAC signature") || said.contains("Signature did not match") {
        "the key or the signature is not of this account: copy it again, whole"
    } else {
        "the key or signature is wrong or has expired, or this machine's clock is more than 15 minutes off"
    }
}

fn hint_for_conflict(answer: &ServiceAnswer) -> Option<String> {
    let hint = match answer.code.as_deref()? {
        "ContainerBeingDeleted" => "the container is being deleted: try again in a minute",
        "BlobImmutableDueToPolicy" => "an immutability policy protects the blob",
        code if code.starts_with("Lease") => "somebody holds a lease: wait for its end or break it",
        _ => return None,
    };
    Some(hint.to_owned())
}

fn hint_for_host(host: &str, reason: UnreachableReason) -> Option<String> {
    Some(match reason {
        UnreachableReason::UnknownHost => {
            format!(
                "check the account's name in `{host}`; a private endpoint needs its private DNS zone"
            )
        }
        UnreachableReason::Refused => {
            format!("nothing listens at `{host}`: is the emulator running?")
        }
        UnreachableReason::TimedOut => {
            "a firewall may drop the packets; behind a proxy set HTTPS_PROXY".to_owned()
        }
        UnreachableReason::Tls => {
            "the certificate is not trusted here: add the proxy's root to the system's store"
                .to_owned()
        }
        UnreachableReason::Other => return None,
    })
}

fn hint_for_sign_in(said: &str) -> String {
    let hint = match entra_code(said) {
        "700021" | "700024" => {
            "the job's token has expired: use `--auth pipelines` or `--auth github`, which ask for fresh ones"
        }
        "7000215" | "7000222" => {
            "the client secret is wrong or has expired: check AZURE_CLIENT_SECRET"
        }
        "70021" | "700211" | "700212" | "700213" => {
            "no federated credential matches this job: compare issuer and subject in the app registration"
        }
        "90002" | "700016" => "check AZURE_TENANT_ID and AZURE_CLIENT_ID",
        "700027" => "the certificate is not registered with the application: upload it there",
        _ if said.contains("ManagedIdentity") || said.contains("metadata service") => {
            "this machine has no such identity; assign one, or set AZURE_CLIENT_ID to the one that is meant"
        }
        _ => {
            "run `az login`, or name another credential with `--auth`; `longshore doctor` shows the choice"
        }
    };
    hint.to_owned()
}

/// The digits of Entra's own error code, if the text names one.
fn entra_code(said: &str) -> &str {
    let Some((_, rest)) = said.split_once("AADSTS") else {
        return "";
    };
    let end = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    &rest[..end]
}
