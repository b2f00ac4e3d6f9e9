//! What a thread is worth to the system's scheduler.

/// Low, and not the lowest there is: beside a thread of the usual priority that also always has work, such a
/// thread gets a tenth of a processor (`sched(7)`), of one that nobody else needs all. At 19 it would be 1.5 %, and
/// whoever is not signed in yet could not get in while the server is busiest.
#[cfg(target_os = "linux")]
pub(super) const NICENESS: i32 = 10;

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
