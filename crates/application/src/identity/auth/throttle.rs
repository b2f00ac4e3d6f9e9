//! Rate limits on signing in, on looking up secrets, and on the requests of one caller.

use std::net::{IpAddr, Ipv6Addr};

use super::{Auth, AuthRule, Limited, Throttled};
use crate::kernel::Principal;
use incident_domain::{
    identity::Email,
    kernel::{Quota, RateKey},
};

impl Auth {
    /// Counts a request of a caller who was recognised.
    pub async fn admit(&self, caller: &Principal) -> Result<Option<Limited>, Throttled> {
        let actor = caller.actor();
        let name = actor.reference().unwrap_or_default();
        let parts: &[&str] = if caller.user_id().is_some() { &[&name] } else { &[actor.kind(), &name] };
        self.take(self.settings.quotas.requests_per_user, parts).await
    }

    /// Counts an attempt to give the password of an account. The address is counted first: an attempt that it refuses
    /// does not count for the account, so that one address cannot lock others out.
    pub(super) async fn admit_password(&self, email: &Email, ip: Option<&str>) -> Result<(), AuthRule> {
        let address = network_of(ip);
        self.take(self.settings.quotas.sign_ins_per_address, &[&address]).await?;
        self.take(self.settings.quotas.sign_ins_per_account, &[email.key(), &address]).await?;
        self.take(self.settings.quotas.sign_ins_per_account_everywhere, &[email.key()]).await?;
        Ok(())
    }

    /// Counts a request with a secret that has to be looked up in the store.
    pub(super) async fn admit_lookup(&self, ip: Option<&str>) -> Result<(), AuthRule> {
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

/// Returns what is counted as one address: an IPv4 address, or the 64 bits of an IPv6 network, within which the holder of
/// one address has them all (RFC 4291, section 2.5.1). Requests without an address are counted together.
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
