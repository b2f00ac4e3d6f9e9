//! The quotas of the rate limiter, from the configuration.

use std::num::NonZeroU32;

use incident_application::identity::Quotas;
use incident_domain::kernel::Quota;

use crate::config::Config;

/// The period of every quota.
const SECONDS_PER_MINUTE: NonZeroU32 = NonZeroU32::new(60).expect("sixty is not zero");

pub(super) fn quotas(config: &Config) -> Quotas {
    let per_minute = |name, requests, burst| Some(Quota { name, requests, period_seconds: SECONDS_PER_MINUTE, burst });
    // A script may send the requests of ten seconds at once.
    let requests = config.requests_per_minute;
    let burst = NonZeroU32::new(requests.get() / 6).unwrap_or(NonZeroU32::MIN);
    let (account, address) = (config.sign_ins_per_minute, config.sign_ins_per_address_per_minute);
    let everywhere = config.sign_ins_per_account_per_minute;
    Quotas {
        sign_ins_per_account: per_minute("sign_ins_per_account", account, account),
        sign_ins_per_account_everywhere: per_minute("sign_ins_per_account_everywhere", everywhere, everywhere),
        sign_ins_per_address: per_minute("sign_ins_per_address", address, address),
        requests_per_user: per_minute("requests_per_user", requests, burst),
        lookups_per_address: per_minute("lookups_per_address", requests, burst),
    }
}
