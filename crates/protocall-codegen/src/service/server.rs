//! The server's side of a service: the trait that handlers implement, and the adapter that routes.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Method, Service};

pub(super) fn render(service: &Service) -> TokenStream {
    let handler = render_handler(service);
    let server = render_server(service);
    let adapter = render_adapter(service);
    quote! { #handler #server #adapter }
}

fn render_handler(service: &Service) -> TokenStream {
    let Service { handler, docs, full_name, .. } = service;
    let deprecation = service.deprecation();
    let attributes = &service.attributes.handler;
    let kind = format!(
        " The handlers of the service `{full_name}`. A method that is not written answers \
         `UNIMPLEMENTED`."
    );
    let blank = if docs.is_empty() {
        TokenStream::new()
    } else {
        quote! { #[doc = ""] }
    };
    let methods = service.methods.iter().map(|method| render_default(service, method));
    quote! {
        #docs
        #blank
        #[doc = #kind]
        #deprecation
        #(#attributes)*
        pub trait #handler: ::core::marker::Send + ::core::marker::Sync + 'static {
            #(#methods)*
        }
    }
}

fn render_default(service: &Service, method: &Method) -> TokenStream {
    let Method { function, constant, input, output, kind, .. } = method;
    let docs = method.documented("Handles", service);
    let methods_module = &service.methods_module;
    let deprecation = method.deprecation();
    let request = if kind.client_streams() {
        quote! { ::protocall::Streaming<#input> }
    } else {
        quote! { #input }
    };
    let response = if kind.server_streams() {
        quote! { ::protocall::ResponseStream<#output> }
    } else {
        quote! { #output }
    };
    quote! {
        #docs
        #deprecation
        fn #function(
            &self,
            request: ::protocall::Request<#request>,
        ) -> impl ::core::future::Future<
            Output = ::core::result::Result<::protocall::Response<#response>, ::protocall::Status>,
        > + ::core::marker::Send {
            let _ = request;
            ::core::future::ready(::core::result::Result::Err(
                ::protocall::Status::unimplemented_method(&#methods_module::#constant),
            ))
        }
    }
}

/// The adapter's `Clone` and `Debug` are written out, so that they ask nothing of the handlers.
fn render_server(service: &Service) -> TokenStream {
    let Service { handler, server, full_name, parameter, .. } = service;
    let deprecation = service.deprecation();
    let attributes = &service.attributes.server;
    let conditions: Vec<_> = super::conditions(attributes).collect();
    let allow = service.uses_deprecated();
    let name = server.to_string();
    let kind = format!(" Serves `{full_name}` with the handlers of a [`{handler}`].");
    quote! {
        #[doc = #kind]
        #deprecation
        #(#attributes)*
        pub struct #server<#parameter> {
            service: ::std::sync::Arc<#parameter>,
        }

        #(#conditions)*
        #allow
        impl<#parameter: #handler> #server<#parameter> {
            /// Serves `service`.
            #[must_use]
            pub fn new(service: #parameter) -> Self {
                Self::from_arc(::std::sync::Arc::new(service))
            }

            /// Serves a `service` that others hold, too.
            #[must_use]
            pub fn from_arc(service: ::std::sync::Arc<#parameter>) -> Self {
                Self { service }
            }
        }

        #(#conditions)*
        #allow
        impl<#parameter> ::core::clone::Clone for #server<#parameter> {
            fn clone(&self) -> Self {
                Self { service: ::std::sync::Arc::clone(&self.service) }
            }
        }

        #(#conditions)*
        #allow
        impl<#parameter> ::core::fmt::Debug for #server<#parameter> {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                f.debug_struct(#name).finish_non_exhaustive()
            }
        }
    }
}

fn render_adapter(service: &Service) -> TokenStream {
    let Service { handler, server, full_name, parameter, codec, methods_module, .. } = service;
    let routes = service.methods.iter().map(|method| {
        let Method { function, constant, input, output, kind, .. } = method;
        let route = kind.function();
        quote! {
            routes.#route::<#codec, #input, #output, _, _, _>(
                &#methods_module::#constant,
                &self.service,
                |service, request| async move {
                    <#parameter as #handler>::#function(&service, request).await
                },
            );
        }
    });
    let conditions = super::conditions(&service.attributes.server);
    let any_deprecated = service.deprecated || service.methods.iter().any(|m| m.deprecated);
    let allow = super::allow_deprecated(any_deprecated);
    let unused = service.methods.is_empty().then(|| quote! { let _ = routes; });
    quote! {
        #(#conditions)*
        #allow
        impl<#parameter: #handler> ::protocall::server::Service for #server<#parameter> {
            fn name(&self) -> &'static str {
                #full_name
            }

            fn register(self, routes: &mut ::protocall::server::Routes) {
                #(#routes)*
                #unused
            }
        }
    }
}
