//! Listing by a request of our own: the SDK's pager has no delimiter and reads each page twice.

use std::sync::Arc;

use azure_core::error::CheckSuccessOptions;
use azure_core::http::{Method, PipelineSendOptions, Request};
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use url::Url;

use super::errors::{Subject, unexpected};
use super::list_page;
use super::store::{Container, patient};
use crate::{ListOptions, ListPage, StoreError};

/// The most entries that the service puts on a page.
const PAGE_SIZE: u32 = 5_000;

/// Where a listing stands.
enum Marker {
    Start,
    Next(String),
    End,
}

/// Lists page by page. An empty page with a marker is no end.
pub(super) fn pages(
    container: Arc<Container>,
    options: ListOptions,
) -> BoxStream<'static, Result<ListPage, StoreError>> {
    stream::try_unfold(Marker::Start, move |marker| {
        let (container, options) = (Arc::clone(&container), options.clone());
        async move {
            let marker = match marker {
                Marker::Start => None,
                Marker::Next(marker) => Some(marker),
                Marker::End => return Ok(None),
            };
            let (page, next) = page(&container, &options, marker.as_deref()).await?;
            Ok(Some((page, next.map_or(Marker::End, Marker::Next))))
        }
    })
    .boxed()
}

async fn page(
    container: &Container,
    options: &ListOptions,
    marker: Option<&str>,
) -> Result<(ListPage, Option<String>), StoreError> {
    let url = list_url(container.url(), options, marker);
    let mut request = Request::new(container.authorize(url.clone()), Method::Get);
    request.insert_header("accept", "application/xml");
    let send_options = PipelineSendOptions {
        check_success: CheckSuccessOptions {
            success_codes: &[200],
        },
        ..PipelineSendOptions::default()
    };
    let response = container
        .pipeline()
        .send(&patient(), &mut request, Some(send_options))
        .await
        .map_err(|error| container.error(&error, &url, Subject::Container))?;
    let (page, next) = list_page::parse(response.body()).map_err(unexpected)?;
    if next.is_some() && next.as_deref() == marker {
        return Err(unexpected("the listing does not go on: its marker repeats"));
    }
    Ok((page, next))
}

fn list_url(mut url: Url, options: &ListOptions, marker: Option<&str>) -> Url {
    let include = if options.uncommitted {
        "metadata,uncommittedblobs"
    } else {
        "metadata"
    };
    let page_size = options.page_size.unwrap_or(PAGE_SIZE).clamp(1, PAGE_SIZE);
    {
        let mut query = url.query_pairs_mut();
        query
            .append_pair("restype", "container")
            .append_pair("comp", "list")
            .append_pair("include", include)
            .append_pair("maxresults", &page_size.to_string());
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
