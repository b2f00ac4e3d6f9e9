//! The signals by which a process is asked to stop.

use std::io;

use incident_application::StopFlag;
use tokio::task::JoinHandle;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGINT and SIGTERM; on other systems Ctrl-C.
pub(crate) struct StopSignals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
}

impl StopSignals {
    /// Takes the signals over from now on, so that none of them ends the process on the spot.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the first of them.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

/// The exit code of a program that was interrupted: 128 and the number of SIGINT.
pub(crate) const EXIT_INTERRUPTED: u8 = 130;

/// Ctrl-C asks what takes long to stop, and ends nothing on the spot, until this is dropped.
pub(crate) struct Interrupt {
    /// Set by Ctrl-C.
    pub(crate) stop: StopFlag,
    listener: JoinHandle<()>,
}

impl Interrupt {
    /// Takes Ctrl-C over from now on.
    pub(crate) fn listen() -> Self {
        let stop = StopFlag::new();
        let on_interrupt = stop.clone();
        let listener = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                on_interrupt.set();
            }
        });
        Self { stop, listener }
    }
}

impl Drop for Interrupt {
    fn drop(&mut self) {
        self.listener.abort();
    }
}
