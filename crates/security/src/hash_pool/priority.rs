//! What a thread is worth to the system's scheduler.

/// The lowest priority there is. Beside a thread of the usual one that also always has work, such a thread
/// gets some 1.5 % of a processor (`sched(7)`); of a processor that nobody else needs it gets all.
#[cfg(target_os = "linux")]
pub(super) const NICENESS: i32 = 19;

/// Lets other threads go first. On Linux, niceness belongs to a single thread; on other systems it would be
/// the whole process's, and so it is left as it is.
#[cfg(target_os = "linux")]
pub(super) fn lower() {
    let this_thread = rustix::thread::gettid();
    // Everybody may lower their own priority. Where a sandbox forbids even that, hashing works all the same.
    let _ = rustix::process::setpriority_process(Some(this_thread), NICENESS);
}

#[cfg(not(target_os = "linux"))]
pub(super) fn lower() {}
