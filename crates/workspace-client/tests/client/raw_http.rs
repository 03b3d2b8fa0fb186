//! A server that speaks just enough HTTP to misbehave below it.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

pub(crate) struct Raw {
    pub(crate) address: String,
    requests: Arc<AtomicUsize>,
}

impl Raw {
    /// Hands each connection to `answer` when its request's head has come, with the number of requests before it. What
    /// comes back is written as it is, and the connection closed.
    pub(crate) async fn start<F, A>(answer: F) -> Self
    where
        F: Fn(usize) -> A + Send + Sync + 'static,
        A: Future<Output = Vec<u8>> + Send + 'static,
    {
        let answer = Arc::new(answer);
        Self::serve(move |mut stream, before| {
            let answer = Arc::clone(&answer);
            async move {
                let bytes = answer(before).await;
                // The client may be gone by now.
                let _ = stream.write_all(&bytes).await;
            }
        })
        .await
    }

    /// Hands each connection over when its request's head has come, with the number of requests before it.
    async fn serve<F, A>(answer: F) -> Self
    where
        F: Fn(TcpStream, usize) -> A + Send + Sync + 'static,
        A: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::new(AtomicUsize::new(0));
        let (answer, counter) = (Arc::new(answer), Arc::clone(&requests));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (answer, counter) = (Arc::clone(&answer), Arc::clone(&counter));
                tokio::spawn(async move {
                    read_head(&mut stream).await;
                    answer(stream, counter.fetch_add(1, Ordering::SeqCst)).await;
                });
            }
        });
        Self { address, requests }
    }

    /// Answers a request with these parts, each as a packet of its own, and then with silence. Between two parts it
    /// waits for `pause`.
    pub(crate) async fn dripping(parts: Vec<Vec<u8>>, pause: Duration) -> Self {
        let parts = Arc::new(parts);
        Self::serve(move |mut stream, _| {
            let parts = Arc::clone(&parts);
            async move {
                stream.set_nodelay(true).unwrap();
                for part in parts.iter() {
                    if stream.write_all(part).await.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                std::future::pending::<()>().await;
            }
        })
        .await
    }

    pub(crate) fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }
}

async fn read_head(stream: &mut TcpStream) {
    let mut head = Vec::new();
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
}

/// A complete answer.
pub(crate) fn json(body: &str) -> Vec<u8> {
    truncated(body, body.len())
}

/// An answer that promises `length` bytes, whatever it holds.
pub(crate) fn truncated(body: &str, length: usize) -> Vec<u8> {
    format!(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
