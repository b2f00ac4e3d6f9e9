//! What is applied, compared with what this release knows.

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name, which sorts by the order of steps.
    pub name: String,
    /// Whether the database has it.
    pub applied: bool,
}

/// How a database's schema compares to the one this release needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// It is the one.
    Current,
    /// Steps are missing: run [`up`](crate::up).
    Behind {
        /// The missing steps, in order.
        pending: Vec<String>,
    },
    /// A later release was here: this one is to be updated.
    Ahead {
        /// The steps this release does not know, in order.
        unknown: Vec<String>,
    },
}

impl SchemaState {
    /// A database that has unknown steps is ahead, even when others are missing: only the later release
    /// knows what to do about it.
    pub(crate) fn compare(known: &[String], applied: &[String]) -> Self {
        let missing_from = |there: &[String], here: &[String]| -> Vec<String> {
            here.iter().filter(|name| !there.contains(name)).cloned().collect()
        };
        let unknown = missing_from(known, applied);
        if !unknown.is_empty() {
            return Self::Ahead { unknown };
        }
        let pending = missing_from(applied, known);
        if pending.is_empty() { Self::Current } else { Self::Behind { pending } }
    }
}

pub(crate) fn steps(known: &[String], applied: &[String]) -> Vec<Step> {
    known.iter().map(|name| Step { name: name.clone(), applied: applied.contains(name) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_schema_with_every_step_is_current() {
        assert_eq!(SchemaState::compare(&names(&["a", "b"]), &names(&["a", "b"])), SchemaState::Current);
    }

    #[test]
    fn a_schema_that_lacks_steps_is_behind() {
        let state = SchemaState::compare(&names(&["a", "b", "c"]), &names(&["a"]));
        assert_eq!(state, SchemaState::Behind { pending: names(&["b", "c"]) });
    }

    #[test]
    fn a_schema_with_unknown_steps_is_ahead_even_when_it_lacks_others() {
        let state = SchemaState::compare(&names(&["a", "b"]), &names(&["a", "z"]));
        assert_eq!(state, SchemaState::Ahead { unknown: names(&["z"]) });
    }
}
