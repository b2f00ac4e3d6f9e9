//! Categories of tasks.

use crate::kernel::{
    Label, Listed, Record, RecordId as _, RecordKind, SortKey, SortPosition, TextError, Timestamp, UniqueKey,
    UniqueValue, Version, Versioned, id::identifier,
};

identifier!(
    /// Identifies a [`Category`].
    CategoryId, "category"
);

/// The name of a category, kept as written and compared without case.
#[derive(Clone, Debug)]
pub struct CategoryName {
    written: Label,
    key: String,
}

impl CategoryName {
    /// Parses a name of one line, up to [`Label::CHARS_MAX`] characters.
    pub fn parse(text: impl Into<String>) -> Result<Self, TextError> {
        Ok(Self::of(Label::parse(text)?))
    }

    /// Takes a name as it was stored: see [`Label::stored`].
    pub fn stored(text: impl Into<String>) -> Result<Self, TextError> {
        Ok(Self::of(Label::stored(text)?))
    }

    fn of(written: Label) -> Self {
        let key = written.as_str().to_lowercase();
        Self { written, key }
    }

    /// Returns the name as it was written.
    pub fn as_str(&self) -> &str {
        self.written.as_str()
    }

    /// Returns the lower-case form, by which names are compared, sorted and unique.
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

/// A category of tasks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Category {
    /// The identifier.
    pub id: CategoryId,
    /// The name, unique without case.
    pub name: CategoryName,
    /// The time of creation.
    pub created_at: Timestamp,
    /// The time of the last change.
    pub updated_at: Timestamp,
    /// The version.
    pub version: Version,
}

impl Category {
    /// The unique key: the name without case.
    pub const NAME: UniqueKey = UniqueKey::new("category name");

    /// Returns the category with this name, and with the next version if its spelling differs.
    #[must_use]
    pub fn renamed(&self, name: CategoryName, at: Timestamp) -> Self {
        if name.as_str() == self.name.as_str() {
            return self.clone();
        }
        Self { name, updated_at: at.max(self.updated_at), version: self.version.next(), ..self.clone() }
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

/// All categories, by name without case.
impl Listed for Category {
    type Filter = ();
    type SortKey = CategorySortKey;

    fn matches(&self, _filter: &()) -> bool {
        true
    }
}

/// The key by which categories are sorted: [`CategoryName::key`], by code points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CategorySortKey;

impl SortKey for CategorySortKey {
    type Item = Category;

    fn position_of(self, category: &Category) -> SortPosition {
        SortPosition::Text(category.name.key().to_owned())
    }

    fn has(self, position: &SortPosition) -> bool {
        matches!(position, SortPosition::Text(_))
    }
}

impl Versioned for Category {
    fn version(&self) -> Version {
        self.version
    }
}
