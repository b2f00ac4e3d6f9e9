//! Rows as lists of values, which is how the committer holds them.

use sea_orm::{
    ActiveModelTrait, DeriveRelation, EntityTrait, EnumIter, IdenStatic, IntoActiveModel, Iterable, ModelTrait,
    PrimaryKeyToColumn, PrimaryKeyTrait, Value,
};

/// The values of a row.
pub(crate) type Values = Vec<Value>;

/// A row that can be taken apart.
pub(crate) trait Row: ModelTrait {
    /// Returns the values of the columns that an insert fills, in the order of [`inserted_columns`].
    fn into_inserted(self) -> Values;

    /// Returns the values of an update: of every column but the identifier, then the identifier. There is room for two
    /// more, which the update compares.
    fn into_updated(self) -> Values;
}

impl<M> Row for M
where
    M: ModelTrait + IntoActiveModel<<M::Entity as EntityTrait>::ActiveModel>,
{
    fn into_inserted(self) -> Values {
        let mut row = self.into_active_model();
        let mut values = Vec::with_capacity(<M::Entity as EntityTrait>::Column::iter().len());
        values.extend(filled::<M::Entity>().filter_map(|column| row.take(column).into_value()));
        values
    }

    fn into_updated(self) -> Values {
        let mut row = self.into_active_model();
        let mut values = Vec::with_capacity(<M::Entity as EntityTrait>::Column::iter().len() + 2);
        let mut add = |column| values.extend(row.take(column).into_value());
        filled::<M::Entity>().filter(|column| !is_key::<M::Entity>(*column)).for_each(&mut add);
        <M::Entity as EntityTrait>::PrimaryKey::iter().for_each(|key| add(key.into_column()));
        values
    }
}

/// Returns the names of the columns that an insert fills: all but one that the database fills by itself.
pub(crate) fn inserted_columns<E: EntityTrait>() -> Vec<&'static str> {
    filled::<E>().map(|column| column.as_str()).collect()
}

fn filled<E: EntityTrait>() -> impl Iterator<Item = E::Column> {
    E::Column::iter().filter(|column| !(E::PrimaryKey::auto_increment() && is_key::<E>(*column)))
}

fn is_key<E: EntityTrait>(column: E::Column) -> bool {
    E::PrimaryKey::iter().any(|key| key.into_column().as_str() == column.as_str())
}

/// The relations of an entity that no query joins with another one.
#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum NoRelation {}
