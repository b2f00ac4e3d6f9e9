//! The documents that list all settings, made from their declarations.

use std::fmt::Write;

use super::{
    declaration::{DefaultValue, Setting},
    kinds::Secrecy,
    settings::SETTINGS,
};

const EXAMPLE_HEAD: &str = "\
# Every setting of incident-server with its default, or with an example if it has none.
#
# Copy this file to .env and remove the # in front of the settings that you change. The environment and flags
# (--set NAME=VALUE) override .env. A variable with an empty value counts as not set.
# incident-server config check prints the values in force, without secrets.
#
# Made by: just settings
";

const REFERENCE_HEAD: &str = "\
<!-- Made from crates/server/src/config/settings.rs by `just settings`. -->

# Settings

The value of a setting comes from the last of these sources that sets it:

1. the default in the tables below;
2. a TOML file: `incident-server.toml` in the working directory if it exists, or the file that `--config` names. Names may
   be in lower case, such as `api_port = 8080`; a name that does not exist is an error;
3. `.env` in the working directory;
4. the environment;
5. flags: `--set NAME=VALUE` for any setting, and those of single commands, such as `--port`.

Variables with an empty value count as not set. `incident-server config check` checks all settings and prints the values in
force, without secrets. `incident-server config example` prints a `.env` file with all settings.

Settings marked as secret are never printed, and `--set` refuses them, because other users of the machine can read the
command line. It also refuses URLs that contain a password.
";

/// Returns the text of `.env.example`, without the last line break.
pub(crate) fn env_example() -> String {
    let mut text = EXAMPLE_HEAD.to_owned();
    for group in groups() {
        let _ = write!(text, "\n# --- {} {}\n", group[0].group, "-".repeat(90 - group[0].group.len()));
        for setting in group {
            let (note, value) = match setting.default {
                DefaultValue::Text(value) => (String::new(), value),
                DefaultValue::Computed(_, described) => (format!("# Default: {described}.\n"), ""),
                DefaultValue::Unset(example) => ("# Not set by default.\n".to_owned(), example),
            };
            let documentation = setting.documentation.join("\n#");
            let (name, allowed) = (setting.name, allowed(setting));
            let _ = write!(text, "\n#{documentation}\n# Allowed: {allowed}.\n{note}#{name}={value}\n");
        }
    }
    text.trim_end().to_owned()
}

/// Returns the text of `docs/settings.md`, without the last line break.
pub(crate) fn reference() -> String {
    let mut text = REFERENCE_HEAD.to_owned();
    for group in groups() {
        let _ = write!(text, "\n## {}\n\n| setting | default | allowed | |\n|---|---|---|---|\n", group[0].group);
        for setting in group {
            let default = match setting.default {
                DefaultValue::Text(value) => format!("`{value}`"),
                DefaultValue::Computed(_, described) => described.to_owned(),
                DefaultValue::Unset(_) => "not set".to_owned(),
            };
            let documentation = setting.documentation.concat();
            let secret = if setting.secrecy == Secrecy::Secret { " Secret." } else { "" };
            let _ = writeln!(
                text,
                "| `{}` | {default} | {} | {}{secret} |",
                setting.name,
                allowed(setting),
                documentation.trim()
            );
        }
    }
    text.trim_end().to_owned()
}

/// Returns the settings of each group.
fn groups() -> impl Iterator<Item = &'static [Setting]> {
    SETTINGS.chunk_by(|one, next| one.group == next.group)
}

/// Returns what is allowed, with the unit of numbers.
fn allowed(setting: &Setting) -> String {
    let Setting { allowed, unit, .. } = setting;
    if unit.is_empty() { allowed.clone() } else { format!("{allowed} ({unit})") }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::config::{Config, Layers};

    #[test]
    fn every_setting_has_a_name_of_its_own() {
        let names: HashSet<&str> = SETTINGS.iter().map(|setting| setting.name).collect();
        assert_eq!(names.len(), SETTINGS.len());
    }

    #[test]
    fn every_default_and_every_example_is_allowed() {
        assert!(Config::from_layers(&Layers::default()).is_ok(), "the defaults");
        let with_examples = SETTINGS.iter().fold(Layers::default(), |layers, setting| match setting.default {
            DefaultValue::Unset(example) => layers.with_flag(setting.name, example),
            DefaultValue::Text(_) | DefaultValue::Computed(..) => layers,
        });
        let config = Config::from_layers(&with_examples).expect("the examples");
        assert!(config.redis_url.is_some(), "an example was not applied");
    }
}
