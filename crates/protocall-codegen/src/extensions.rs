//! Extensions in the text format that buffa's generator leaves out: scalars, enums, and whatever is
//! repeated. Its `register_types` registers those of one message or group; here the others join.
//!
//! How they are read and written is in `protocall::codec::text::extension`.

use buffa_descriptor::features::{self, MessageEncoding, RepeatedFieldEncoding, ResolvedFeatures};
use buffa_descriptor::generated::descriptor::field_descriptor_proto::{Label, Type};
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, FieldDescriptorProto, FileDescriptorProto,
};
use proc_macro2::TokenStream;
use quote::quote;
use syn::{Item, Stmt};

use crate::error::CodegenError;
use crate::messages::Generated;

/// Registers the extensions that the package's files declare.
pub(crate) fn register(
    items: &mut Vec<Item>,
    package: &str,
    files: &[&FileDescriptorProto],
    generated: &Generated<'_>,
) -> Result<(), CodegenError> {
    let mut entries = Entries { package, generated, statements: Vec::new() };
    for file in files {
        let of_file = features::for_file(file);
        entries.add_all(&file.extension, package, &of_file)?;
        for message in &file.message_type {
            entries.add_message(message, package, &of_file)?;
        }
    }
    if !entries.statements.is_empty() {
        append(items, entries.statements);
    }
    Ok(())
}

struct Entries<'a> {
    package: &'a str,
    generated: &'a Generated<'a>,
    statements: Vec<Stmt>,
}

impl Entries<'_> {
    fn add_message(
        &mut self,
        message: &DescriptorProto,
        scope: &str,
        outer: &ResolvedFeatures,
    ) -> Result<(), CodegenError> {
        let own = features::resolve_child(outer, features::message_features(message));
        let scope = within(scope, message.name.as_deref());
        self.add_all(&message.extension, &scope, &own)?;
        message.nested_type.iter().try_for_each(|nested| self.add_message(nested, &scope, &own))
    }

    fn add_all(
        &mut self,
        fields: &[FieldDescriptorProto],
        scope: &str,
        outer: &ResolvedFeatures,
    ) -> Result<(), CodegenError> {
        for field in fields {
            let own = features::resolve_child(outer, features::field_features(field));
            if let Some(codec) = self.codec(field, &own)? {
                self.statements.push(entry(field, scope, &codec, &own));
            }
        }
        Ok(())
    }

    /// The codec of one value; `None` for what buffa registers.
    fn codec(
        &self,
        field: &FieldDescriptorProto,
        own: &ResolvedFeatures,
    ) -> Result<Option<TokenStream>, CodegenError> {
        let Some(kind) = field.r#type else { return Ok(None) };
        if let Some(name) = scalar(kind) {
            let name = quote::format_ident!("{name}");
            return Ok(Some(quote!(::buffa::extension::codecs::#name)));
        }
        let name = field.type_name.as_deref().unwrap_or_default();
        let path = || self.generated.path_inside(name, self.package);
        Ok(match kind {
            Type::TYPE_ENUM => {
                let (path, closed) = (path()?, self.generated.is_closed(name));
                Some(quote!(::protocall::codec::text::extension::Enum<#path, #closed>))
            }
            Type::TYPE_MESSAGE
                if is_repeated(field) && own.message_encoding != MessageEncoding::Delimited =>
            {
                let path = path()?;
                Some(quote!(::buffa::extension::codecs::MessageCodec<#path>))
            }
            _ => None,
        })
    }
}

/// The statement that registers an extension.
fn entry(
    field: &FieldDescriptorProto,
    scope: &str,
    codec: &TokenStream,
    own: &ResolvedFeatures,
) -> Stmt {
    let full_name = within(scope, field.name.as_deref());
    let extendee = field.extendee.as_deref().unwrap_or_default().trim_start_matches('.');
    let number = field.number.and_then(|number| u32::try_from(number).ok()).unwrap_or_default();
    let functions = quote!(::protocall::codec::text::extension);
    let (encode, merge) = if is_repeated(field) {
        let list = if is_packed(field, own) { quote!(PackedRepeated) } else { quote!(Repeated) };
        let both = quote!(::buffa::extension::codecs::#list<#codec>, #codec);
        (
            quote! {
                |number, fields, encoder| {
                    #functions::encode_all::<#both>(#full_name, number, fields, encoder)
                }
            },
            quote!(#functions::merge_all::<#both>),
        )
    } else {
        (quote!(#functions::encode_one::<#codec>), quote!(#functions::merge_one::<#codec>))
    };
    syn::parse_quote! {
        reg.register_text_ext(::buffa::type_registry::TextExtEntry {
            number: #number,
            full_name: #full_name,
            extendee: #extendee,
            text_encode: #encode,
            text_merge: #merge,
        });
    }
}

/// Adds statements to buffa's function, or that function.
fn append(items: &mut Vec<Item>, statements: Vec<Stmt>) {
    let hidden = items.iter_mut().find_map(|item| match item {
        Item::Mod(syn::ItemMod { ident, content: Some((_, inner)), .. }) if ident == "__buffa" => {
            Some(inner)
        }
        _ => None,
    });
    // the constants of the extensions are in it
    let Some(hidden) = hidden else { return };
    let function = hidden.iter_mut().find_map(|item| match item {
        Item::Fn(function) if function.sig.ident == "register_types" => Some(function),
        _ => None,
    });
    if let Some(function) = function {
        function.block.stmts.extend(statements);
        return;
    }
    hidden.push(syn::parse_quote! {
        /// Register this package's `Any` type entries and extension entries.
        pub fn register_types(reg: &mut ::buffa::type_registry::TypeRegistry) {
            #(#statements)*
        }
    });
    items.push(syn::parse_quote! {
        #[doc(inline)]
        pub use self::__buffa::register_types;
    });
}

fn within(scope: &str, name: Option<&str>) -> String {
    let name = name.unwrap_or_default();
    if scope.is_empty() { name.to_owned() } else { format!("{scope}.{name}") }
}

fn is_repeated(field: &FieldDescriptorProto) -> bool {
    field.label == Some(Label::LABEL_REPEATED)
}

fn is_packed(field: &FieldDescriptorProto, own: &ResolvedFeatures) -> bool {
    let packable = !matches!(
        field.r#type,
        Some(Type::TYPE_STRING | Type::TYPE_BYTES | Type::TYPE_MESSAGE | Type::TYPE_GROUP)
    );
    let said = field.options.as_option().and_then(|options| options.packed);
    packable && said.unwrap_or(own.repeated_field_encoding == RepeatedFieldEncoding::Packed)
}

/// buffa's name of a scalar type's codec.
fn scalar(kind: Type) -> Option<&'static str> {
    Some(match kind {
        Type::TYPE_INT32 => "Int32",
        Type::TYPE_INT64 => "Int64",
        Type::TYPE_UINT32 => "Uint32",
        Type::TYPE_UINT64 => "Uint64",
        Type::TYPE_SINT32 => "Sint32",
        Type::TYPE_SINT64 => "Sint64",
        Type::TYPE_FIXED32 => "Fixed32",
        Type::TYPE_FIXED64 => "Fixed64",
        Type::TYPE_SFIXED32 => "Sfixed32",
        Type::TYPE_SFIXED64 => "Sfixed64",
        Type::TYPE_FLOAT => "Float",
        Type::TYPE_DOUBLE => "Double",
        Type::TYPE_BOOL => "Bool",
        Type::TYPE_STRING => "StringCodec",
        Type::TYPE_BYTES => "BytesCodec",
        Type::TYPE_ENUM | Type::TYPE_MESSAGE | Type::TYPE_GROUP => return None,
    })
}
