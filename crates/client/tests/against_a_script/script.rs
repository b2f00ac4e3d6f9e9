//! A server that answers what it was told to, one request after the other, and keeps what it was sent.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// What it answers to a request.
pub(crate) enum Line {
    /// A status with more headers, and a body.
    Say(&'static str, String),
    /// Nothing: it hangs up.
    HangUp,
    /// The beginning of a body of unknown length; then it hangs up.
    BreakOff(String),
    /// The beginning of a body of unknown length, and nothing more.
    FallSilent(String),
}

/// A server that answers what it was told to.
pub(crate) struct Script {
    pub(crate) url: String,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Script {
    pub(crate) async fn of(lines: Vec<Line>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let heard = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(play(listener, lines.into(), heard.clone()));
        Self { url, heard }
    }

    /// The requests so far, each as it was sent.
    pub(crate) fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The values of a header, of all requests that had it.
    pub(crate) fn header(&self, name: &str) -> Vec<String> {
        let lines = |request: &String| request.lines().map(str::to_owned).collect::<Vec<_>>();
        let heard = self.heard();
        let values = heard.iter().flat_map(lines).filter_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then(|| value.to_owned())
        });
        values.collect()
    }
}

/// The first piece of a body that goes on.
fn beginning_of(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{body}\r\n", body.len())
}

async fn play(listener: TcpListener, mut lines: VecDeque<Line>, heard: Arc<Mutex<Vec<String>>>) {
    let mut silent = Vec::new();
    while let Ok((mut connection, _)) = listener.accept().await {
        let request = read(&mut connection).await;
        heard.lock().unwrap_or_else(PoisonError::into_inner).push(request);
        let answer = match lines.pop_front() {
            Some(Line::Say(status, body)) => {
                let length = body.len();
                format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
            }
            Some(Line::BreakOff(beginning)) => beginning_of(&beginning),
            Some(Line::FallSilent(beginning)) => {
                let beginning = beginning_of(&beginning);
                let _ = connection.write_all(beginning.as_bytes()).await;
                silent.push(connection);
                continue;
            }
            Some(Line::HangUp) | None => continue,
        };
        // Whoever hung up meanwhile misses it.
        let _ = connection.write_all(answer.as_bytes()).await;
    }
}

/// A request, read whole.
async fn read(stream: &mut TcpStream) -> String {
    let (mut request, mut buffer) = (Vec::new(), [0; 4096]);
    loop {
        let read = stream.read(&mut buffer).await.unwrap_or_default();
        request.extend_from_slice(&buffer[..read]);
        let text = String::from_utf8_lossy(&request).into_owned();
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            assert!(read > 0, "half a request: {text}");
            continue;
        };
        let length = head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
        if body.len() >= length.unwrap_or(0) || read == 0 {
            return text;
        }
    }
}
