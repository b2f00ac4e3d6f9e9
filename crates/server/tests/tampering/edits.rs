//! Changes of one entry.

use chrono::TimeDelta;
use fastrand::Rng;
use incident_domain::{incidents::EntryKind, kernel::Note};

use crate::{
    database::{optional, text},
    intruder::Target,
    random::{flip, one_of, uuid},
};

impl Target<'_> {
    fn set(&self, assignments: &str) -> String {
        format!("UPDATE timeline_entries SET {assignments} WHERE id = {}", self.dialect.id(self.entry.id.as_uuid()))
    }

    pub(crate) fn edit_id(&self, rng: &mut Rng) -> String {
        self.set(&format!("id = {}", self.dialect.id(uuid(rng))))
    }

    /// Moves an entry to the end of another timeline.
    pub(crate) fn edit_incident(&self) -> String {
        let other = self.dialect.id(self.other.incident.id.as_uuid());
        self.set(&format!("incident_id = {other}, sequence = {}", self.other.entries.len() + 1))
    }

    pub(crate) fn edit_sequence(&self, rng: &mut Rng) -> String {
        self.set(&format!("sequence = {}", self.length() as usize + rng.usize(1..10)))
    }

    pub(crate) fn edit_kind(&self, rng: &mut Rng) -> String {
        let names = EntryKind::ALL.iter().map(|kind| kind.as_str()).chain(["", "nonsense"]);
        let others: Vec<&str> = names.filter(|name| *name != self.entry.kind().as_str()).collect();
        self.set(&format!("kind = {}", text(one_of(rng, &others))))
    }

    pub(crate) fn edit_actor_kind(&self, rng: &mut Rng) -> String {
        let names = ["user", "system", "integration", "agent", "anonymous", "", "nonsense"];
        let others: Vec<&str> = names.into_iter().filter(|name| *name != self.entry.actor.kind()).collect();
        self.set(&format!("actor_kind = {}", text(one_of(rng, &others))))
    }

    pub(crate) fn edit_actor_reference(&self, rng: &mut Rng) -> String {
        let other_user = uuid(rng).to_string();
        let references = [None, Some("mallory"), Some(""), Some(other_user.as_str())];
        let known = self.entry.actor.reference();
        let others: Vec<_> = references.into_iter().filter(|reference| *reference != known.as_deref()).collect();
        self.set(&format!("actor_reference = {}", optional(one_of(rng, &others))))
    }

    pub(crate) fn edit_time(&self, rng: &mut Rng) -> String {
        let microseconds = i64::try_from(rng.usize(1..1_000_000_000_000)).expect("days");
        let steps = [1, -1, microseconds, -microseconds];
        let time = self.entry.at + TimeDelta::microseconds(one_of(rng, &steps));
        self.set(&format!("at = {}", self.dialect.time(time)))
    }

    pub(crate) fn edit_message(&self, rng: &mut Rng) -> String {
        let known = self.entry.message.as_ref().map(Note::as_str);
        let longer = format!("{}!", known.unwrap_or_default());
        let messages = [None, Some("nothing happened"), Some(""), Some(longer.as_str())];
        let others: Vec<_> = messages.into_iter().filter(|message| *message != known).collect();
        self.set(&format!("message = {}", optional(one_of(rng, &others))))
    }

    /// Changes a value, adds or removes a name, or writes another JSON type.
    pub(crate) fn edit_details(&self, rng: &mut Rng) -> String {
        let known: Vec<(&str, String)> = self.entry.details.fields();
        let mut variants = vec!["[]".to_owned(), "null".to_owned(), "7".to_owned()];
        let mut more = known.clone();
        more.push(("note", "an added note".to_owned()));
        variants.push(object(&more));
        for place in 0..known.len() {
            let mut fewer = known.clone();
            fewer.remove(place);
            variants.push(object(&fewer));
            for value in ["low", "closed", "open", "nothing much", &uuid(rng).to_string()] {
                let mut other = known.clone();
                value.clone_into(&mut other[place].1);
                variants.push(object(&other));
            }
        }
        let before = object(&known);
        variants.retain(|variant| *variant != before);
        self.set(&format!("details = {}", self.dialect.json(&one_of(rng, &variants))))
    }

    pub(crate) fn edit_hash(&self, rng: &mut Rng) -> String {
        let flipped = flip(rng, self.entry.hash.as_bytes());
        let others = [&flipped[..], &flipped[..31], &[0; 32], &[]];
        self.set(&format!("hash = {}", self.dialect.bytes(one_of(rng, &others))))
    }

    /// Writes a value that the column never contains.
    pub(crate) fn write_invalid_value(&self, rng: &mut Rng) -> String {
        let nonsense = [
            "at = 'yesterday'",
            "at = 7",
            "sequence = 'first'",
            "sequence = -1",
            "sequence = 1.5",
            "kind = X'ff'",
            "message = X'ff'",
            "actor_reference = X'ff00'",
            "details = 'no json'",
            "details = X'ff'",
            "hash = 'a text that is as long as a hash'",
            "hash = 7",
        ];
        self.set(one_of(rng, &nonsense))
    }
}

fn object(fields: &[(&str, String)]) -> String {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), serde_json::Value::String(value.clone())));
    serde_json::Value::Object(fields.collect()).to_string()
}
