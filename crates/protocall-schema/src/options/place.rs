//! Puts an options message into the element of a file descriptor that a path names.

use buffa::{Message, MessageField};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};

use crate::build::OptionsKind;

/// Decodes `bytes` as the options of the element at `path` and sets them; false if they are not
/// valid or there is no such element.
pub(super) fn set(
    file: &mut FileDescriptorProto,
    path: &[i32],
    kind: OptionsKind,
    bytes: &[u8],
) -> bool {
    set_in_file(file, path, kind, bytes).is_some()
}

fn set_in_file(
    file: &mut FileDescriptorProto,
    path: &[i32],
    kind: OptionsKind,
    bytes: &[u8],
) -> Option<()> {
    match (path, kind) {
        ([], OptionsKind::File) => assign(&mut file.options, bytes),
        ([4, index, rest @ ..], _) => {
            set_in_message(at(&mut file.message_type, *index)?, rest, kind, bytes)
        }
        ([5, index, rest @ ..], _) => set_in_enum(at(&mut file.enum_type, *index)?, rest, bytes),
        ([6, index], _) => assign(&mut at(&mut file.service, *index)?.options, bytes),
        ([6, index, 2, method], _) => {
            let service = at(&mut file.service, *index)?;
            assign(&mut at(&mut service.method, *method)?.options, bytes)
        }
        ([7, index], _) => set_in_field(at(&mut file.extension, *index)?, bytes),
        _ => None,
    }
}

fn set_in_message(
    message: &mut DescriptorProto,
    mut path: &[i32],
    kind: OptionsKind,
    bytes: &[u8],
) -> Option<()> {
    let mut message = message;
    while let [3, index, rest @ ..] = path {
        message = at(&mut message.nested_type, *index)?;
        path = rest;
    }
    match path {
        [] if kind == OptionsKind::Message => assign(&mut message.options, bytes),
        [2, index] => set_in_field(at(&mut message.field, *index)?, bytes),
        [4, index, rest @ ..] => set_in_enum(at(&mut message.enum_type, *index)?, rest, bytes),
        [5, index] => assign(&mut at(&mut message.extension_range, *index)?.options, bytes),
        [6, index] => set_in_field(at(&mut message.extension, *index)?, bytes),
        [8, index] => assign(&mut at(&mut message.oneof_decl, *index)?.options, bytes),
        _ => None,
    }
}

fn set_in_enum(item: &mut EnumDescriptorProto, path: &[i32], bytes: &[u8]) -> Option<()> {
    match path {
        [] => assign(&mut item.options, bytes),
        [2, index] => assign(&mut at(&mut item.value, *index)?.options, bytes),
        _ => None,
    }
}

fn set_in_field(field: &mut FieldDescriptorProto, bytes: &[u8]) -> Option<()> {
    assign(&mut field.options, bytes)
}

fn at<T>(list: &mut [T], index: i32) -> Option<&mut T> {
    usize::try_from(index).ok().and_then(|index| list.get_mut(index))
}

fn assign<M: Message + Default, P: buffa::ProtoBox<M>>(
    target: &mut MessageField<M, P>,
    bytes: &[u8],
) -> Option<()> {
    *target = MessageField::some(M::decode_from_slice(bytes).ok()?);
    Some(())
}
