//! What kind of work a task is.

use crate::kernel::{
    Label, Record, RecordId as _, RecordKind, TextError, Timestamp, UniqueKey, UniqueValue, Version, Versioned,
    id::identifier,
};

identifier!(
    /// Identifies a [`Category`].
    CategoryId, "category"
);

/// A category's name, kept as written and compared without case.
#[derive(Clone, Debug)]
pub struct CategoryName {
    written: Label,
    key: String,
}

impl CategoryName {
    /// Takes a name of one line, up to [`Label::CHARS_MAX`] characters.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        let written = Label::parse(text)?;
        let key = written.as_str().to_lowercase();
        Ok(Self { written, key })
    }

    /// The name as it was written.
    pub fn as_str(&self) -> &str {
        self.written.as_str()
    }

    /// The form in which names are compared, ordered and unique: lower case.
    pub fn key(&self) -> &str {
        &self.key
    }
}

impl PartialEq for CategoryName {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for CategoryName {}

impl std::fmt::Display for CategoryName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A kind of work that tasks can be of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its identifier.
    pub id: CategoryId,
    /// Its name, unique without case.
    pub name: CategoryName,
    /// When it was first named.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// Counts its changes.
    pub version: Version,
}

impl Category {
    /// Names are unique without case.
    pub const NAME: UniqueKey = UniqueKey::new("category name");

    /// The category under this name, and one version further if it is written differently.
    #[must_use]
    pub fn renamed(&self, name: CategoryName, at: Timestamp) -> Self {
        if name.as_str() == self.name.as_str() {
            return self.clone();
        }
        Self { name, updated_at: at, version: self.version.next(), ..self.clone() }
    }
}

impl Record for Category {
    type Id = CategoryId;
    const KIND: RecordKind = CategoryId::KIND;

    fn id(&self) -> CategoryId {
        self.id
    }

    fn unique_values(&self) -> Vec<UniqueValue> {
        vec![UniqueValue::new(Self::NAME, [self.name.key().as_bytes()])]
    }
}

impl Versioned for Category {
    fn version(&self) -> Version {
        self.version
    }
}
