//! The signals that ask a process to stop.

use std::io;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

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
    /// Handles the signals from now on, so that none of them ends the process at once.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
        })
    }

    /// Waits for the first signal.
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

/// The exit code of a command that was interrupted: 128 plus the number of SIGINT.
pub(crate) const EXIT_INTERRUPTED: u8 = 130;

/// Handles Ctrl-C for a long command until it is dropped.
pub(crate) struct Interrupt {
    /// Cancelled by Ctrl-C.
    pub(crate) stop: CancellationToken,
    listener: JoinHandle<()>,
}

impl Interrupt {
    /// Handles Ctrl-C from now on.
    pub(crate) fn listen() -> Self {
        let stop = CancellationToken::new();
        let on_interrupt = stop.clone();
        let listener = tokio::spawn(async move {
            if tokio::signal::ctrl_c().await.is_ok() {
                on_interrupt.cancel();
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
