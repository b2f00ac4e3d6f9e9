//! Files that have their name only when they are complete and on the disk: a process that is killed or a full disk leaves
//! no half of a file that a later start would take for the whole.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use tempfile::NamedTempFile;

/// A file that is being written beside its later name. Only its owner can read it. It is removed if it is dropped.
pub(crate) struct NewFile {
    unfinished: NamedTempFile,
    path: PathBuf,
}

impl NewFile {
    /// Begins a file. Fails if there is one of this name.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        if path.symlink_metadata().is_ok() {
            anyhow::bail!("{} exists already", path.display());
        }
        let path = std::path::absolute(path)?;
        let folder = path.parent().unwrap_or(&path);
        let unfinished = tempfile::Builder::new().prefix(".new-").suffix(".unfinished").tempfile_in(folder);
        Ok(Self { unfinished: unfinished.with_context(|| format!("cannot create {}", path.display()))?, path })
    }

    /// Gives the file its name, after all of it is on the disk.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        let Self { unfinished, path } = self;
        let cannot_write = || format!("cannot write {}", path.display());
        unfinished.as_file().sync_all().with_context(cannot_write)?;
        let named = unfinished.persist_noclobber(&path);
        named.map_err(|refusal| refusal.error).with_context(cannot_write)?;
        if cfg!(unix) {
            let folder = path.parent().unwrap_or(&path);
            File::open(folder).and_then(|folder| folder.sync_all()).with_context(cannot_write)?;
        }
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.unfinished.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.unfinished.flush()
    }
}
