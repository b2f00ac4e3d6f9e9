//! Things with every field filled to its limit, with what is easily lost on the way to a database and back.

mod work;

use std::collections::BTreeMap;

use incident_domain::{identity::{ApiToken, PasswordHash, RefreshToken, Revocation, RevocationReason, Role, Session, Spending, TokenHash, User}, incidents::{EntryHash, ExternalReference, HoldReason, Impact, Incident, IncidentId, IncidentNumber, IncidentRecord, Labels, Priority, Resolution, ResolutionCode, Status, Urgency}, kernel::{Action, ActionId, Actor, ApiTokenId, Audience, Description, Event, EventId, ExternalName, IdempotencyKey, Label, LabelKey, LabelValue, Note, Origin, Outcome, PersonName, RequestFingerprint, SessionId, StoredReply, Title, UserId, Version}};

pub(crate) use work::{category, saved_views, task};

use crate::scene::{Scene, email, idempotency_key, timestamp};

/// Quotes, wildcards, escapes, composed and decomposed accents, right-to-left letters, a family of joined
/// emoji, and the last code point.
const ODD: &str = "'\"`; DROP TABLE incidents; -- %_\\ \\0 $1 ?1 {} é e\u{301} ÄÖÜß İı עברית 漢字 👩‍👩‍👧‍👦 \u{10FFFF}";

/// Exactly so many characters, all of them odd, the last one a space.
fn odd(chars: usize) -> String {
    ODD.chars().cycle().take(chars - 1).chain([' ']).collect()
}

/// The name of another system.
pub(crate) fn external_name(text: &str) -> ExternalName {
    ExternalName::parse(text).expect("a name")
}

/// As many labels as there may be, each as long as it may be.
fn labels() -> Labels {
    let label = |index: usize| {
        let key = format!("{}{index:02}", odd(LabelKey::CHARS_MAX - 2));
        let value = odd(LabelValue::CHARS_MAX);
        (LabelKey::parse(key).expect("a key"), LabelValue::parse(value).expect("a value"))
    };
    let labels: BTreeMap<_, _> = (0..Labels::COUNT_MAX).map(label).collect();
    Labels::parse(labels).expect("as many as may be")
}

/// An incident with every field filled, the numbers as large as they can be, the times at the calendar's
/// edges and to the microsecond.
pub(crate) fn incident(
    scene: &Scene,
    user: UserId,
    original: IncidentId,
    external: Option<ExternalReference>,
) -> Incident {
    let several_lines = format!("line\r\n\tline\n{}", odd(Description::CHARS_MAX - 12));
    Incident::restore(IncidentRecord {
        id: IncidentId::new(scene.uuid()),
        number: IncidentNumber::new(u32::MAX),
        title: Title::parse(odd(Title::CHARS_MAX)).expect("a title"),
        description: Some(Description::parse(several_lines).expect("a description")),
        status: Status::Cancelled,
        hold_reason: Some(HoldReason::AwaitingEvidence),
        priority: Priority::Critical,
        impact: Some(Impact::Low),
        urgency: Some(Urgency::High),
        service: Some(Label::parse(odd(Label::CHARS_MAX)).expect("a service")),
        category: Some(Label::parse(" a category with a space at both ends ").expect("a category")),
        labels: labels(),
        reported_by: Some(user),
        assigned_to: Some(user),
        resolution: Some(Resolution {
            code: ResolutionCode::Duplicate,
            note: Some(Note::parse(odd(Note::CHARS_MAX)).expect("a note")),
        }),
        duplicate_of: Some(original),
        external,
        // The last microsecond before 1970, and the last of the year 9999 (RFC 3339 ends there).
        opened_at: timestamp(-1),
        acknowledged_at: Some(timestamp(0)),
        mitigated_at: Some(timestamp(1)),
        resolved_at: Some(timestamp(1_772_424_306_999_999)),
        closed_at: Some(timestamp(253_402_300_799_999_999)),
        reopen_count: u32::MAX,
        reassignment_count: u32::MAX - 1,
        created_at: timestamp(1_772_424_306_000_000),
        updated_at: timestamp(1_772_424_306_100_000),
        version: Version::new(u32::MAX - 2),
        timeline_length: u32::MAX - 3,
        timeline_hash: hash(0xFF),
        timeline_seal: hash(0x0F),
    })
}

/// A hash with zeros and high bytes in it, told from others by its first byte.
pub(crate) fn hash(first: u8) -> EntryHash {
    let mut bytes = [0x80; 32];
    (bytes[0], bytes[31]) = (first, 0);
    EntryHash::new(bytes)
}

/// A user with every field filled.
pub(crate) fn user(scene: &Scene) -> User {
    User {
        id: UserId::new(scene.uuid()),
        email: email("Ärger.O'Neil+%_@Bücher.Example"),
        name: PersonName::parse(odd(PersonName::CHARS_MAX)).expect("a name"),
        role: Role::Admin,
        is_active: false,
        password_hash: Some(PasswordHash::new("$2b$12$abcdefghijklmnopqrstuu5Lo0g67CiD3M4RpN1BmBb4Crp5w7dbK")),
        created_at: timestamp(-1),
        updated_at: timestamp(253_402_300_799_999_999),
        version: Version::new(u32::MAX),
    }
}

/// A session with every field filled.
pub(crate) fn session(scene: &Scene, user_id: UserId) -> Session {
    Session {
        id: SessionId::new(scene.uuid()),
        user_id,
        user_agent: Some(odd(Session::USER_AGENT_CHARS_MAX)),
        ip: Some("2001:db8:85a3::8a2e:370:7334".to_owned()),
        created_at: timestamp(1),
        last_seen_at: timestamp(1_772_424_305_999_999),
        expires_at: timestamp(253_402_300_799_999_999),
        revocation: Some(Revocation { at: timestamp(1_772_424_306_000_001), because: RevocationReason::SignedOut }),
    }
}

/// A refresh token with every field filled.
pub(crate) fn refresh_token(scene: &Scene, predecessor: &RefreshToken) -> RefreshToken {
    RefreshToken {
        hash: TokenHash::new(*hash(0x00).as_bytes()),
        created_at: timestamp(-1),
        spent: Some((Spending::Superseded, timestamp(253_402_300_799_999_999))),
        ..scene.successor_of(predecessor)
    }
}

/// An API token with every field filled.
pub(crate) fn api_token(scene: &Scene, user_id: UserId) -> ApiToken {
    ApiToken {
        name: Label::parse(odd(Label::CHARS_MAX)).expect("a name"),
        role: Role::Admin,
        hash: TokenHash::new(*hash(0x00).as_bytes()),
        created_at: timestamp(-1),
        expires_at: timestamp(253_402_300_799_999_999),
        last_used_at: Some(timestamp(1)),
        revoked_at: Some(timestamp(1_772_424_306_999_999)),
        ..scene.api_token_of(user_id)
    }
}

/// An audit record for each kind of actor and each outcome, with every other field filled; a request comes from a
/// session or with an API token, never both. A reason that says nothing is one all the same.
pub(crate) fn actions(scene: &Scene) -> Vec<Action> {
    let refused = |because: String| Outcome::Refused { because };
    let outcomes = [Outcome::Done, refused("transition_refused".to_owned()), refused(odd(64)), refused(String::new())];
    let ends = actors(scene).into_iter().flat_map(|actor| outcomes.clone().map(|outcome| (actor.clone(), outcome)));
    let action = |(place, (actor, outcome)): (usize, _)| Action {
        id: ActionId::new(scene.uuid()),
        actor,
        outcome,
        kind: "incident.transition".to_owned(),
        target: odd(200),
        origin: Origin {
            session_id: (place % 2 == 0).then(|| SessionId::new(scene.uuid())),
            api_token_id: (place % 2 == 1).then(|| ApiTokenId::new(scene.uuid())),
            ip: Some("203.0.113.7".to_owned()),
            request_id: Some(odd(64)),
        },
        at: scene.now(),
    };
    ends.enumerate().map(action).collect()
}

/// One of each kind; the user is one that does not exist, as an actor may.
pub(crate) fn actors(scene: &Scene) -> Vec<Actor> {
    let name = ExternalName::parse(odd(ExternalName::CHARS_MAX)).expect("a name");
    let user = Actor::User(UserId::new(scene.uuid()));
    vec![user, Actor::System, Actor::Integration(name.clone()), Actor::Agent(name), Actor::Anonymous]
}

/// An event whose payload is JSON that changes when it is read and written anew: blanks, an order of
/// members that is not the alphabet's, a member named twice, escapes, and a number with a zero at its end.
pub(crate) fn event(scene: &Scene) -> Event {
    Event {
        id: EventId::new(scene.uuid()),
        kind: "incident.opened.v1".to_owned(),
        subject: odd(100),
        audience: Audience::Administrators,
        occurred_at: timestamp(-1),
        payload: format!("{{ \"b\": 1.10,\n\t\"a\":\"\\u00e9é\\/\" , \"b\":null,\"long\":\"{}\"}}", "x".repeat(20_000)),
    }
}

/// Replies with the shortest and the longest key, whose bytes are none, a few that are no text, and every byte very
/// often; with times at the calendar's edges, and with one that has expired before it was given.
pub(crate) fn replies(scene: &Scene, user_id: UserId) -> Vec<StoredReply> {
    let longest: String = (' '..='~').rev().cycle().take(IdempotencyKey::CHARS_MAX).collect();
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(1 << 20).collect();
    let reply = |key: &str, sealed: Vec<u8>, fingerprint: [u8; 32]| StoredReply {
        key: idempotency_key(key),
        fingerprint: RequestFingerprint::new(fingerprint),
        sealed,
        ..scene.reply_to(user_id)
    };
    let (at_the_edges, before_given) = ((-1, 253_402_300_799_999_999), (1_772_424_306_999_999, 1));
    let with_times = |reply: StoredReply, (created_at, expires_at)| StoredReply {
        created_at: timestamp(created_at),
        expires_at: timestamp(expires_at),
        ..reply
    };
    vec![
        with_times(reply("~", Vec::new(), [0; 32]), at_the_edges),
        with_times(reply(&longest, every_byte, *hash(0x00).as_bytes()), before_given),
        reply(" ", vec![0, 0xFF, 0xC3, 0x28, b'\'', 0], [0xFF; 32]),
    ]
}
