//! The choice itself: candidates in order, the first that has what it needs wins.

use jiff::Timestamp;

use super::candidates::{self, Offer, Surroundings};
use super::{
    AuthMode, Credential, CredentialChoice, CredentialError, CredentialKind, PassedOver,
    ResolvedCredential,
};
use crate::environment::Environment;
use crate::location::BlobLocation;
use crate::secret::SasToken;

/// A signature that ends within this time may end before the run does.
const SOON_MINUTES: i64 = 60;
/// Read, write and list.
const NEEDED_PERMISSIONS: &str = "rwl";

/// One way to sign in, and how to ask whether it is there.
struct Candidate {
    kind: CredentialKind,
    ask: fn(&Surroundings<'_>) -> Result<Offer, CredentialError>,
}

const fn candidate(
    kind: CredentialKind,
    ask: fn(&Surroundings<'_>) -> Result<Offer, CredentialError>,
) -> Candidate {
    Candidate { kind, ask }
}

/// Most specific first: what somebody wrote into this very command, then what they set for storage, then who they are.
const CANDIDATES: &[Candidate] = &[
    candidate(CredentialKind::Sas, candidates::sas_in_location),
    candidate(CredentialKind::Sas, candidates::sas_in_variable),
    candidate(CredentialKind::Sas, candidates::sas_in_connection_string),
    candidate(
        CredentialKind::SharedKey,
        candidates::key_in_connection_string,
    ),
    candidate(CredentialKind::SharedKey, candidates::key_in_variable),
    candidate(CredentialKind::SharedKey, candidates::emulator_key),
    candidate(CredentialKind::GithubOidc, candidates::github),
    candidate(CredentialKind::AzurePipelines, candidates::pipelines),
    candidate(CredentialKind::WorkloadIdentity, candidates::workload),
    candidate(CredentialKind::ClientSecret, candidates::client_secret),
    candidate(
        CredentialKind::ClientCertificate,
        candidates::client_certificate,
    ),
    candidate(
        CredentialKind::ManagedIdentity,
        candidates::managed_identity,
    ),
    candidate(CredentialKind::AzureCli, candidates::azure_cli),
];

/// Decides as whom requests are made. It sends nothing: tokens are fetched when the first request needs one.
///
/// # Errors
///
/// [`CredentialError::Nothing`] if no candidate of the mode has what it needs; any other [`CredentialError`] if
/// one has it and it cannot be used. A broken setting is an error and not a reason to become somebody else.
pub fn resolve_credential(
    mode: AuthMode,
    location: &BlobLocation,
    sas: Option<SasToken>,
    environment: &Environment,
) -> Result<ResolvedCredential, CredentialError> {
    resolve_at(
        &Surroundings {
            mode,
            location,
            sas,
            environment,
        },
        Timestamp::now(),
    )
}

pub(super) fn resolve_at(
    surroundings: &Surroundings<'_>,
    now: Timestamp,
) -> Result<ResolvedCredential, CredentialError> {
    let mode = surroundings.mode;
    let mut choice = CredentialChoice {
        mode,
        kind: CredentialKind::Anonymous,
        source: "--auth anonymous".to_owned(),
        passed_over: Vec::new(),
        warnings: Vec::new(),
    };
    if mode == AuthMode::Anonymous {
        return Ok(ResolvedCredential {
            credential: Credential::Anonymous,
            choice,
        });
    }
    for candidate in CANDIDATES
        .iter()
        .filter(|candidate| is_meant(mode, candidate.kind))
    {
        match ask(candidate, surroundings)? {
            Offer::Taken { credential, source } => {
                choice.kind = candidate.kind;
                choice.source = source;
                choice.warnings = warnings(&credential, surroundings, &choice.source, now)?;
                return Ok(ResolvedCredential { credential, choice });
            }
            Offer::Passed(reason) => choice.passed_over.push(PassedOver {
                kind: candidate.kind,
                reason,
            }),
        }
    }
    Err(CredentialError::Nothing {
        mode,
        passed_over: choice.passed_over,
    })
}

fn ask(candidate: &Candidate, surroundings: &Surroundings<'_>) -> Result<Offer, CredentialError> {
    if candidate.kind.is_entra() && surroundings.location.service_url().scheme() != "https" {
        return Ok(Offer::Passed("tokens are sent over https only".to_owned()));
    }
    (candidate.ask)(surroundings)
}

fn is_meant(mode: AuthMode, kind: CredentialKind) -> bool {
    match mode {
        AuthMode::Auto => true,
        AuthMode::Entra => kind.is_entra(),
        AuthMode::Cli => kind == CredentialKind::AzureCli,
        AuthMode::ManagedIdentity => kind == CredentialKind::ManagedIdentity,
        AuthMode::Workload => kind == CredentialKind::WorkloadIdentity,
        AuthMode::Pipelines => kind == CredentialKind::AzurePipelines,
        AuthMode::Github => kind == CredentialKind::GithubOidc,
        AuthMode::Key => kind == CredentialKind::SharedKey,
        AuthMode::Sas => kind == CredentialKind::Sas,
        AuthMode::Anonymous => false,
    }
}

/// What may go wrong later; what is wrong already is an error.
fn warnings(
    credential: &Credential,
    surroundings: &Surroundings<'_>,
    source: &str,
    now: Timestamp,
) -> Result<Vec<String>, CredentialError> {
    let Credential::Sas(sas) = credential else {
        return Ok(Vec::new());
    };
    if let Some(expiry) = sas.expiry().filter(|_| sas.is_expired(now)) {
        return Err(CredentialError::ExpiredSas {
            source_name: source.to_owned(),
            expiry,
        });
    }
    let location = surroundings.location;
    let plain = location.service_url().scheme() == "http" && !location.is_emulator();
    let unencrypted = plain.then(|| "the signature travels over plain http".to_owned());
    Ok(unencrypted
        .into_iter()
        .chain(warnings_of(sas, now))
        .collect())
}

fn warnings_of(sas: &SasToken, now: Timestamp) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(expiry) = sas.expiry() {
        let minutes = expiry.duration_since(now).as_mins();
        if minutes < SOON_MINUTES {
            warnings.push(format!(
                "the signature expires in {minutes} min, at {expiry}"
            ));
        }
    }
    if sas.start().is_some_and(|start| start > now) {
        warnings.push("the signature is not valid yet".to_owned());
    }
    let granted = sas.permissions().unwrap_or(NEEDED_PERMISSIONS);
    let missing: String = NEEDED_PERMISSIONS
        .chars()
        .filter(|letter| !granted.contains(*letter))
        .collect();
    if !missing.is_empty() {
        warnings.push(format!(
            "the signature lacks permissions that a sync needs: {missing}"
        ));
    }
    warnings
}
