//! The priority of threads that hash.

/// A low priority, but not the lowest. Next to a busy thread of normal priority, such a thread gets a tenth of a processor
/// (`sched(7)`); at 19 it would be 1.5 %, and no user could sign in during an overload.
#[cfg(target_os = "linux")]
pub(super) const NICENESS: i32 = 10;

/// Lowers the priority of the current thread. On systems other than Linux, niceness belongs to the process and is not
/// changed.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    let this_thread = rustix::thread::gettid();
    // Every thread may lower its priority. If a sandbox forbids it, hashing works without.
    let _ = rustix::process::setpriority_process(Some(this_thread), NICENESS);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn lower() {}
