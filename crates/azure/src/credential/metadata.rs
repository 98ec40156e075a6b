//! The metadata service of Azure's virtual machines, asked whether it is there at all.
//!
//! The SDK asks it for a token for more than a minute before it gives up. Anywhere but on Azure that is a minute of
//! silence, so a first token is only asked for where somebody listens.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::error::{Error, ErrorKind};
use tokio::net::TcpStream;
use tokio::sync::OnceCell;

const ADDRESS: SocketAddr =
    SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80);
/// It is served by the machine's own host: it answers at once or never.
const PATIENCE: Duration = Duration::from_secs(3);

/// A managed identity that is not asked for in vain.
pub(super) struct Probed {
    identity: Arc<dyn TokenCredential>,
    address: SocketAddr,
    found: OnceCell<()>,
}

impl fmt::Debug for Probed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Probed").finish_non_exhaustive()
    }
}

impl Probed {
    pub(super) fn new(identity: Arc<dyn TokenCredential>) -> Arc<Self> {
        Self::at(ADDRESS, identity)
    }

    fn at(address: SocketAddr, identity: Arc<dyn TokenCredential>) -> Arc<Self> {
        Arc::new(Self {
            identity,
            address,
            found: OnceCell::new(),
        })
    }

    async fn probe(&self) -> azure_core::Result<()> {
        match tokio::time::timeout(PATIENCE, TcpStream::connect(self.address)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Error::with_message(
                ErrorKind::Credential,
                format!("no metadata service answers at {}", self.address),
            )),
        }
    }
}

#[async_trait]
impl TokenCredential for Probed {
    async fn get_token(
        &self,
        scopes: &[&str],
        options: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        self.found.get_or_try_init(|| self.probe()).await?;
        self.identity.get_token(scopes, options).await
    }
}

#[cfg(test)]
mod tests {
    use azure_core::time::OffsetDateTime;
    use tokio::net::TcpListener;

    use super::*;

    #[derive(Debug)]
    struct Fixed;

    #[async_trait]
    impl TokenCredential for Fixed {
        async fn get_token(
            &self,
            _: &[&str],
            _: Option<TokenRequestOptions<'_>>,
        ) -> azure_core::Result<AccessToken> {
            Ok(AccessToken::new("t0ken", OffsetDateTime::now_utc()))
        }
    }

    #[tokio::test]
    async fn it_is_asked_only_where_somebody_listens_and_looked_for_once() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let identity = Probed::at(address, Arc::new(Fixed));
        identity.get_token(&[], None).await.unwrap();
        drop(listener);
        identity.get_token(&[], None).await.unwrap();

        let nobody = Probed::at(address, Arc::new(Fixed));
        let error = nobody.get_token(&[], None).await.unwrap_err();
        assert_eq!(error.kind(), &ErrorKind::Credential);
        assert!(error.to_string().contains("no metadata service"), "{error}");
    }
}
