//! Messages of prost's types, by prost's own generator, called in process with our descriptors.
//!
//! prost's generator knows proto2 and proto3 alone and puts comments into documentation as they
//! are; `lower` brings descriptors into the form that it understands. Services are not its
//! business: it is only asked by what names it would call their messages.

mod lower;

use std::any::Any;
use std::cell::RefCell;
use std::collections::HashMap;
use std::panic::{self, AssertUnwindSafe};
use std::rc::Rc;

use buffa::Message as _;
use buffa_descriptor::generated::descriptor;
use prost::Message as _;
use prost_build::{Config, Module, Service, ServiceGenerator};
use prost_types::FileDescriptorProto;
use protocall_codegen::{
    CodegenError, ForeignMessages, ForeignPackage, MessageGenerator, MessageRequest,
};

/// The generator, as `protocall-codegen` calls it.
pub(crate) struct Prost;

impl MessageGenerator for Prost {
    fn generate(&self, request: &MessageRequest<'_>) -> Result<ForeignMessages, CodegenError> {
        let mut messages = ForeignMessages::default();
        let mut packages: HashMap<Module, String> = HashMap::new();
        let mut requests = Vec::new();
        for file in &request.files {
            let file = translated(file)?;
            let module = Module::from_protobuf_package_name(file.package());
            let package = ForeignPackage { modules: plain(&module), source: String::new() };
            messages.packages.insert(file.package().to_owned(), package);
            packages.insert(module.clone(), file.package().to_owned());
            requests.push((module, file));
        }

        // it wants to know them, and what it makes of them is nobody's
        for file in &request.context {
            let mut file = translated(file)?;
            file.service.clear();
            requests.push((Module::from_parts(["-"]), file));
        }

        let names = Names::default();
        let mut config = config(request);
        config.service_generator(Box::new(names.clone()));
        // it says what it cannot do by panicking
        let made = panic::catch_unwind(AssertUnwindSafe(|| config.generate(requests)))
            .map_err(|reason| refused(text(&*reason)))?
            .map_err(|error| refused(error.to_string()))?;
        for (module, source) in made {
            let package = packages.get(&module).and_then(|name| messages.packages.get_mut(name));
            if let Some(package) = package {
                package.source = source;
            }
        }
        messages.paths = names.0.take();
        Ok(messages)
    }
}

fn translated(file: &descriptor::FileDescriptorProto) -> Result<FileDescriptorProto, CodegenError> {
    let bytes = lower::file(file).encode_to_vec();
    FileDescriptorProto::decode(bytes.as_slice()).map_err(|error| {
        refused(format!("`{}`: {error}", file.name.as_deref().unwrap_or_default()))
    })
}

/// Our options in its terms.
fn config(request: &MessageRequest<'_>) -> Config {
    let mut config = Config::new();
    config.prost_path("::protocall::prost");
    config.prost_types_path("::protocall::prost_types");
    config.enable_type_names();
    config.type_name_domain(["."], "type.googleapis.com");
    config.bytes(&request.bytes);
    config.btree_map(request.btree_maps);
    if request.own_well_known {
        config.compile_well_known_types();
    }
    for path in &request.boxed {
        config.boxed(path);
    }
    for (proto, rust) in request.extern_paths {
        config.extern_path(proto, rust);
    }
    for (path, attribute) in &request.type_attributes {
        config.type_attribute(path, attribute);
    }
    for (path, attribute) in &request.message_attributes {
        config.message_attribute(path, attribute);
    }
    for (path, attribute) in &request.enum_attributes {
        config.enum_attribute(path, attribute);
    }
    for (path, attribute) in &request.field_attributes {
        config.field_attribute(path, attribute);
    }
    config
}

/// Takes note of the Rust paths of the messages that methods name, and writes nothing.
#[derive(Clone, Default)]
struct Names(Rc<RefCell<HashMap<(String, String), String>>>);

impl ServiceGenerator for Names {
    fn generate(&mut self, service: Service, _: &mut String) {
        let mut paths = self.0.borrow_mut();
        for method in service.methods {
            for (proto, rust) in [
                (method.input_proto_type, method.input_type),
                (method.output_proto_type, method.output_type),
            ] {
                paths.insert((service.package.clone(), proto), rust);
            }
        }
    }
}

/// The parts of a module's path; `r#` is written where names are written.
fn plain(module: &Module) -> Vec<String> {
    module.parts().map(|part| part.strip_prefix("r#").unwrap_or(part).to_owned()).collect()
}

fn refused(reason: String) -> CodegenError {
    CodegenError::Messages { reason: format!("prost's generator: {reason}") }
}

/// What a panic said.
fn text(reason: &(dyn Any + Send)) -> String {
    let text = reason.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| reason.downcast_ref::<&str>().copied());
    text.unwrap_or("it gave up without a word").to_owned()
}

#[cfg(test)]
mod tests;
