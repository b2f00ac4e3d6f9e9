//! Values at their limits, with what is easily lost on the way to a database and back.

use incident_domain::{
    incidents::EntryHash,
    kernel::{Actor, ExternalName, Timestamp, UserId},
};

use crate::scene::{Scene, timestamp};

/// The last microsecond of the year 9999, where RFC 3339 ends.
const END_US: i64 = 253_402_300_799_999_999;

/// Quotes, wildcards, escapes, composed and decomposed accents, right-to-left letters, a joined emoji and the last
/// code point.
const ODD: &str = "'\"`; DROP TABLE incidents; -- %_\\ \\0 $1 ?1 {} é e\u{301} ÄÖÜß İı עברית 漢字 👩‍👩‍👧‍👦 \u{10FFFF}";

/// Returns exactly so many unusual characters, the last one a space.
pub(crate) fn odd(chars: usize) -> String {
    ODD.chars().cycle().take(chars - 1).chain([' ']).collect()
}

/// Returns a text of several lines with exactly so many characters.
pub(crate) fn odd_lines(chars: usize) -> String {
    let first = "line\r\n\tline\n";
    format!("{first}{}", odd(chars - first.chars().count()))
}

/// Returns the last microsecond before 1970.
pub(crate) fn before_1970() -> Timestamp {
    timestamp(-1)
}

/// Returns the last time of the calendar.
pub(crate) fn end_of_time() -> Timestamp {
    timestamp(END_US)
}

/// Returns the name of another system.
pub(crate) fn external_name(text: &str) -> ExternalName {
    ExternalName::stored(text).expect("a name")
}

/// Returns 32 bytes with zeros and high bytes among them, different for each first byte.
pub(crate) fn bytes(first: u8) -> [u8; 32] {
    let mut bytes = [0x80; 32];
    (bytes[0], bytes[31]) = (first, 0);
    bytes
}

/// Returns such bytes as the hash of a timeline entry.
pub(crate) fn entry_hash(first: u8) -> EntryHash {
    EntryHash::new(bytes(first))
}

/// Returns an actor of each kind; the user is one that does not exist, which an actor may be.
pub(crate) fn actors(scene: &Scene) -> Vec<Actor> {
    let name = ExternalName::stored(odd(ExternalName::CHARS_MAX)).expect("a name");
    let user = Actor::User(UserId::new(scene.uuid()));
    vec![user, Actor::System, Actor::Integration(name.clone()), Actor::Agent(name), Actor::Anonymous]
}
