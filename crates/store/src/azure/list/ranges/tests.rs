//! Ranges against one listing from the beginning to the end, over a service in memory.

use std::collections::BTreeSet;
use std::ops::Bound;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use async_trait::async_trait;
use futures::TryStreamExt;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::MarkedPage;
use super::*;

/// A service that holds these names, and answers after others had their turn.
#[derive(Debug, Default)]
struct Service {
    names: BTreeSet<String>,
    is_hierarchical: bool,
    /// Whether every other page is empty, though followed by another.
    has_empty_pages: bool,
    /// Which request fails.
    fails_at: Option<usize>,
    requests: AtomicUsize,
    under_way: AtomicUsize,
    peak: AtomicUsize,
    was_asked: AtomicBool,
}

impl Service {
    fn of(names: impl IntoIterator<Item = String>) -> Self {
        Self {
            names: names.into_iter().collect(),
            ..Self::default()
        }
    }

    /// The entries of a page, and the name that the next one begins with.
    fn entries(&self, options: &ListOptions, from: &str) -> (Vec<String>, Option<String>) {
        let mut entries: Vec<String> = Vec::new();
        let range = (Bound::Included(from.max(&options.prefix)), Bound::Unbounded);
        for name in self.names.range::<str, _>(range) {
            let Some(rest) = name.strip_prefix(&options.prefix) else {
                break;
            };
            let folded = rest.find('/').filter(|_| options.delimited);
            let entry = folded.map_or(name.as_str(), |at| &name[..=options.prefix.len() + at]);
            if entries.last().is_some_and(|last| last == entry) {
                continue;
            }
            if entries.len() == page_size(options) as usize {
                return (entries, Some(name.clone()));
            }
            entries.push(entry.to_owned());
        }
        (entries, None)
    }
}

#[async_trait]
impl Pages for Service {
    async fn page(
        &self,
        options: &ListOptions,
        marker: Option<&str>,
    ) -> Result<MarkedPage, StoreError> {
        let request = self.requests.fetch_add(1, Ordering::Relaxed);
        let now = self.under_way.fetch_add(1, Ordering::Relaxed) + 1;
        self.peak.fetch_max(now, Ordering::Relaxed);
        tokio::task::yield_now().await;
        self.under_way.fetch_sub(1, Ordering::Relaxed);
        if self.fails_at == Some(request) {
            return Err(StoreError::Throttled {
                cause: "busy".into(),
            });
        }
        let (is_second, from) = match marker.map(|marker| marker.split_at(1)) {
            Some((kind, from)) => (kind == "2", from),
            None => (false, ""),
        };
        if self.has_empty_pages && !is_second {
            return Ok((ListPage::default(), Some(format!("2{from}"))));
        }
        let (entries, next) = self.entries(options, from);
        let (prefixes, names): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|entry| options.delimited && entry[options.prefix.len()..].contains('/'));
        let blobs = names.into_iter().map(blob).collect();
        Ok((
            ListPage { blobs, prefixes },
            next.map(|name| format!("1{name}")),
        ))
    }

    async fn is_by_bytes(&self) -> bool {
        self.was_asked.store(true, Ordering::Relaxed);
        !self.is_hierarchical
    }
}

fn blob(name: String) -> ListedBlob {
    ListedBlob {
        name,
        size: 0,
        etag: None,
        last_modified: None,
        digests: None,
        content_md5: None,
        is_directory: false,
    }
}

fn paged(page_size: u32, prefix: &str) -> ListOptions {
    ListOptions {
        prefix: prefix.to_owned(),
        page_size: Some(page_size),
        ..ListOptions::default()
    }
}

/// The names that come, and whether an error ends them.
async fn listed(service: &Arc<Service>, options: ListOptions) -> (Vec<String>, bool) {
    let mut names = Vec::new();
    let size = page_size(&options) as usize;
    let mut pages = Ranges::new(Arc::clone(service), options).pages();
    loop {
        match pages.try_next().await {
            Ok(Some(page)) => {
                assert!(page.blobs.len() <= size && page.prefixes.is_empty());
                names.extend(page.blobs.into_iter().map(|blob| blob.name));
            }
            Ok(None) => return (names, false),
            Err(_) => {
                assert!(pages.try_next().await.unwrap().is_none());
                return (names, true);
            }
        }
    }
}

fn list(service: Service, options: ListOptions) -> (Vec<String>, bool, Arc<Service>) {
    let service = Arc::new(service);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let (names, has_failed) = runtime.block_on(listed(&service, options));
    (names, has_failed, service)
}

fn expected(names: &BTreeSet<String>, prefix: &str) -> Vec<String> {
    let names = names.iter().filter(|name| name.starts_with(prefix));
    names.cloned().collect()
}

/// Folders of so many blobs each, with a few blobs between them.
fn folders(below: &str, folders: usize, blobs: usize) -> Vec<String> {
    let within = (0..folders).flat_map(|folder| {
        (0..blobs).map(move |blob| format!("{folder:03}/{}/{blob:04}", blob % 3))
    });
    let between = (0..folders).map(|folder| format!("{folder:03}-note"));
    within
        .chain(between)
        .map(|name| format!("{below}{name}"))
        .collect()
}

#[test]
fn large_folders_are_listed_side_by_side() {
    for below in ["", "all/", "all/in/one/"] {
        let names = folders(below, 20, 50);
        let (found, has_failed, service) = list(Service::of(names), paged(5, ""));
        assert_eq!(found, expected(&service.names, ""));
        assert!(!has_failed);
        // One range alone never has two requests under way.
        assert_eq!(service.peak.load(Ordering::Relaxed), AT_ONCE, "{below}");
        let requests = service.requests.load(Ordering::Relaxed);
        assert!(requests < 20 * 50 / 5 + 60, "{below}: {requests}");
    }
}

#[test]
fn what_does_not_pay_is_listed_page_by_page() {
    let tiny = folders("", 200, 2);
    let flat = (0..60_000).map(|at| format!("{at:06}"));
    let hierarchical = Service {
        is_hierarchical: true,
        ..Service::of(folders("", 20, 50))
    };
    for (service, page_size, looks) in [
        (Service::of(tiny), 10, 2),
        (Service::of(flat), 1000, 4),
        (hierarchical, 5, 0),
    ] {
        let (found, _, service) = list(service, paged(page_size, ""));
        assert_eq!(found, expected(&service.names, ""));
        assert_eq!(service.peak.load(Ordering::Relaxed), 1);
        let pages = found.len().div_ceil(page_size as usize);
        let requests = service.requests.load(Ordering::Relaxed);
        assert!(
            (pages..=pages + looks).contains(&requests),
            "{pages} {requests}"
        );
    }
}

#[test]
fn a_small_container_costs_no_request_more() {
    for count in [0, 1, 99, 100] {
        let names = folders("", 10, 10).into_iter().take(count);
        let (found, _, service) = list(Service::of(names), paged(5, ""));
        assert_eq!(found.len(), count);
        assert!(!service.was_asked.load(Ordering::Relaxed));
        let requests = service.requests.load(Ordering::Relaxed);
        assert_eq!(requests, count.div_ceil(5).max(1));
    }
}

#[test]
fn a_delimited_listing_stays_one() {
    let names = folders("", 300, 1);
    let options = ListOptions {
        delimited: true,
        ..paged(2, "")
    };
    let service = Arc::new(Service::of(names));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let pages = Ranges::new(Arc::clone(&service), options).pages();
    let pages: Vec<_> = runtime.block_on(pages.try_collect()).unwrap();
    let folders = pages.iter().flat_map(|page| &page.prefixes).count();
    let blobs = pages.iter().flat_map(|page| &page.blobs).count();
    assert_eq!((folders, blobs), (300, 300));
    assert!(!service.was_asked.load(Ordering::Relaxed));
}

#[test]
fn what_nobody_waits_for_is_given_up() {
    let service = Arc::new(Service::of(folders("", 20, 50)));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut pages = Ranges::new(Arc::clone(&service), paged(5, "")).pages();
        for _ in 0..30 {
            pages.try_next().await.unwrap();
        }
        drop(pages);
        while Arc::strong_count(&service) > 1 {
            tokio::task::yield_now().await;
        }
    });
    assert!(service.requests.load(Ordering::Relaxed) < 80);
}

fn names() -> impl Strategy<Value = BTreeSet<String>> {
    let segment = || select(vec!["a/", "a-/", "a0/", "b/", "ü/", "!/", "\u{10ffff}/"]);
    let folder = prop::collection::vec(segment(), 0..4).prop_map(|segments| segments.concat());
    let leaves = prop::collection::btree_set(0..2000_u32, 1..120);
    prop::collection::vec((folder, leaves, "[/!0é-]?"), 1..6).prop_map(|folders| {
        let names = folders.iter().flat_map(|(folder, leaves, end)| {
            leaves
                .iter()
                .map(move |leaf| format!("{folder}{leaf}{end}"))
        });
        names.collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn ranges_are_one_listing(
        names in names(),
        page_size in 1..4_u32,
        prefix in select(vec!["", "", "a", "a/", "b/a"]),
        has_empty_pages in any::<bool>(),
    ) {
        let service = Service { has_empty_pages, ..Service::of(names) };
        let (found, has_failed, service) = list(service, paged(page_size, prefix));
        prop_assert_eq!(found, expected(&service.names, prefix));
        prop_assert!(!has_failed);
    }

    #[test]
    fn an_error_ends_the_listing_where_it_is(names in names(), fails_at in 0..200_usize) {
        let service = Service { fails_at: Some(fails_at), ..Service::of(names) };
        let (found, has_failed, service) = list(service, paged(2, ""));
        let expected = expected(&service.names, "");
        prop_assert!(expected.starts_with(&found));
        prop_assert_eq!(has_failed, found.len() < expected.len());
    }
}
