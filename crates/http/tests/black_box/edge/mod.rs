//! What every request and every answer goes through, whichever the handler.

mod compression;
mod cors;
mod security_headers;
mod shedding;
mod timeouts;
mod tls;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::scene::Client;

/// Everything that the server says to these bytes, until it closes the connection.
async fn speak(client: &Client, text: &str) -> Vec<u8> {
    let address = client.url.strip_prefix("http://").expect("an address");
    let mut stream = TcpStream::connect(address).await.expect("a connection");
    stream.write_all(text.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("an answer");
    answer
}
