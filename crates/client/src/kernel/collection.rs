//! The operations that most resources have in common.
//!
//! A resource states its path and, by small traits, what can be done with it ([`resource!`]). [`Collection`] does the rest.

use std::{fmt::Display, marker::PhantomData};

use futures::Stream;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{
    call::Expected,
    client::Client,
    error::ClientError,
    fields::Fields,
    page::Page,
    transport::{Path, Transport},
};

/// Records of one type that the API serves below one path.
pub trait Resource: DeserializeOwned + Send + 'static {
    /// The segments of the path below `/api/v1`.
    const PATH: &'static [&'static str];
}

/// A resource of which single records can be read.
pub trait Read: Resource {}

/// A resource whose records can be created.
pub trait Create: Resource {
    /// The body of the request.
    type New: Serialize + Sync;
    /// The body of the response.
    type Created: DeserializeOwned;
}

/// A resource whose records can be changed.
pub trait Update: Resource {
    /// The body of the request.
    type Patch: Serialize + Sync;
}

/// A resource whose records can be deleted.
pub trait Delete: Resource {}

/// A resource whose records can be listed.
pub trait List: Resource {}

/// A resource whose list takes conditions and an order.
pub trait Filtered: Resource {
    /// The conditions, joined by "and"; the default is the whole list.
    type Filter: AsRef<Fields>;
}

impl<T: Filtered> List for T {}

/// All records of one type. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Collection<T> {
    pub(crate) transport: Transport,
    record: PhantomData<fn() -> T>,
}

impl Client {
    pub(crate) fn collection<T: Resource>(&self) -> Collection<T> {
        Collection { transport: self.transport().clone(), record: PhantomData }
    }
}

impl<T: Resource> Collection<T> {
    pub(crate) fn path(below: &[&str]) -> Path {
        T::PATH.iter().chain(below).map(|segment| (*segment).to_owned()).collect()
    }

    /// Returns the path of one record, or of what is below it.
    pub(crate) fn item(id: impl Display, below: &[&str]) -> Path {
        Self::path(&[&[id.to_string().as_str()], below].concat())
    }
}

impl<T: Create> Collection<T> {
    /// Creates a record.
    pub async fn create(&self, new: &T::New) -> Result<T::Created, ClientError> {
        self.transport.post(&Self::path(&[]), new).await
    }
}

impl<T: Read> Collection<T> {
    /// Returns one record.
    pub async fn get(&self, id: impl Display) -> Result<T, ClientError> {
        self.transport.get(&Self::item(id, &[]), &Fields::default()).await
    }
}

impl<T: Update> Collection<T> {
    /// Changes a record: all that the patch names, or nothing.
    pub async fn patch(&self, id: impl Display, patch: &T::Patch, expected: Expected) -> Result<T, ClientError> {
        self.transport.patch(&Self::item(id, &[]), patch, expected).await
    }
}

impl<T: Delete> Collection<T> {
    /// Deletes a record.
    pub async fn delete(&self, id: impl Display, expected: Expected) -> Result<(), ClientError> {
        self.transport.delete(&Self::item(id, &[]), expected).await
    }
}

impl<T: List> Collection<T> {
    /// Streams the whole list in its default order. Each page is fetched when it is needed.
    pub fn all(&self) -> impl Stream<Item = Result<T, ClientError>> + use<T> {
        self.transport.items(Self::path(&[]), Fields::default())
    }
}

impl<T: Filtered> Collection<T> {
    /// Streams the records that fulfil a filter, the newest first unless it says otherwise. Each page is fetched when it
    /// is needed.
    pub fn list(&self, filter: &T::Filter) -> impl Stream<Item = Result<T, ClientError>> + use<T> {
        self.transport.items(Self::path(&[]), filter.as_ref().clone())
    }

    /// Streams the same list, but of each record only these members and its `id`.
    pub fn list_fields(
        &self,
        filter: &T::Filter,
        fields: &[&str],
    ) -> impl Stream<Item = Result<Map<String, Value>, ClientError>> + use<T> {
        self.transport.items(Self::path(&[]), filter.as_ref().clone().with("fields", fields))
    }

    /// Returns one page, from 1, of the records that fulfil a filter, with their total number.
    pub async fn page(&self, filter: &T::Filter, page: u32) -> Result<Page<T>, ClientError> {
        self.transport.get(&Self::path(&[]), &filter.as_ref().clone().with("page", page)).await
    }
}

/// Declares a resource: the type of its collection, the accessor on [`Client`], its path and what can be done with it.
macro_rules! resource {
    (
        $(#[$doc:meta])*
        $accessor:ident() -> $collection:ident of $record:ident at $path:expr;
        $($capability:ident { $($member:ident = $type:ty),* })*
    ) => {
        $(#[$doc])*
        pub type $collection = $crate::kernel::collection::Collection<$record>;

        impl $crate::kernel::collection::Resource for $record {
            const PATH: &'static [&'static str] = &$path;
        }

        $(impl $crate::kernel::collection::$capability for $record {
            $(type $member = $type;)*
        })*

        impl $crate::kernel::client::Client {
            $(#[$doc])*
            pub fn $accessor(&self) -> $collection {
                self.collection()
            }
        }
    };
}

pub(crate) use resource;
