//! The codec of a service whose messages are not all generated with it: its own, which uses the
//! wire codec for those that are and buffa for the others, such as the well-known types.

use std::collections::BTreeMap;

use buffa_descriptor::generated::descriptor::ServiceDescriptorProto;
use proc_macro2::TokenStream;
use quote::quote;

use super::{Resolver, Service};
use crate::error::CodegenError;
use crate::names::{self, Scope};
use crate::options::{BUFFA, Options, WIRE};

/// The service's messages by their Rust path: whether each is generated here. Empty if one codec
/// fits all.
pub(super) fn types(
    service: &ServiceDescriptorProto,
    resolver: &Resolver<'_>,
    options: &Options,
) -> Result<BTreeMap<String, (TokenStream, bool)>, CodegenError> {
    let mut types = BTreeMap::new();
    if options.codec_path() != WIRE {
        return Ok(types);
    }
    for method in &service.method {
        for name in [&method.input_type, &method.output_type].into_iter().flatten() {
            let path = resolver.message(Some(name))?;
            types.insert(path.to_string(), (path, resolver.is_generated(name)));
        }
    }
    if types.values().all(|(_, generated)| *generated) {
        types.clear();
    }
    Ok(types)
}

/// Gives the service its own codec, if it has messages of both kinds.
pub(super) fn settle(
    service: &mut Service,
    types: &BTreeMap<String, (TokenStream, bool)>,
    scope: &mut Scope,
) -> Result<(), CodegenError> {
    if types.is_empty() {
        return Ok(());
    }
    let name = service.full_name.rsplit('.').next().unwrap_or_default();
    let codec = names::ident(&scope.unique(format!("{name}Codec")))?;
    let implementations = types.values().map(|(message, generated)| {
        let used =
            buffa_codegen::idents::rust_path_to_tokens(if *generated { WIRE } else { BUFFA });
        quote! {
            impl ::protocall::codec::Codec<#message> for #codec {
                fn encode(
                    message: &#message,
                    buffer: &mut ::std::vec::Vec<u8>,
                ) -> ::core::result::Result<(), ::protocall::codec::CodecError> {
                    <#used as ::protocall::codec::Codec<#message>>::encode(message, buffer)
                }

                fn decode(
                    payload: ::protocall::codec::Payload<'_>,
                ) -> ::core::result::Result<#message, ::protocall::codec::CodecError> {
                    <#used as ::protocall::codec::Codec<#message>>::decode(payload)
                }
            }
        }
    });
    let doc = format!(
        " The codec of `{}`: not all of its messages are generated here.",
        service.full_name
    );
    service.codec_item = quote! {
        #[doc = #doc]
        #[derive(::core::fmt::Debug)]
        pub enum #codec {}

        #(#implementations)*
    };
    service.codec = quote!(#codec);
    Ok(())
}
