//! Why a text is no location, and what to write instead.

/// Why a text is no [`BlobLocation`](super::BlobLocation).
///
/// No message repeats a part of the text that could hold a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LocationError {
    /// Not a URL, or of a scheme that is not understood.
    #[error(
        "not a blob location; write https://ACCOUNT.blob.core.windows.net/CONTAINER[/PREFIX] \
         or az://ACCOUNT/CONTAINER[/PREFIX]"
    )]
    NotALocation,
    /// A connection string where a location is expected.
    #[error(
        "a connection string is not a location; put it into AZURE_STORAGE_CONNECTION_STRING \
         and write az://ACCOUNT/CONTAINER[/PREFIX]"
    )]
    ConnectionString,
    /// User information in front of the host.
    #[error("a location holds no user name and no password; remove everything before the `@`")]
    UserInfo,
    /// Plain http to an Azure endpoint.
    #[error("`{host}` is only safe over https; write https://{host}/…")]
    PlainHttp {
        /// The host of the endpoint.
        host: String,
    },
    /// The endpoint of another storage service.
    #[error("`{host}` is the {service} endpoint; write https://{instead}/…")]
    OtherService {
        /// The host that was given.
        host: String,
        /// Which service it serves.
        service: &'static str,
        /// The host of the blob service.
        instead: String,
    },
    /// An account name that no account can have.
    #[error("`{name}` is not an account name: 3 to 24 lower-case letters and digits")]
    AccountName {
        /// The name that was given.
        name: String,
    },
    /// An `az:` location whose account is not there.
    #[error("the account is missing; write az://ACCOUNT/CONTAINER[/PREFIX]")]
    MissingAccount,
    /// An endpoint without a container.
    #[error("the container is missing; write {endpoint}/CONTAINER[/PREFIX]")]
    MissingContainer {
        /// The endpoint that was given.
        endpoint: String,
    },
    /// A container name that no container can have.
    #[error("`{name}` is not a container name: {rule}")]
    ContainerName {
        /// The name that was given.
        name: String,
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// A prefix that no blob name can begin with.
    #[error("the prefix cannot begin a blob name: {rule}")]
    Prefix {
        /// The rule that it breaks.
        rule: &'static str,
    },
    /// A `#` in the text.
    #[error("a location ends before `#`; write %23 for a `#` in a name")]
    Fragment,
    /// Parts of a shared access signature, without the signature.
    #[error(
        "the shared access signature is incomplete: `sig` is missing; quote the URL in a shell"
    )]
    IncompleteSas,
    /// A query that is not a shared access signature.
    #[error("only a shared access signature may follow `?`; write %3F for a `?` in a name")]
    Query,
    /// `AZURE_STORAGE_ENDPOINT` is no URL.
    #[error("`AZURE_STORAGE_ENDPOINT` is not an http or https URL")]
    BadEndpointVariable,
    /// The connection string in the environment cannot be read.
    #[error("`AZURE_STORAGE_CONNECTION_STRING` cannot be read")]
    ConnectionStringVariable(#[source] crate::connection_string::ConnectionStringError),
}
