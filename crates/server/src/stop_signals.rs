//! The signals that ask a process to stop, or to read its certificate again.

use std::io;

use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What a signal asks a server for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    /// SIGINT or SIGTERM, or Ctrl-C: to stop. The exit code is that of a process which the signal has ended.
    Stop { exit_code: i32 },
    /// SIGHUP: to read the certificate again.
    Reload,
    /// SIGUSR1 or SIGUSR2: nothing.
    Nothing,
}

/// The signals of a server; on other systems than Unix only Ctrl-C.
pub(crate) struct Signals {
    #[cfg(unix)]
    interrupt: Signal,
    #[cfg(unix)]
    terminate: Signal,
    #[cfg(unix)]
    hang_up: Signal,
    #[cfg(unix)]
    user_1: Signal,
    #[cfg(unix)]
    user_2: Signal,
}

impl Signals {
    /// Handles the signals from now on, so that none of them ends the process at once.
    pub(crate) fn listen() -> io::Result<Self> {
        Ok(Self {
            #[cfg(unix)]
            interrupt: signal(SignalKind::interrupt())?,
            #[cfg(unix)]
            terminate: signal(SignalKind::terminate())?,
            #[cfg(unix)]
            hang_up: signal(SignalKind::hangup())?,
            #[cfg(unix)]
            user_1: signal(SignalKind::user_defined1())?,
            #[cfg(unix)]
            user_2: signal(SignalKind::user_defined2())?,
        })
    }

    /// Waits for the next signal.
    #[cfg(unix)]
    pub(crate) async fn next(&mut self) -> Wish {
        tokio::select! {
            _ = self.interrupt.recv() => Wish::Stop { exit_code: EXIT_INTERRUPTED.into() },
            _ = self.terminate.recv() => Wish::Stop { exit_code: EXIT_TERMINATED },
            _ = self.hang_up.recv() => Wish::Reload,
            _ = self.user_1.recv() => Wish::Nothing,
            _ = self.user_2.recv() => Wish::Nothing,
        }
    }

    /// Waits for Ctrl-C.
    #[cfg(not(unix))]
    pub(crate) async fn next(&mut self) -> Wish {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        Wish::Stop { exit_code: EXIT_INTERRUPTED.into() }
    }
}

/// The exit code of a process that was terminated: 128 plus the number of SIGTERM.
#[cfg(unix)]
const EXIT_TERMINATED: i32 = 143;

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
