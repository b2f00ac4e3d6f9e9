//! The applied steps, compared with the steps of this release.

use std::path::PathBuf;

/// One step of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Its name. Names sort in the order of the steps.
    pub name: String,
    /// Whether it is applied to the database.
    pub applied: bool,
}

/// The schema of a database, compared with the one of this release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaState {
    /// It is the same.
    Current,
    /// There is no database: the SQLite file does not exist. [`up`](crate::up) creates it.
    Missing {
        /// The file, as the URL names it.
        file: PathBuf,
    },
    /// Steps are missing: run [`up`](crate::up).
    Behind {
        /// The missing steps, in order.
        pending: Vec<String>,
    },
    /// A later release has migrated the database. That release must be used.
    Ahead {
        /// The steps that this release does not know, in order.
        unknown: Vec<String>,
    },
}

impl SchemaState {
    /// Compares names of steps. A database with unknown steps is ahead even if known ones are missing, since only the
    /// later release knows what to do.
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
    fn a_schema_with_unknown_steps_is_ahead_even_if_it_lacks_others() {
        let state = SchemaState::compare(&names(&["a", "b"]), &names(&["a", "z"]));
        assert_eq!(state, SchemaState::Ahead { unknown: names(&["z"]) });
    }
}
