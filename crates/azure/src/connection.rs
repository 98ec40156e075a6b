//! One connection to one storage account, as one identity, for one run.
//!
//! Everything that requests share lives here: the pool, the retries, the limits, the meter. Clients of the SDK are
//! built on [`Connection::client_options`]; requests that the SDK cannot make go through [`Connection::pipeline`].

use std::fmt;
use std::num::{NonZeroU32, NonZeroU64};
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_core::http::policies::Policy;
use azure_core::http::policies::auth::BearerTokenAuthorizationPolicy;
use azure_core::http::{
    ClientOptions, HttpClient, Pipeline, RetryOptions, Transport, UserAgentOptions,
};
use url::Url;

use crate::credential::{Credential, ResolvedCredential};
use crate::error::{AzureError, Cause};
use crate::policy::{
    Backoff, DeadlinePolicy, ExtraHeadersPolicy, LimitsPolicy, MeterPolicy, RequestIdPolicy,
    RequestMeter, RetryPolicy, SharedKeyPolicy, VersionPolicy,
};
use crate::secret::SasToken;
use crate::transport;

mod grant;
mod signer;

pub use grant::ReadGrant;
pub use signer::Authority;

/// What tokens for the blob service are asked for.
const STORAGE_SCOPE: &str = "https://storage.azure.com/.default";
/// The SDK takes a token of at most 24 characters, so no slash.
const USER_AGENT: &str = concat!("longshore-", env!("CARGO_PKG_VERSION"));

/// The limits and the patience of a connection.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionOptions {
    /// How many requests may be under way at once; as many idle connections are kept.
    pub concurrency: usize,
    /// At most so many requests a second.
    pub max_requests_per_second: Option<NonZeroU32>,
    /// At most so many bytes a second, both ways together.
    pub max_bytes_per_second: Option<NonZeroU64>,
    /// How long establishing a connection may take.
    pub connect_timeout: Duration,
    /// How long an attempt without a body may take.
    pub attempt_timeout: Duration,
    /// The slowest line on which a body is still waited for; it lengthens an attempt's time.
    pub slowest_bytes_per_second: NonZeroU64,
    /// How many attempts may follow the first.
    pub max_retries: u32,
    /// The time within which further attempts may begin, counted from the first failure.
    pub retry_budget: Duration,
}

impl Default for ConnectionOptions {
    fn default() -> Self {
        Self {
            concurrency: 64,
            max_requests_per_second: None,
            max_bytes_per_second: None,
            connect_timeout: Duration::from_secs(10),
            attempt_timeout: Duration::from_secs(30),
            slowest_bytes_per_second: const { NonZeroU64::new(256 * 1024).unwrap() },
            max_retries: 8,
            retry_budget: Duration::from_mins(2),
        }
    }
}

/// A way to Azure that every request of a run shares; clones share it too.
///
/// ```
/// use longshore_azure::{
///     AuthMode, BlobLocation, Connection, ConnectionOptions, Environment, resolve_credential,
/// };
///
/// let environment = Environment::from_pairs([("AZURE_STORAGE_USE_EMULATOR", "true")]);
/// let parsed = BlobLocation::parse("az://devstoreaccount1/apps", &environment).unwrap();
/// let credential =
///     resolve_credential(AuthMode::Auto, &parsed.location, parsed.sas, &environment).unwrap();
/// let connection = Connection::new(&credential, &ConnectionOptions::default()).unwrap();
/// let url = connection.authorize_url(parsed.location.container_url());
/// assert_eq!(url.as_str(), "http://127.0.0.1:10000/devstoreaccount1/apps");
/// ```
#[derive(Clone)]
pub struct Connection {
    options: ClientOptions,
    token: Option<Arc<dyn TokenCredential>>,
    sas: Option<SasToken>,
    key: Option<SharedKeyPolicy>,
    meter: RequestMeter,
}

// Not derived: what a token credential prints of itself is not ours to vouch for.
impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("policies", &self.options.per_try_policies)
            .field("meter", &self.meter)
            .finish_non_exhaustive()
    }
}

impl Connection {
    /// Prepares a connection; nothing is sent yet.
    ///
    /// # Errors
    ///
    /// [`AzureError::Setup`] if no request may be under way at once.
    pub fn new(
        credential: &ResolvedCredential,
        options: &ConnectionOptions,
    ) -> Result<Self, AzureError> {
        if options.concurrency == 0 {
            return Err(AzureError::Setup {
                cause: Cause::text("the concurrency is 0"),
            });
        }
        let transport = transport::transport(options.concurrency, options.connect_timeout);
        Ok(Self::over(transport, credential, options))
    }

    /// The same over another HTTP client: one that injects faults, or answers by itself.
    pub fn with_http_client(
        client: Arc<dyn HttpClient>,
        credential: &ResolvedCredential,
        options: &ConnectionOptions,
    ) -> Self {
        Self::over(Transport::new(client), credential, options)
    }

    fn over(
        transport: Transport,
        credential: &ResolvedCredential,
        options: &ConnectionOptions,
    ) -> Self {
        let meter = RequestMeter::default();
        let mut connection = Self {
            options: ClientOptions {
                per_call_policies: per_call(options, &meter),
                per_try_policies: per_try(options, &credential.credential, &meter),
                // Ours stands in `per_call_policies`.
                retry: RetryOptions::none(),
                transport: Some(transport),
                user_agent: UserAgentOptions {
                    application_id: Some(USER_AGENT.to_owned()),
                },
                ..ClientOptions::default()
            },
            token: None,
            sas: None,
            key: None,
            meter,
        };
        match &credential.credential {
            Credential::Token(token) => connection.token = Some(Arc::clone(token)),
            Credential::Sas(sas) => connection.sas = Some(sas.clone()),
            Credential::SharedKey { account, key } => {
                connection.key = Some(SharedKeyPolicy::new(account.clone(), key.clone()));
            }
            Credential::Anonymous => {}
        }
        connection
    }

    /// The options that every client of the SDK must be built with.
    pub fn client_options(&self) -> ClientOptions {
        self.options.clone()
    }

    /// The credential that every client of the SDK must be built with.
    pub fn token_credential(&self) -> Option<Arc<dyn TokenCredential>> {
        self.token.clone()
    }

    /// A URL with the shared access signature, where that is the credential: for the wire, never for people.
    pub fn authorize_url(&self, mut url: Url) -> Url {
        if let Some(sas) = &self.sas {
            let query = match url.query().filter(|query| !query.is_empty()) {
                Some(query) => format!("{query}&{}", sas.expose()),
                None => sas.expose().to_owned(),
            };
            url.set_query(Some(&query));
        }
        url
    }

    /// A pipeline with the same policies, for requests that the SDK cannot make; their URLs must be authorised.
    pub fn pipeline(&self) -> Pipeline {
        let bearer = self.token.as_ref().map(|token| -> Arc<dyn Policy> {
            Arc::new(BearerTokenAuthorizationPolicy::new(
                Arc::clone(token),
                [STORAGE_SCOPE],
            ))
        });
        Pipeline::new(
            option_env!("CARGO_PKG_NAME"),
            option_env!("CARGO_PKG_VERSION"),
            self.client_options(),
            vec![Arc::new(RequestIdPolicy)],
            bearer.into_iter().collect(),
            None,
        )
    }

    /// The running totals.
    pub fn meter(&self) -> RequestMeter {
        self.meter.clone()
    }
}

fn per_call(options: &ConnectionOptions, meter: &RequestMeter) -> Vec<Arc<dyn Policy>> {
    let backoff = Backoff {
        initial: Duration::from_millis(400),
        cap: Duration::from_secs(30),
        retries: options.max_retries,
        budget: options.retry_budget,
    };
    vec![
        Arc::new(ExtraHeadersPolicy),
        Arc::new(VersionPolicy),
        Arc::new(RetryPolicy::new(
            backoff,
            Arc::new(rand::random),
            meter.clone(),
        )),
    ]
}

fn per_try(
    options: &ConnectionOptions,
    credential: &Credential,
    meter: &RequestMeter,
) -> Vec<Arc<dyn Policy>> {
    let mut policies: Vec<Arc<dyn Policy>> = vec![
        Arc::new(LimitsPolicy::new(
            options.max_requests_per_second,
            options.max_bytes_per_second,
        )),
        Arc::new(DeadlinePolicy {
            base: options.attempt_timeout,
            bytes_per_second: options.slowest_bytes_per_second.get(),
            under_way: Arc::default(),
        }),
    ];
    if let Credential::SharedKey { account, key } = credential {
        policies.push(Arc::new(SharedKeyPolicy::new(account.clone(), key.clone())));
    }
    policies.push(Arc::new(MeterPolicy(meter.clone())));
    policies
}

#[cfg(test)]
mod tests;
