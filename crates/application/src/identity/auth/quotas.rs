//! Rate limits, and what a request that exceeds one is answered.

use incident_domain::kernel::{Admission, Quota};
use thiserror::Error;

/// How often requests may come; without a quota there is no limit.
#[derive(Clone, Debug, Default)]
pub struct Quotas {
    /// Attempts to give a password, for one account from one address.
    pub sign_ins_per_account: Option<Quota>,
    /// Attempts to give a password, for one account from all addresses together.
    pub sign_ins_per_account_everywhere: Option<Quota>,
    /// Attempts to sign in from one address, to any account.
    pub sign_ins_per_address: Option<Quota>,
    /// Requests of one user, integration or agent.
    pub requests_per_user: Option<Quota>,
    /// Requests from one address with a secret that has to be looked up before the sender is known.
    pub lookups_per_address: Option<Quota>,
}

/// A limit against which a request was counted, and the result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// The limit.
    pub quota: Quota,
    /// The result.
    pub admission: Admission,
}

/// There were too many requests.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many requests")]
pub struct Throttled(pub Limited);
