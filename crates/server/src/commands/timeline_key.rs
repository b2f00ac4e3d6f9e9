//! `timeline-key`: replaces the key that seals timelines.

use std::process::ExitCode;

use incident_application::incidents::KeyChange;

use super::{database, output::print};
use crate::{
    cli::{TimelineKey, TimelineKeyCommand},
    config::Layers,
    timeline_key_health::accepted,
    wiring::timeline_key,
};

pub(super) async fn run(layers: &Layers, arguments: TimelineKey) -> anyhow::Result<ExitCode> {
    let TimelineKey { command: TimelineKeyCommand::Change, data } = arguments;
    let config = database::existing(layers, data.as_deref())?;
    let key = timeline_key(&config)?;
    database::with_adapters(&config, async |adapters| {
        print(match accepted(adapters.timeline_keys(key).change().await)? {
            KeyChange::Added => {
                "the database accepts the new TIMELINE_KEY\n\
                 Keep the replaced key in TIMELINE_KEYS_RETIRED and with the backups: it verifies the timelines that it \
                 sealed."
            }
            KeyChange::AlreadyAdded => "nothing to do: TIMELINE_KEY is a key of this database",
        })
    })
    .await
}
