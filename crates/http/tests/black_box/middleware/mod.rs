//! The middleware that every request and response passes through.

mod compression;
mod cors;
mod load_shedding;
mod security_headers;
mod timeouts;
pub(crate) mod tls;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::scene::Client;

/// Sends these bytes and returns everything that the server sends until it closes the connection.
pub(crate) async fn send_raw(client: &Client, text: &str) -> Vec<u8> {
    let address = client.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    answer
}
