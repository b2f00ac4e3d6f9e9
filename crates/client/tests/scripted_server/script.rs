//! A server that sends scripted responses, one per request, and records the requests.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// The response to one request.
pub(crate) enum Reply {
    /// A status with further headers, and a body.
    Response(&'static str, String),
    /// Closes the connection without a response.
    Disconnect,
    /// Sends the beginning of a body of unknown length and closes the connection.
    BodyThenDisconnect(String),
    /// Sends the beginning of a body of unknown length, and nothing more.
    BodyThenSilence(String),
}

/// A server that sends scripted responses.
pub(crate) struct Script {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) async fn of(replies: Vec<Reply>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(play(listener, replies.into(), requests.clone()));
        Self { url, requests }
    }

    /// Returns the requests so far, each as it was sent.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the values of a header in all requests.
    pub(crate) fn header(&self, name: &str) -> Vec<String> {
        let lines = |request: &String| request.lines().map(str::to_owned).collect::<Vec<_>>();
        let requests = self.requests();
        let values = requests.iter().flat_map(lines).filter_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        values.collect()
    }
}

/// Returns a response with the first piece of a longer body.
fn beginning_of(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len())
}

async fn play(listener: TcpListener, mut replies: VecDeque<Reply>, requests: Arc<Mutex<Vec<String>>>) {
    let mut silent = Vec::new();
    while let Ok((mut connection, _)) = listener.accept().await {
        let request = read(&mut connection).await;
        requests.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let response = match replies.pop_front() {
            Some(Reply::Response(status, body)) => {
                let length = body.len();
                format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            }
            Some(Reply::BodyThenDisconnect(beginning)) => beginning_of(&beginning),
            Some(Reply::BodyThenSilence(beginning)) => {
                let beginning = beginning_of(&beginning);
                let _ = connection.write_all(beginning.as_bytes()).await;
                silent.push(connection);
                continue;
            }
            Some(Reply::Disconnect) | None => continue,
        };
        // The client may have disconnected meanwhile.
        let _ = connection.write_all(response.as_bytes()).await;
    }
}

/// Reads a whole request.
async fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or_default();
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "an incomplete request: {text}");
            continue;
        };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) || read == 0 {
            return text;
        }
    }
}
