//! `import`: imports incidents from a file of another system.

use std::process::ExitCode;

use super::{
    database,
    output::{EXIT_NOTHING_IMPORTED, EXIT_ROWS_SKIPPED},
};
use crate::{
    cli::Import,
    config::Layers,
    import::{self, ImportEnd, servicenow},
    stop_signals::EXIT_INTERRUPTED,
};

pub(super) async fn run(layers: &Layers, command: Import) -> anyhow::Result<ExitCode> {
    let Import::Servicenow { file, date_order, encoding, data } = command;
    // An invalid file is refused before a database is created.
    let file = servicenow::read(&file, &servicenow::Options { date_order, encoding })?;
    if file.log.incidents.is_empty() {
        return import::report_nothing_imported(&file).map(exit_code);
    }
    let config = database::existing_or_new(layers, data.as_deref()).await?;
    let end = database::with_timeline_key(&config, async |adapters, key| {
        import::replay(file, adapters.replay_ports(), key).await
    });
    end.await.map(exit_code)
}

fn exit_code(end: ImportEnd) -> ExitCode {
    match end {
        ImportEnd::All => ExitCode::SUCCESS,
        ImportEnd::Some => ExitCode::from(EXIT_ROWS_SKIPPED),
        ImportEnd::Nothing => ExitCode::from(EXIT_NOTHING_IMPORTED),
        ImportEnd::Interrupted => ExitCode::from(EXIT_INTERRUPTED),
    }
}
