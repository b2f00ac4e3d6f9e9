//! Rate limits of authentication.

use std::num::NonZeroU32;

use chrono::TimeDelta;
use incident_application::{
    identity::{AuthError, AuthRule, Device, Quotas},
    kernel::Command,
};
use incident_domain::{
    identity::{Email, Password, Role},
    kernel::Quota,
};

use crate::scene::{PASSWORD, Scene, device};

fn quota(name: &'static str, requests: u32) -> Quota {
    let some = |number| NonZeroU32::new(number).expect("some");
    Quota { name, requests: some(requests), period_seconds: some(60), burst: some(requests) }
}

fn quotas() -> Quotas {
    Quotas {
        sign_ins_per_account: Some(quota("sign_ins_per_account", 5)),
        sign_ins_per_account_everywhere: Some(quota("sign_ins_per_account_everywhere", 8)),
        sign_ins_per_address: Some(quota("sign_ins_per_address", 20)),
        requests_per_user: Some(quota("requests_per_user", 100)),
        lookups_per_address: Some(quota("lookups_per_address", 10)),
    }
}

fn from(ip: &str) -> Device {
    Device { ip: Some(ip.to_owned()), ..device() }
}

#[tokio::test]
async fn the_sixth_sign_in_of_a_minute_is_refused_even_with_the_right_password() {
    let scene = Scene::with_quotas(quotas());
    let user = scene.user(Role::Viewer).await;
    for _ in 0..5 {
        let refused = scene.try_sign_in(&user, "wrong").await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::WrongCredentials))), "{refused:?}");
    }
    let refused = scene.try_sign_in(&user, PASSWORD).await.expect_err("too often");
    let AuthError::Rule(AuthRule::Throttled(throttled)) = refused else { panic!("{refused:?}") };
    let retry_after = throttled.0.admission.retry_after;
    assert_eq!((throttled.0.quota.name, retry_after), ("sign_ins_per_account", TimeDelta::seconds(12)));

    // The account is not locked for other addresses, nor are other accounts for this address.
    scene.auth.sign_in(&user.email, PASSWORD.to_owned(), from("198.51.100.1")).await.expect("from another address");
    scene.sign_in(&scene.user(Role::Viewer).await).await;
    scene.clock.advance(retry_after);
    scene.try_sign_in(&user, PASSWORD).await.expect("admitted after the announced wait");
}

#[tokio::test]
async fn one_account_is_limited_across_addresses_but_not_by_one_of_them() {
    let scene = Scene::with_quotas(quotas());
    let user = scene.user(Role::Viewer).await;
    let sign_in = async |ip: &str| {
        let answer = scene.auth.sign_in(&user.email, "wrong".to_owned(), from(ip)).await;
        match answer.expect_err("a wrong password") {
            AuthError::Rule(AuthRule::Throttled(throttled)) => Some(throttled.0.quota.name),
            _ => None,
        }
    };
    // What the address has used up does not count for the account.
    let mut refusals = Vec::new();
    for _ in 0..10 {
        refusals.push(sign_in("198.51.100.1").await);
    }
    assert_eq!(refusals[4..6], [None, Some("sign_ins_per_account")]);
    for address in 2..5 {
        assert_eq!(sign_in(&format!("198.51.100.{address}")).await, None);
    }
    assert_eq!(sign_in("198.51.100.9").await, Some("sign_ins_per_account_everywhere"));
}

#[tokio::test]
async fn one_address_is_limited_across_accounts() {
    let scene = Scene::with_quotas(quotas());
    let mut refused = 0;
    for account in 0..30 {
        let email = Email::parse(format!("user-{account}@example.org")).expect("an address");
        let answer = scene.auth.sign_in(&email, PASSWORD.to_owned(), device()).await;
        refused += u32::from(matches!(answer, Err(AuthError::Rule(AuthRule::Throttled(_)))));
    }
    assert_eq!(refused, 10);
}

#[tokio::test]
async fn guessing_the_current_password_of_a_stolen_session_is_limited_too() {
    let scene = Scene::with_quotas(quotas());
    let mut caller = scene.caller(Role::Viewer).await;
    caller.origin.ip = device().ip;
    let new = || Password::parse("unlikely pelican orbit").expect("a password");
    for _ in 0..4 {
        let refused = scene.auth.change_password(Command::new(&caller), "wrong".to_owned(), new()).await;
        assert!(matches!(refused, Err(AuthError::Rule(AuthRule::WrongPassword))), "{refused:?}");
    }
    let refused = scene.auth.change_password(Command::new(&caller), PASSWORD.to_owned(), new()).await;
    assert!(matches!(refused, Err(AuthError::Rule(AuthRule::Throttled(_)))), "signing in was the first: {refused:?}");
}

#[tokio::test]
async fn requests_are_counted_per_user() {
    let scene = Scene::with_quotas(quotas());
    let (busy, other) = (scene.caller(Role::Viewer).await, scene.caller(Role::Viewer).await);
    for left in (0..100).rev() {
        let limited = scene.auth.admit(&busy).await.expect("admitted").expect("a limit");
        assert_eq!(limited.admission.remaining, left);
    }
    let refused = scene.auth.admit(&busy).await.expect_err("too many");
    assert_eq!(refused.0.admission.retry_after, TimeDelta::milliseconds(600));
    scene.auth.admit(&other).await.expect("another user");
}

#[tokio::test]
async fn guessing_tokens_is_limited() {
    let scene = Scene::with_quotas(quotas());
    let mut answers = Vec::new();
    for guess in 0..12 {
        let token = format!("ipt_{guess:064}");
        answers.push(matches!(
            scene.auth.authenticate(&token, Some("192.0.2.1")).await,
            Err(AuthError::Rule(AuthRule::Throttled(_)))
        ));
    }
    assert_eq!(answers.iter().filter(|is_throttled| **is_throttled).count(), 2);
    let refresh = scene.auth.refresh(&format!("ipr_{:064}", 0), from("192.0.2.1")).await;
    assert!(matches!(refresh, Err(AuthError::Rule(AuthRule::Throttled(_)))), "{refresh:?}");
}
