//! Services: names and types of one service's methods, and the assembly of its parts.
//!
//! The parts are written next door: `client`, `server` (trait and adapter), `methods`, `codec`.

mod client;
mod codec;
mod methods;
mod server;

use buffa_codegen::idents;
use buffa_descriptor::generated::descriptor::{
    FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::ABI;
use crate::docs::{self, Comments};
use crate::error::CodegenError;
use crate::index::Index;
use crate::messages::Generated;
use crate::names::{self, Scope};
use crate::options::{Options, Target};

/// Names that a client has of its own (`new`), or that would hide what derives give it (`clone`).
const RESERVED_METHODS: [&str; 2] = ["new", "clone"];

/// One service, ready to be written: every name is settled.
pub(crate) struct Service {
    /// `example.HelloService`.
    full_name: String,
    docs: TokenStream,
    deprecated: bool,
    /// `HelloService`, `HelloServiceClient`, `HelloServiceServer`, `hello_service_methods`.
    handler: Ident,
    client: Ident,
    server: Ident,
    methods_module: Ident,
    /// The server's type parameter, which no message of the package is called.
    parameter: Ident,
    codec: TokenStream,
    /// The codec's own item, if the service needs one.
    codec_item: TokenStream,
    attributes: Attributes,
    methods: Vec<Method>,
}

/// What an application puts on a service's items.
struct Attributes {
    client: Vec<syn::Attribute>,
    server: Vec<syn::Attribute>,
    handler: Vec<syn::Attribute>,
}

/// One method of a service.
pub(crate) struct Method {
    proto_name: String,
    docs: TokenStream,
    deprecated: bool,
    /// `send_message`, `SEND_MESSAGE`.
    function: Ident,
    constant: Ident,
    input: TokenStream,
    output: TokenStream,
    kind: Kind,
}

/// Which sides of a method stream.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Unary,
    ServerStreaming,
    ClientStreaming,
    BidiStreaming,
}

impl Kind {
    fn of(method: &MethodDescriptorProto) -> Self {
        let client = method.client_streaming.unwrap_or(false);
        match (client, method.server_streaming.unwrap_or(false)) {
            (false, false) => Self::Unary,
            (false, true) => Self::ServerStreaming,
            (true, false) => Self::ClientStreaming,
            (true, true) => Self::BidiStreaming,
        }
    }

    /// The variant of `::protocall::MethodKind`.
    fn variant(self) -> Ident {
        format_ident!(
            "{}",
            match self {
                Self::Unary => "Unary",
                Self::ServerStreaming => "ServerStreaming",
                Self::ClientStreaming => "ClientStreaming",
                Self::BidiStreaming => "BidiStreaming",
            }
        )
    }

    /// The method of `::protocall::Channel` and of `::protocall::server::Routes`.
    fn function(self) -> Ident {
        format_ident!(
            "{}",
            match self {
                Self::Unary => "unary",
                Self::ServerStreaming => "server_streaming",
                Self::ClientStreaming => "client_streaming",
                Self::BidiStreaming => "bidi_streaming",
            }
        )
    }

    fn client_streams(self) -> bool {
        matches!(self, Self::ClientStreaming | Self::BidiStreaming)
    }

    fn server_streams(self) -> bool {
        matches!(self, Self::ServerStreaming | Self::BidiStreaming)
    }
}

/// One package, as far as its services need to know it.
pub(crate) struct Package<'a> {
    pub(crate) name: &'a str,
    pub(crate) files: &'a [&'a FileDescriptorProto],
    /// Modules of other packages that stand inside this package's module.
    pub(crate) children: &'a [String],
}

/// Adds the package's services, and the handshake with the runtime, to its items.
pub(crate) fn append(
    items: &mut syn::File,
    package: &Package<'_>,
    index: &Index<'_>,
    generated: &Generated<'_>,
    options: &Options,
) -> Result<(), CodegenError> {
    let mut scope = Scope::of_items(&items.items);
    package.children.iter().for_each(|child| scope.take(child));
    let services = || package.files.iter().flat_map(|file| &file.service);
    // Handlers keep their names before any derived name is handed out.
    let handlers: Vec<String> =
        services().map(|s| scope.unique(s.name.as_deref().unwrap_or_default())).collect();
    let mut handlers = handlers.into_iter();

    let mut tokens = handshake();
    for file in package.files {
        let comments = Comments::new(file);
        for (at, (service, handler)) in file.service.iter().zip(handlers.by_ref()).enumerate() {
            let resolver = Resolver { package, index, generated, file };
            let types = codec::types(service, &resolver, options)?;
            let mut service = Service::resolve(service, &handler, &mut scope, &resolver, options)?;
            codec::settle(&mut service, &types, &mut scope)?;
            service.document(&comments, at);
            tokens.extend(service.render(options));
        }
    }
    items.items.extend(names::parse_items(tokens)?.items);
    Ok(())
}

struct Resolver<'a> {
    package: &'a Package<'a>,
    index: &'a Index<'a>,
    generated: &'a Generated<'a>,
    file: &'a FileDescriptorProto,
}

impl Resolver<'_> {
    /// Whether a message's type is generated in this run, and not taken from elsewhere.
    fn is_generated(&self, name: &str) -> bool {
        self.generated.is_own(name, self.package.name, self.index.file_of(name))
    }

    fn message(&self, name: Option<&str>) -> Result<TokenStream, CodegenError> {
        let name = name.unwrap_or_default();
        let used_in = self.file.name.as_deref().unwrap_or_default();
        let declared_in = self.index.file_of(name);
        self.generated.path(name, self.package.name, used_in, declared_in)
    }
}

impl Service {
    fn resolve(
        service: &ServiceDescriptorProto,
        handler: &str,
        scope: &mut Scope,
        resolver: &Resolver<'_>,
        options: &Options,
    ) -> Result<Self, CodegenError> {
        let name = service.name.as_deref().unwrap_or_default();
        let full_name = match resolver.package.name {
            "" => name.to_owned(),
            package => format!("{package}.{name}"),
        };
        let mut functions = Scope::default();
        RESERVED_METHODS.iter().for_each(|name| functions.take(*name));
        let mut constants = Scope::default();
        let methods = service
            .method
            .iter()
            .map(|method| Method::resolve(method, &mut functions, &mut constants, resolver));
        let options_set = service.options.as_option();
        Ok(Self {
            docs: TokenStream::new(),
            deprecated: options_set.and_then(|o| o.deprecated).unwrap_or(false),
            handler: names::ident(handler)?,
            client: names::ident(&scope.unique(format!("{name}Client")))?,
            server: names::ident(&scope.unique(format!("{name}Server")))?,
            methods_module: names::ident(&scope.unique(format!("{}_methods", names::snake(name))))?,
            parameter: names::ident(&scope.free("S"))?,
            codec: idents::rust_path_to_tokens(options.codec_path()),
            codec_item: TokenStream::new(),
            attributes: Attributes::of(&full_name, options),
            full_name,
            methods: methods.collect::<Result<_, _>>()?,
        })
    }

    fn document(&mut self, comments: &Comments<'_>, at: usize) {
        self.docs = docs::attributes(&comments.service(at));
        for (number, method) in self.methods.iter_mut().enumerate() {
            method.docs = docs::attributes(&comments.method(at, number));
        }
    }

    fn render(&self, options: &Options) -> TokenStream {
        let mut tokens = TokenStream::new();
        let name = format!(".{}", self.full_name);
        if options.has_client(&name) {
            tokens.extend(client::render(self));
        }
        if options.has_server(&name) {
            tokens.extend(server::render(self));
        }
        tokens.extend(methods::render(self));
        tokens.extend(self.codec_item.clone());
        tokens
    }

    /// What the implementations of a deprecated service carry: they are not who should be told.
    fn uses_deprecated(&self) -> TokenStream {
        allow_deprecated(self.deprecated)
    }

    /// What a deprecated service's items carry.
    fn deprecation(&self) -> TokenStream {
        deprecation(self.deprecated)
    }
}

impl Attributes {
    fn of(service: &str, options: &Options) -> Self {
        let service = format!(".{service}");
        let of = |target| options.service_attributes(target, &service);
        Self {
            client: of(Target::Client),
            server: of(Target::Server),
            handler: of(Target::Handler),
        }
    }
}

impl Method {
    fn resolve(
        method: &MethodDescriptorProto,
        functions: &mut Scope,
        constants: &mut Scope,
        resolver: &Resolver<'_>,
    ) -> Result<Self, CodegenError> {
        let name = method.name.as_deref().unwrap_or_default();
        let options = method.options.as_option();
        Ok(Self {
            proto_name: name.to_owned(),
            docs: TokenStream::new(),
            deprecated: options.and_then(|o| o.deprecated).unwrap_or(false),
            function: names::ident(&functions.unique(names::snake(name)))?,
            constant: names::ident(&constants.unique(names::shouty(name)))?,
            input: resolver.message(method.input_type.as_deref())?,
            output: resolver.message(method.output_type.as_deref())?,
            kind: Kind::of(method),
        })
    }

    fn deprecation(&self) -> TokenStream {
        deprecation(self.deprecated)
    }

    /// The method's comment, or what there is to say without one.
    fn documented(&self, does: &str, service: &Service) -> TokenStream {
        if !self.docs.is_empty() {
            return self.docs.clone();
        }
        let line = format!(" {does} `/{}/{}`.", service.full_name, self.proto_name);
        quote! { #[doc = #line] }
    }
}

/// Those of an item's attributes that its implementations need as well: whether it is there.
fn conditions(attributes: &[syn::Attribute]) -> impl Iterator<Item = &syn::Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
}

fn allow_deprecated(deprecated: bool) -> TokenStream {
    if deprecated {
        quote! { #[allow(deprecated)] }
    } else {
        TokenStream::new()
    }
}

fn deprecation(deprecated: bool) -> TokenStream {
    if deprecated {
        quote! { #[deprecated] }
    } else {
        TokenStream::new()
    }
}

/// Refuses, at compile time, a runtime that is older than this code needs.
fn handshake() -> TokenStream {
    let version = env!("CARGO_PKG_VERSION");
    let message = format!(
        "this code was generated by protocall-codegen {version} and needs protocall {version} or \
         newer: raise the version of `protocall` in Cargo.toml (`cargo update -p protocall`), or \
         generate the code again with the version of `protocall-build` that matches it"
    );
    quote! { const _: () = ::protocall::generated::requires(#ABI, #message); }
}
