//! `_pb2_grpc.py`: clients, servers and their registration, for the services of a file.

use std::collections::BTreeSet;

use buffa_descriptor::generated::descriptor::{
    FileDescriptorProto, MethodDescriptorProto, ServiceDescriptorProto,
};

use crate::error::CodegenError;
use crate::output::GeneratedFile;
use crate::python::linked::{self, Declared, Linked, invalid};
use crate::python::module;
use crate::python::named::Named;
use crate::python::release::Rules;
use crate::python::source::Source;

const INDENT: usize = 4;

// Numbers of fields in `descriptor.proto`, of which paths in source info consist.
const FILE_SERVICE: i32 = 6;
const SERVICE_METHOD: i32 = 2;

pub(super) fn generate(
    file: &FileDescriptorProto,
    linked: &Linked<'_>,
    rules: &Rules,
) -> Result<GeneratedFile, CodegenError> {
    let Some(stem) = file.name().strip_suffix(".proto").filter(|stem| !stem.is_empty()) else {
        return Err(invalid(format!("the name of `{}` does not end in `.proto`", file.name())));
    };
    let name = format!("{}_pb2_grpc.py", stem.replace('-', "_"));
    let path = match rules.service_folders {
        true => format!("{}_pb2_grpc.py", stem.replace('-', "_").replace('.', "/")),
        false => name.clone(),
    };
    let path = path.trim_start_matches('/').to_owned();
    let services = (0..)
        .zip(&file.service)
        .map(|(index, service)| Service::new(file, index, service, linked))
        .collect::<Result<Vec<_>, _>>()?;

    let mut out = Source::new(INDENT);
    preamble(&mut out, &name, &services, rules);
    for service in &services {
        stub(&mut out, service, rules);
        servicer(&mut out, service, rules);
        registration(&mut out, service);
        experimental(&mut out, service, rules);
    }
    Ok(GeneratedFile { path, content: out.finish() })
}

struct Service<'a> {
    name: &'a str,
    full_name: String,
    /// Its documentation, line by line.
    comments: Vec<&'a str>,
    methods: Vec<Method<'a>>,
}

struct Method<'a> {
    name: &'a str,
    comments: Vec<&'a str>,
    client_streaming: bool,
    server_streaming: bool,
    input: Class,
    output: Class,
}

/// A message's class, as the file with the services sees it.
struct Class {
    path: String,
    module: String,
    alias: String,
}

impl<'a> Service<'a> {
    fn new(
        file: &'a FileDescriptorProto,
        index: i32,
        service: &'a ServiceDescriptorProto,
        linked: &Linked<'_>,
    ) -> Result<Self, CodegenError> {
        let package = file.package.as_deref().unwrap_or_default();
        let name = service.name();
        let methods = (0..).zip(&service.method).map(|(number, method)| {
            let path = [FILE_SERVICE, index, SERVICE_METHOD, number];
            Method::new(method, comments(file, &path), linked)
        });
        Ok(Self {
            name,
            full_name: linked::full_name(package, &[name]).split_off(1),
            comments: comments(file, &[FILE_SERVICE, index]),
            methods: methods.collect::<Result<_, _>>()?,
        })
    }
}

impl<'a> Method<'a> {
    fn new(
        method: &'a MethodDescriptorProto,
        comments: Vec<&'a str>,
        linked: &Linked<'_>,
    ) -> Result<Self, CodegenError> {
        let class = |name: Option<&str>| {
            let name = linked::required(name, "the type of a method")?;
            linked.declared(name).map(Class::new)
        };
        Ok(Self {
            name: method.name(),
            comments,
            client_streaming: method.client_streaming == Some(true),
            server_streaming: method.server_streaming == Some(true),
            input: class(method.input_type.as_deref())?,
            output: class(method.output_type.as_deref())?,
        })
    }

    /// `unary_stream` and the like.
    fn arity(&self) -> String {
        let side = |streaming| if streaming { "stream" } else { "unary" };
        format!("{}_{}", side(self.client_streaming), side(self.server_streaming))
    }

    fn request(&self) -> &'static str {
        if self.client_streaming { "request_iterator" } else { "request" }
    }
}

impl Class {
    fn new(declared: &Declared<'_>) -> Self {
        let alias = module::alias(declared.file);
        Self {
            path: format!("{alias}.{}", declared.names.join(".")),
            module: module::name(declared.file),
            alias,
        }
    }
}

/// Every comment around a declaration: the detached ones, each with an empty line behind it, the
/// leading one, the trailing one.
fn comments<'a>(file: &'a FileDescriptorProto, path: &[i32]) -> Vec<&'a str> {
    let info = file.source_code_info.as_option();
    let mut locations = info.into_iter().flat_map(|info| &info.location);
    let Some(location) = locations.find(|location| location.path == path) else {
        return Vec::new();
    };
    let mut all = Vec::new();
    for detached in &location.leading_detached_comments {
        all.extend(lines(detached));
        all.push("");
    }
    all.extend(location.leading_comments.iter().flat_map(|comment| lines(comment)));
    all.extend(location.trailing_comments.iter().flat_map(|comment| lines(comment)));
    all
}

/// The lines of a text. Unlike [`str::lines`], this keeps a carriage return.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.split_terminator('\n')
}

fn preamble(out: &mut Source, name: &str, services: &[Service<'_>], rules: &Rules) {
    out.lines(
        "# Generated by the gRPC Python protocol compiler plugin. DO NOT EDIT!
\"\"\"Client and server classes corresponding to protobuf-defined services.\"\"\"
import grpc
import warnings

",
    );
    let methods = services.iter().flat_map(|service| &service.methods);
    let classes = methods.flat_map(|method| [&method.input, &method.output]);
    let imports: BTreeSet<_> = classes.map(|class| (&class.module, &class.alias)).collect();
    for (module, alias) in imports {
        out.line(module::import(module, alias));
    }
    let (version, prefix) = (rules.grpc, rules.sentence_prefix);
    out.lines(&format!(
        "
GRPC_GENERATED_VERSION = '{version}'
GRPC_VERSION = grpc.__version__
_version_not_supported = False

try:
    from grpc._utilities import first_version_is_lower
    _version_not_supported = first_version_is_lower(GRPC_VERSION, GRPC_GENERATED_VERSION)
except ImportError:
    _version_not_supported = True

if _version_not_supported:
    raise RuntimeError(
        f'The grpc package installed is at version {{GRPC_VERSION}},'
        + {prefix}' but the generated code in {name} depends on'
        + f' grpcio>={{GRPC_GENERATED_VERSION}}.'
        + f' Please upgrade your grpc module to grpcio>={{GRPC_GENERATED_VERSION}}'
        + f' or downgrade your generated code using grpcio-tools<={{GRPC_VERSION}}.'
    )
"
    ));
}

/// The documentation as a docstring: a class and a function must have a body.
fn docstring(out: &mut Source, comments: &[&str]) {
    let Some((first, rest)) = comments.split_first() else {
        out.line("\"\"\"Missing associated documentation comment in .proto file.\"\"\"");
        return;
    };
    out.line(format_args!("\"\"\"{}", first.trim_start_matches(' ')));
    for line in rest {
        match line.trim_start_matches(' ') {
            "" => out.blank(),
            text => out.line(text),
        }
    }
    out.line("\"\"\"");
}

/// The class for callers.
fn stub(out: &mut Source, service: &Service<'_>, rules: &Rules) {
    out.lines("\n\n");
    out.line(format_args!("class {}Stub{}:", service.name, rules.service_bases));
    out.indented(1, |out| {
        docstring(out, &service.comments);
        out.blank();
        out.line("def __init__(self, channel):");
        out.indented(1, |out| {
            out.lines("\"\"\"Constructor.\n\nArgs:\n    channel: A grpc.Channel.\n\"\"\"");
            for method in &service.methods {
                let Method { name, input, output, .. } = method;
                out.line(format_args!("self.{name} = channel.{}(", method.arity()));
                out.indented(2, |out| {
                    out.line(format_args!("'/{}/{name}',", service.full_name));
                    out.line(format_args!("request_serializer={}.SerializeToString,", input.path));
                    out.line(format_args!("response_deserializer={}.FromString,", output.path));
                    out.line("_registered_method=True)");
                });
            }
        });
    });
}

/// The class that servers derive from.
fn servicer(out: &mut Source, service: &Service<'_>, rules: &Rules) {
    out.lines("\n\n");
    out.line(format_args!("class {}Servicer{}:", service.name, rules.service_bases));
    out.indented(1, |out| {
        docstring(out, &service.comments);
        for method in &service.methods {
            out.blank();
            out.line(format_args!("def {}(self, {}, context):", method.name, method.request()));
            out.indented(1, |out| {
                docstring(out, &method.comments);
                out.line("context.set_code(grpc.StatusCode.UNIMPLEMENTED)");
                out.line("context.set_details('Method not implemented!')");
                out.line("raise NotImplementedError('Method not implemented!')");
            });
        }
    });
}

fn registration(out: &mut Source, service: &Service<'_>) {
    out.lines("\n\n");
    out.line(format_args!("def add_{}Servicer_to_server(servicer, server):", service.name));
    out.indented(1, |out| {
        out.line("rpc_method_handlers = {");
        out.indented(2, |out| {
            service.methods.iter().for_each(|method| handler(out, method));
        });
        out.line("}");
        out.line("generic_handler = grpc.method_handlers_generic_handler(");
        out.line(format_args!("        '{}', rpc_method_handlers)", service.full_name));
        out.line("server.add_generic_rpc_handlers((generic_handler,))");
        out.line(format_args!(
            "server.add_registered_method_handlers('{}', rpc_method_handlers)",
            service.full_name
        ));
    });
}

fn handler(out: &mut Source, method: &Method<'_>) {
    let Method { name, input, output, .. } = method;
    out.line(format_args!("'{name}': grpc.{}_rpc_method_handler(", method.arity()));
    out.indented(2, |out| {
        out.line(format_args!("servicer.{name},"));
        out.line(format_args!("request_deserializer={}.FromString,", input.path));
        out.line(format_args!("response_serializer={}.SerializeToString,", output.path));
    });
    out.line("),");
}

/// The class with one function for each method, for calls without a channel.
fn experimental(out: &mut Source, service: &Service<'_>, rules: &Rules) {
    out.lines("\n\n");
    // The blank in front is the generator's, too.
    out.line(" # This class is part of an EXPERIMENTAL API.");
    out.line(format_args!("class {}{}:", service.name, rules.service_bases));
    out.indented(1, |out| {
        docstring(out, &service.comments);
        for method in &service.methods {
            let request = method.request();
            out.blank();
            out.line("@staticmethod");
            out.line(format_args!("def {}({request},", method.name));
            out.indented(2, |out| {
                out.lines(
                    "target,
options=(),
channel_credentials=None,
call_credentials=None,
insecure=False,
compression=None,
wait_for_ready=None,
timeout=None,
metadata=None):",
                );
            });
            out.indented(1, |out| call(out, service, method, request));
        }
    });
}

fn call(out: &mut Source, service: &Service<'_>, method: &Method<'_>, request: &str) {
    out.line(format_args!("return grpc.experimental.{}(", method.arity()));
    out.indented(1, |out| {
        out.line(format_args!("{request},"));
        out.line("target,");
        out.line(format_args!("'/{}/{}',", service.full_name, method.name));
        out.line(format_args!("{}.SerializeToString,", method.input.path));
        out.line(format_args!("{}.FromString,", method.output.path));
        out.lines(
            "options,
channel_credentials,
insecure,
call_credentials,
compression,
wait_for_ready,
timeout,
metadata,
_registered_method=True)",
        );
    });
}
