//! Requests that no HTTP library sends.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// Sends these bytes and reads until the server closes the connection. The result is empty if it sends nothing.
pub(crate) async fn send_raw(address: SocketAddr, bytes: Vec<u8>) -> String {
    let exchange = move || {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // A server that has read enough may close the connection before everything is written.
        let _ = stream.write_all(&bytes);
        let mut response = Vec::new();
        let _ = stream.read_to_end(&mut response);
        String::from_utf8_lossy(&response).into_owned()
    };
    tokio::task::spawn_blocking(exchange).await.unwrap()
}

/// Sends these bytes and closes the connection after `delay`, without reading, like a client that leaves.
pub(crate) async fn send_and_leave(address: SocketAddr, bytes: &[u8], delay: Duration) {
    use tokio::io::AsyncWriteExt as _;
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    tokio::time::sleep(delay).await;
}
