//! How often somebody may try.

use std::net::{IpAddr, Ipv6Addr};

use incident_domain::{Admission, Email, Quota, RateKey};
use thiserror::Error;

use super::Auth;
use crate::Caller;

/// How often requests may come; a quota that is not there limits nothing.
#[derive(Clone, Debug, Default)]
pub struct Quotas {
    /// Attempts to prove a password, for one account from one address.
    pub sign_ins_per_account: Option<Quota>,
    /// Attempts to sign in from one address, whichever the accounts.
    pub sign_ins_per_address: Option<Quota>,
    /// Requests of one user.
    pub requests_per_user: Option<Quota>,
    /// Requests from one address that show something which has to be looked up before it is known who they are.
    pub lookups_per_address: Option<Quota>,
}

/// A limit that a request was counted against, and what it said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limited {
    /// The limit.
    pub quota: Quota,
    /// What it said.
    pub admission: Admission,
}

/// It was tried too often.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many requests")]
pub struct Throttled(pub Limited);

impl Auth {
    /// Counts a request of somebody who was recognised.
    pub async fn admit(&self, caller: &Caller) -> Result<Option<Limited>, Throttled> {
        self.take(self.settings.quotas.requests_per_user, &[&caller.user_id.to_string()]).await
    }

    /// Counts an attempt to prove the password of an account. The address as a whole comes first: an attempt that
    /// it refuses is not held against the account.
    pub(super) async fn admit_password(&self, email: &Email, ip: Option<&str>) -> Result<(), Throttled> {
        let address = network_of(ip);
        self.take(self.settings.quotas.sign_ins_per_address, &[&address]).await?;
        self.take(self.settings.quotas.sign_ins_per_account, &[email.key(), &address]).await?;
        Ok(())
    }

    /// Counts a request that shows a secret which only the store can tell.
    pub(super) async fn admit_lookup(&self, ip: Option<&str>) -> Result<(), Throttled> {
        self.take(self.settings.quotas.lookups_per_address, &[&network_of(ip)]).await?;
        Ok(())
    }

    async fn take(&self, quota: Option<Quota>, parts: &[&str]) -> Result<Option<Limited>, Throttled> {
        let Some(quota) = quota else { return Ok(None) };
        let admission = self.ports.limiter.admit(&RateKey::new(&quota, parts), &quota).await;
        let limited = Limited { quota, admission };
        if admission.is_admitted { Ok(Some(limited)) } else { Err(Throttled(limited)) }
    }
}

/// What is counted as one address: one of IPv4, and the 64 bits of an IPv6 network within which whoever has one
/// address has them all (RFC 4291, section 2.5.1). Requests without an address are counted together.
fn network_of(ip: Option<&str>) -> String {
    let address = ip.and_then(|ip| ip.parse().ok()).map(|address: IpAddr| address.to_canonical());
    match address {
        None => "unknown".to_owned(),
        Some(IpAddr::V4(address)) => address.to_string(),
        Some(IpAddr::V6(address)) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            format!("{}/64", Ipv6Addr::from_bits(network))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::network_of;

    #[test]
    fn addresses_of_one_holder_are_counted_together() {
        for (ip, network) in [
            (Some("192.0.2.1"), "192.0.2.1"),
            (Some("::ffff:192.0.2.1"), "192.0.2.1"),
            (Some("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::/64"),
            (Some("2001:db8:1:2::"), "2001:db8:1:2::/64"),
            (Some("2001:db8:1:3::"), "2001:db8:1:3::/64"),
            (Some("nonsense"), "unknown"),
            (None, "unknown"),
        ] {
            assert_eq!(network_of(ip), network);
        }
    }
}
