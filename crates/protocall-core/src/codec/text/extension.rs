//! Extensions of scalar and enum types, and repeated ones, in the text format. buffa knows those of
//! one message or group; generated code registers the others with the functions here.
//!
//! A message keeps its extensions as unknown fields, so that is what values are read into and
//! written from. How values look as bytes is buffa's, in its codecs of extensions.

use std::fmt;
use std::marker::PhantomData;

use buffa::extension::ExtensionCodec;
use buffa::extension::codecs::{self, EnumI32, MessageCodec, PackableCodec, SingularCodec};
use buffa::text::{ParseError, TextDecoder, TextEncoder, TextFormat};
use buffa::{EncodeError, Enumeration, Message, UnknownField, UnknownFieldData, UnknownFields};

/// An extension's type, one value of which can be read from text and written.
pub trait TextCodec: SingularCodec {
    /// Reads a value.
    ///
    /// # Errors
    /// [`ParseError`] for what is none of the type's.
    fn read(decoder: &mut TextDecoder<'_>) -> Result<Self::Value, ParseError>;

    /// Writes a value, behind the extension's name.
    ///
    /// # Errors
    /// Those of what is written to.
    fn write(value: &Self::Value, encoder: &mut TextEncoder<'_>) -> fmt::Result;
}

macro_rules! scalars {
    ($($codec:ident: $read:ident, $write:ident;)*) => {$(
        impl TextCodec for codecs::$codec {
            fn read(decoder: &mut TextDecoder<'_>) -> Result<Self::Value, ParseError> {
                decoder.$read().map(Into::into)
            }

            fn write(value: &Self::Value, encoder: &mut TextEncoder<'_>) -> fmt::Result {
                encoder.$write(scalars!(@ $codec value))
            }
        }
    )*};
    (@ StringCodec $value:ident) => { $value };
    (@ BytesCodec $value:ident) => { $value };
    (@ $codec:ident $value:ident) => { *$value };
}

scalars! {
    Int32: read_i32, write_i32;
    Int64: read_i64, write_i64;
    Uint32: read_u32, write_u32;
    Uint64: read_u64, write_u64;
    Sint32: read_i32, write_i32;
    Sint64: read_i64, write_i64;
    Fixed32: read_u32, write_u32;
    Fixed64: read_u64, write_u64;
    Sfixed32: read_i32, write_i32;
    Sfixed64: read_i64, write_i64;
    Float: read_f32, write_f32;
    Double: read_f64, write_f64;
    Bool: read_bool, write_bool;
    StringCodec: read_string, write_string;
    BytesCodec: read_bytes, write_bytes;
}

impl<M: Message + TextFormat + Default> TextCodec for MessageCodec<M> {
    fn read(decoder: &mut TextDecoder<'_>) -> Result<M, ParseError> {
        let mut message = M::default();
        decoder.merge_message(&mut message)?;
        Ok(message)
    }

    fn write(value: &M, encoder: &mut TextEncoder<'_>) -> fmt::Result {
        encoder.write_message(value)
    }
}

/// An enum, by its Rust type: buffa's own codec knows the number only. `CLOSED` enums have no
/// numbers but those that are named.
#[derive(Debug)]
pub struct Enum<E, const CLOSED: bool>(PhantomData<fn() -> E>);

impl<E, const CLOSED: bool> SingularCodec for Enum<E, CLOSED> {
    type Value = i32;

    fn decode_one(data: &UnknownFieldData) -> Option<i32> {
        EnumI32::decode_one(data)
    }

    fn decode_packed(bytes: &[u8], out: &mut Vec<i32>) {
        EnumI32::decode_packed(bytes, out);
    }

    fn try_encode_one(value: &i32) -> Result<UnknownFieldData, EncodeError> {
        EnumI32::try_encode_one(value)
    }
}

impl<E, const CLOSED: bool> PackableCodec for Enum<E, CLOSED> {
    fn encode_packed(value: &i32, buf: &mut Vec<u8>) {
        EnumI32::encode_packed(value, buf);
    }
}

impl<E: Enumeration, const CLOSED: bool> TextCodec for Enum<E, CLOSED> {
    fn read(decoder: &mut TextDecoder<'_>) -> Result<i32, ParseError> {
        if CLOSED {
            decoder.read_closed_enum_by_name::<E>().map(|value| value.to_i32())
        } else {
            decoder.read_enum_by_name::<E>()
        }
    }

    fn write(value: &i32, encoder: &mut TextEncoder<'_>) -> fmt::Result {
        match E::from_i32(*value) {
            Some(named) => encoder.write_enum_name(named.proto_name()),
            None => encoder.write_enum_number(*value),
        }
    }
}

/// Writes the value of an extension that has one: the last of those that were read.
///
/// # Errors
/// Those of what is written to.
pub fn encode_one<C: TextCodec>(
    number: u32,
    fields: &UnknownFields,
    encoder: &mut TextEncoder<'_>,
) -> fmt::Result {
    let of_number = fields.iter().filter(|field| field.number == number);
    match of_number.filter_map(|field| C::decode_one(&field.data)).next_back() {
        Some(value) => C::write(&value, encoder),
        // The name is out, and the field is of another wire type: no value that there is.
        None => encoder.write_enum_name("[]"),
    }
}

/// Reads the value of an extension that has one.
///
/// # Errors
/// As [`TextCodec::read`].
pub fn merge_one<C: TextCodec>(
    decoder: &mut TextDecoder<'_>,
    number: u32,
) -> Result<Vec<UnknownField>, ParseError> {
    let value = C::read(decoder)?;
    let data = C::try_encode_one(&value).map_err(|_| decoder.unknown_field())?;
    Ok(vec![UnknownField { number, data }])
}

/// Writes the values of a repeated extension, whose name is out once. `R` is its codec, and `C`
/// that of an element.
///
/// # Errors
/// Those of what is written to.
pub fn encode_all<R, C>(
    name: &str,
    number: u32,
    fields: &UnknownFields,
    encoder: &mut TextEncoder<'_>,
) -> fmt::Result
where
    R: ExtensionCodec<Output = Vec<C::Value>>,
    C: TextCodec,
{
    let values = R::decode(number, fields);
    let Some((first, others)) = values.split_first() else { return encoder.write_enum_name("[]") };
    C::write(first, encoder)?;
    others.iter().try_for_each(|value| {
        encoder.write_extension_name(name)?;
        C::write(value, encoder)
    })
}

/// Reads a value, or a list of values, of a repeated extension.
///
/// # Errors
/// As [`TextCodec::read`].
pub fn merge_all<R, C>(
    decoder: &mut TextDecoder<'_>,
    number: u32,
) -> Result<Vec<UnknownField>, ParseError>
where
    R: ExtensionCodec<Value = Vec<C::Value>>,
    C: TextCodec,
{
    let mut values = Vec::new();
    decoder.read_repeated_into(&mut values, C::read)?;
    let mut fields = UnknownFields::new();
    R::try_encode(number, values, &mut fields).map_err(|_| decoder.unknown_field())?;
    Ok(fields.into_iter().collect())
}
