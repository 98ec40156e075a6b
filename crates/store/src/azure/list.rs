//! Listing by a request of our own: the SDK's pager has no delimiter and reads each page twice.

mod level;
mod range;
mod ranges;

use std::sync::Arc;

use async_trait::async_trait;
use azure_core::error::CheckSuccessOptions;
use azure_core::http::response::ResponseBody;
use azure_core::http::{Method, PipelineSendOptions, Request};
use futures::stream::BoxStream;
use url::Url;

use super::errors::{Subject, unexpected};
use super::list_page;
use super::store::{Container, patient};
use crate::{ListOptions, ListPage, ListingOrder, StoreError};
use ranges::Ranges;

/// The most entries that the service puts on a page.
const PAGE_SIZE: u32 = 5_000;

/// A page, and the marker of the next one when there is one.
type MarkedPage = (ListPage, Option<String>);

/// Where pages come from.
#[async_trait]
trait Pages: Send + Sync + 'static {
    /// The page that a marker leads to; the first one without.
    async fn page(
        &self,
        options: &ListOptions,
        marker: Option<&str>,
    ) -> Result<MarkedPage, StoreError>;

    /// Whether names are known to come in the order of their bytes.
    async fn is_by_bytes(&self) -> bool;
}

/// Lists page by page; a large container in several ranges at once, though in the same order. An empty page with a
/// marker is no end.
pub(super) fn pages(
    container: Arc<Container>,
    options: ListOptions,
) -> BoxStream<'static, Result<ListPage, StoreError>> {
    Ranges::new(container, options).pages()
}

#[async_trait]
impl Pages for Container {
    async fn page(
        &self,
        options: &ListOptions,
        marker: Option<&str>,
    ) -> Result<MarkedPage, StoreError> {
        let url = list_url(self.url(), options, marker);
        let mut request = Request::new(self.authorize(url.clone()), Method::Get);
        request.insert_header("accept", "application/xml");
        let send_options = PipelineSendOptions {
            check_success: CheckSuccessOptions {
                success_codes: &[200],
            },
            ..PipelineSendOptions::default()
        };
        let response = self
            .pipeline()
            .send(&patient(), &mut request, Some(send_options))
            .await
            .map_err(|error| self.error(&error, &url, Subject::Container))?;
        let (page, next) = parse(response.into_body()).await?;
        if next.is_some() && next.as_deref() == marker {
            return Err(unexpected("the listing does not go on: its marker repeats"));
        }
        Ok((page, next))
    }

    async fn is_by_bytes(&self) -> bool {
        matches!(self.listing_order().await, Ok(ListingOrder::Bytes))
    }
}

/// Reads a page on a thread of its own: megabytes of XML are long work for one that others wait for.
async fn parse(body: ResponseBody) -> Result<MarkedPage, StoreError> {
    match tokio::task::spawn_blocking(move || list_page::parse(&body)).await {
        Ok(parsed) => parsed.map_err(unexpected),
        Err(error) if error.is_panic() => std::panic::resume_unwind(error.into_panic()),
        Err(error) => Err(unexpected(error)),
    }
}

/// How many entries a page of this listing may have.
fn page_size(options: &ListOptions) -> u32 {
    options.page_size.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE)
}

fn list_url(mut url: Url, options: &ListOptions, marker: Option<&str>) -> Url {
    let include = if options.uncommitted {
        "metadata,uncommittedblobs"
    } else {
        "metadata"
    };
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("restype", "container")
            .append_pair("comp", "list")
            .append_pair("include", include)
            .append_pair("maxresults", &page_size(options).to_string());
        if !options.prefix.is_empty() {
            query.append_pair("prefix", &options.prefix);
        }
        if options.delimited {
            query.append_pair("delimiter", "/");
        }
        if let Some(marker) = marker {
            query.append_pair("marker", marker);
        }
    }
    // Forms write a space as `+`, which is not a space in every reading of a URL; a `+` itself is `%2B` by now.
    let query = url.query().unwrap_or_default().replace('+', "%20");
    url.set_query(Some(&query));
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_the_same_in_every_reading() {
        let options = ListOptions {
            prefix: "a b+c&d=ü".to_owned(),
            delimited: true,
            uncommitted: true,
            page_size: Some(2),
        };
        let url = Url::parse("http://127.0.0.1:1/account/container").unwrap();
        assert_eq!(
            list_url(url, &options, Some("2!8!x+/=")).as_str(),
            "http://127.0.0.1:1/account/container?restype=container&comp=list\
             &include=metadata%2Cuncommittedblobs&maxresults=2&prefix=a%20b%2Bc%26d%3D%C3%BC\
             &delimiter=%2F&marker=2%218%21x%2B%2F%3D"
        );
    }
}
