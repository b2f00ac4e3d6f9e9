//! HTTP/2 frame by frame (RFC 9113).

use std::{
    io::{Read, Write},
    net::TcpStream,
    time::Duration,
};

use rustls::{ClientConnection, StreamOwned};

use super::PATIENCE;
use crate::{
    middleware::tls::{certified, connect},
    scene::{Client, Scene},
};

const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GOAWAY: u8 = 7;
const CONTINUATION: u8 = 9;

type Connection = StreamOwned<ClientConnection, TcpStream>;

struct Frame {
    kind: u8,
    payload: Vec<u8>,
}

fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).expect("short").to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// Reads the next frame; `None` at the end of the connection.
fn next_frame(connection: &mut Connection) -> Option<Frame> {
    let mut head = [0; 9];
    connection.read_exact(&mut head).ok()?;
    let mut payload = vec![0; u32::from_be_bytes([0, head[0], head[1], head[2]]) as usize];
    connection.read_exact(&mut payload).ok()?;
    Some(Frame { kind: head[3], payload })
}

/// Starts a server and connects; then runs a dialogue in a thread that may wait.
async fn dialogue<T: Send + 'static>(scene: Scene, talk: impl FnOnce(Connection) -> T + Send + 'static) -> T {
    let certified = certified();
    let mut scene = scene;
    scene.settings.tls = Some(certified.identity());
    let client: Client = scene.start();
    let run = move || {
        let mut connection = connect(&client, certified.trusted, "h2").expect("a connection");
        connection.sock.set_read_timeout(Some(PATIENCE)).expect("a timeout");
        connection.write_all(&[PREFACE, &frame(SETTINGS, 0, 0, b"")].concat()).expect("sent");
        talk(connection)
    };
    tokio::task::spawn_blocking(run).await.expect("no panic")
}

#[tokio::test]
async fn the_server_announces_its_limits() {
    let settings = dialogue(Scene::new(), |mut connection| next_frame(&mut connection).expect("a frame")).await;
    assert_eq!(settings.kind, SETTINGS);
    let setting = |bytes: &[u8]| {
        let (name, value) = bytes.split_at(2);
        let name = u16::from_be_bytes(name.try_into().expect("two bytes"));
        (name, u32::from_be_bytes(value.try_into().expect("four bytes")))
    };
    let settings: Vec<_> = settings.payload.chunks_exact(6).map(setting).collect();
    // SETTINGS_MAX_CONCURRENT_STREAMS and SETTINGS_MAX_HEADER_LIST_SIZE.
    for expected in [(3, 100), (6, 65_536)] {
        assert!(settings.contains(&expected), "{expected:?} is not among {settings:?}");
    }
}

#[tokio::test]
async fn an_idle_connection_gets_goaway_and_is_closed() {
    let mut scene = Scene::new();
    scene.settings.connection_timeouts.http2_idle = Duration::from_millis(50);
    scene.settings.connection_timeouts.arrival_at_stop = Duration::from_millis(50);
    let kinds = dialogue(scene, |mut connection| {
        std::iter::from_fn(|| next_frame(&mut connection).map(|frame| frame.kind)).collect::<Vec<_>>()
    });
    let kinds = kinds.await;
    assert!(kinds.contains(&GOAWAY), "{kinds:?}");
}

#[tokio::test]
async fn a_head_that_never_ends_is_cut_off() {
    let sent = dialogue(Scene::new(), |mut connection| {
        // `:method: GET`, and a head that goes on.
        connection.write_all(&frame(HEADERS, 0, 1, &[0x82])).expect("sent");
        // A literal field without indexing: `a: b`.
        let fields = [0, 1, b'a', 1, b'b'].repeat(1000);
        let mut sent = 0;
        while connection.write_all(&frame(CONTINUATION, 0, 1, &fields)).is_ok() {
            sent += fields.len();
            assert!(sent < 16 * 1024 * 1024, "the server goes on reading");
        }
        sent
    });
    assert!(sent.await > 0);
}
