//! Header fields: a decoded list as spans in one arena, and a field to be sent.

/// How a field to be sent may be represented (RFC 7541 section 6.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Indexing {
    /// May enter the dynamic table.
    Indexed,
    /// Sent literally, not added to the table.
    #[default]
    Literal,
    /// Sent literally, and no intermediary may index it (secrets).
    Never,
}

/// A field to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Field<'a> {
    /// Name, lowercase.
    pub name: &'a [u8],
    /// Value.
    pub value: &'a [u8],
    /// Representation.
    pub indexing: Indexing,
}

/// Where a decoded field came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Origin {
    /// Spelled out in the block.
    Literal,
    /// Wholly indexed, static table.
    Static(u8),
    /// Wholly indexed, dynamic table; the entry's insertion number.
    Dynamic(u64),
}

/// One decoded field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldRef<'a> {
    /// Name.
    pub name: &'a [u8],
    /// Value.
    pub value: &'a [u8],
    /// Origin.
    pub origin: Origin,
}

/// A decoded header list.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    pub(crate) list: Vec<(Vec<u8>, Vec<u8>, u8)>,
}

impl Fields {
    /// The fields in order.
    pub fn iter(&self) -> impl Iterator<Item = FieldRef<'_>> {
        self.list.iter().map(|(name, value, _)| FieldRef { name, value, origin: Origin::Literal })
    }
    fn find(&self, wanted: &[u8]) -> Option<&[u8]> {
        self.iter().find(|f| f.name == wanted).map(|f| f.value)
    }
    /// `:method`.
    pub fn method(&self) -> Option<&[u8]> {
        self.find(b":method")
    }
    /// `:path`.
    pub fn path(&self) -> Option<&[u8]> {
        self.find(b":path")
    }
    /// `:scheme`.
    pub fn scheme(&self) -> Option<&[u8]> {
        self.find(b":scheme")
    }
    /// `:authority`.
    pub fn authority(&self) -> Option<&[u8]> {
        self.find(b":authority")
    }
    /// `:status`.
    pub fn status(&self) -> Option<&[u8]> {
        self.find(b":status")
    }
}
