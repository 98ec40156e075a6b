//! A vendor's server on loopback, as good or as bad as a test wants it.
//!
//! It speaks HTTP/1.1 by hand: an HTTP library keeps a server from lying, and lying is what this one is for.
//!
//! ```no_run
//! use longshore_tests::upstream::{Served, UpstreamServer};
//!
//! let server = UpstreamServer::start()?;
//! server.put("/tool.exe", Served::new("bytes").etag("\"1\"").truncated_after(3, 1));
//! let url = server.url("/tool.exe");
//! // … fetch it …
//! assert_eq!(server.count("/tool.exe").gets, 2);
//! server.change("/tool.exe", |served| served.content("other bytes"));
//! # std::io::Result::Ok(())
//! ```

mod reply;
mod served;
mod wire;

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use tokio::net::TcpListener;
use tokio::sync::oneshot;
use url::Url;

pub use served::Served;

/// What was asked of one path.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Count {
    /// How many requests there were, of any kind.
    pub requests: u64,
    /// How many of them were HEAD.
    pub heads: u64,
    /// How many of them were GET.
    pub gets: u64,
    /// How many of them asked for a range.
    pub ranged: u64,
    /// How many bytes of bodies were sent.
    pub sent: u64,
    /// How many requests carried credentials.
    pub authorized: u64,
}

/// What the server holds, and what was asked of it.
#[derive(Debug, Default)]
struct Shelf {
    files: BTreeMap<String, Served>,
    counts: BTreeMap<String, Count>,
}

/// The server; it ends when it is dropped.
#[derive(Debug)]
pub struct UpstreamServer {
    address: SocketAddr,
    shelf: Arc<Mutex<Shelf>>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl UpstreamServer {
    /// Starts it on a free port of loopback, on a thread of its own.
    ///
    /// # Errors
    ///
    /// What the system says if there is no port or no thread.
    pub fn start() -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let shelf = Arc::<Mutex<Shelf>>::default();
        let (stop, stopped) = oneshot::channel();
        let shared = Arc::clone(&shelf);
        let thread = std::thread::Builder::new()
            .name("upstream".to_owned())
            .spawn(move || {
                // Connections end with the runtime.
                runtime.block_on(async {
                    tokio::select! {
                        () = serve(listener, shared) => {}
                        _ = stopped => {}
                    }
                });
            })?;
        Ok(Self {
            address,
            shelf,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// The URL of a path, which begins with a slash.
    ///
    /// # Panics
    ///
    /// If it is no path.
    pub fn url(&self, path: &str) -> Url {
        format!("http://{}{path}", self.address)
            .parse()
            .expect("a path makes a URL")
    }

    /// Serves a file at a path, in place of what was there.
    pub fn put(&self, path: &str, served: Served) {
        lock(&self.shelf).files.insert(path.to_owned(), served);
    }

    /// Serves nothing at a path any more.
    pub fn remove(&self, path: &str) {
        lock(&self.shelf).files.remove(path);
    }

    /// Changes what is served at a path; the next request sees it.
    ///
    /// # Panics
    ///
    /// If nothing is served there.
    pub fn change(&self, path: &str, change: impl FnOnce(Served) -> Served) {
        let mut shelf = lock(&self.shelf);
        let served = shelf.files.remove(path).expect("something is served there");
        shelf.files.insert(path.to_owned(), change(served));
    }

    /// What was asked of a path until now.
    pub fn count(&self, path: &str) -> Count {
        lock(&self.shelf)
            .counts
            .get(path)
            .copied()
            .unwrap_or_default()
    }

    /// Counts from here on.
    pub fn reset_counts(&self) {
        lock(&self.shelf).counts.clear();
    }
}

impl Drop for UpstreamServer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            // A panic in it has been printed; a second one here would end the test run.
            let _ = thread.join();
        }
    }
}

async fn serve(listener: std::net::TcpListener, shelf: Arc<Mutex<Shelf>>) {
    let listener = TcpListener::from_std(listener).expect("the listener is usable");
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            let shelf = Arc::clone(&shelf);
            tokio::spawn(async move {
                // The client went away, which is what many tests are about.
                let _ = wire::connection(stream, &shelf).await;
            });
        }
    }
}

fn lock(shelf: &Mutex<Shelf>) -> MutexGuard<'_, Shelf> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
