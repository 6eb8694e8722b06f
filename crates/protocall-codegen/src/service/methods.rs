//! The constants that name a service's methods: `hello_service_methods::SEND_MESSAGE`.

use proc_macro2::TokenStream;
use quote::quote;

use super::Service;

pub(super) fn render(service: &Service) -> TokenStream {
    let Service { full_name, methods_module, methods, .. } = service;
    let doc = format!(" The methods of `{full_name}`, as routers and observers name them.");
    let constants = methods.iter().map(|method| {
        let constant = &method.constant;
        let name = &method.proto_name;
        let path = format!("/{full_name}/{name}");
        let kind = method.kind.variant();
        let doc = format!(" `{path}`");
        quote! {
            #[doc = #doc]
            pub static #constant: ::protocall::Method = ::protocall::Method::new(
                #full_name,
                #name,
                #path,
                ::protocall::MethodKind::#kind,
            );
        }
    });
    quote! {
        #[doc = #doc]
        pub mod #methods_module {
            #(#constants)*
        }
    }
}
