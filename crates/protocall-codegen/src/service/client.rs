//! The client of a service: one method a method, each usable at once.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Kind, Method, Service};

pub(super) fn render(service: &Service) -> TokenStream {
    let Service { client, docs, full_name, .. } = service;
    let deprecation = service.deprecation();
    let attributes = &service.attributes.client;
    let conditions = super::conditions(attributes);
    let allow = service.uses_deprecated();
    let kind = format!(" A client of the service `{full_name}`; cheap to clone.");
    let kind = if docs.is_empty() {
        quote! { #[doc = #kind] }
    } else {
        quote! { #docs #[doc = ""] #[doc = #kind] }
    };
    // a service without methods is one all the same
    let unused = service.methods.is_empty().then(|| quote! { #[allow(dead_code)] });
    let methods = service.methods.iter().map(|method| render_method(service, method));
    quote! {
        #kind
        #[derive(::core::clone::Clone, ::core::fmt::Debug)]
        #deprecation
        #(#attributes)*
        pub struct #client {
            #unused
            channel: ::protocall::Channel,
        }

        #(#conditions)*
        #allow
        impl #client {
            /// A client that makes its calls on `channel`.
            #[must_use]
            pub fn new(channel: ::protocall::Channel) -> Self {
                Self { channel }
            }
            #(#methods)*
        }
    }
}

fn render_method(service: &Service, method: &Method) -> TokenStream {
    let Method { function, constant, input, output, kind, .. } = method;
    let Service { codec, methods_module, .. } = service;
    let deprecation = method.deprecation();
    let call = kind.function();
    let awaited = matches!(kind, Kind::Unary);
    let request = if kind.client_streams() {
        quote! { () }
    } else {
        quote! { #input }
    };
    let result = match kind {
        Kind::Unary => quote! {
            ::core::result::Result<::protocall::Response<#output>, ::protocall::Status>
        },
        Kind::ServerStreaming => quote! { ::protocall::Streaming<#output> },
        Kind::ClientStreaming => quote! { ::protocall::ClientStreaming<#input, #output> },
        Kind::BidiStreaming => quote! { ::protocall::BidiStreaming<#input, #output> },
    };
    let docs = method.documented("Calls", service);
    let errors = awaited.then(|| {
        quote! {
            #[doc = ""]
            #[doc = " # Errors"]
            #[doc = ""]
            #[doc = " The status that the call ends with, unless it is OK."]
        }
    });
    let (asyncness, dot_await) =
        if awaited { (quote! { async }, quote! { .await }) } else { Default::default() };
    quote! {
        #docs
        #errors
        #deprecation
        pub #asyncness fn #function(
            &self,
            request: impl ::protocall::IntoRequest<#request>,
        ) -> #result {
            self.channel.#call::<#codec, #input, #output>(
                &#methods_module::#constant,
                ::protocall::IntoRequest::into_request(request),
            )#dot_await
        }
    }
}
