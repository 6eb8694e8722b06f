//! Names of descriptors, which the descriptor types hold as options.

use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, MethodDescriptorProto, OneofDescriptorProto, ServiceDescriptorProto,
};

use crate::error::CodegenError;

/// A descriptor with a name. That it has one is checked before anything is generated.
pub(super) trait Named {
    /// The name; empty where it is missing.
    fn name(&self) -> &str;
}

macro_rules! named {
    ($($descriptor:ty),+) => {$(
        impl Named for $descriptor {
            fn name(&self) -> &str {
                self.name.as_deref().unwrap_or_default()
            }
        }
    )+};
}

named!(
    DescriptorProto,
    EnumDescriptorProto,
    EnumValueDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorProto,
    MethodDescriptorProto,
    OneofDescriptorProto,
    ServiceDescriptorProto
);

/// Refuses a list in which a name is missing.
pub(super) fn all_named<T: Named>(list: &[T], what: &str) -> Result<(), CodegenError> {
    if list.iter().all(|element| !element.name().is_empty()) {
        return Ok(());
    }
    Err(CodegenError::InvalidDescriptor { reason: format!("{what} has no name") })
}
