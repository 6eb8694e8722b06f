//! What protobuf's conformance runner tests: messages that were generated through our compiler, in
//! their three formats. The runner speaks to the programs beside (`main` and
//! `wire`, one for each codec), which are `program`; the protocol is in
//! `conformance.proto`, which, with the messages, is a copy of what protobuf 36.2 comes with.

#[allow(missing_docs)]
pub mod proto {
    protocall::include_proto!();
}

mod formats;
mod program;

use protocall::buffa::type_registry::{TypeRegistry, set_type_registry};
use protocall::buffa_types::register_wkt_types;

pub use crate::formats::Binary;
use crate::formats::Tested;
pub use crate::program::run;
use crate::proto::conformance::conformance_response::Result as Outcome;
use crate::proto::conformance::{ConformanceRequest, ConformanceResponse};
use crate::proto::protobuf_test_messages::{editions, proto2, proto3};

/// Makes extensions and the contents of `Any` known to JSON and to text; once, at the start.
pub fn register() {
    let mut registry = TypeRegistry::new();
    register_wkt_types(&mut registry);
    proto2::register_types(&mut registry);
    proto3::register_types(&mut registry);
    editions::register_types(&mut registry);
    editions::proto2::register_types(&mut registry);
    editions::proto3::register_types(&mut registry);
    set_type_registry(registry);
}

/// Reads the request's payload as a message of the wanted type, and writes it in the wanted format.
#[must_use]
pub fn answer(request: &ConformanceRequest, binary: Binary) -> ConformanceResponse {
    let outcome = match request.message_type.as_str() {
        // the runner asks for this before it starts
        "conformance.FailureSet" => proto::conformance::FailureSet::transcode(request, binary),
        "protobuf_test_messages.proto2.TestAllTypesProto2" => {
            proto2::TestAllTypesProto2::transcode(request, binary)
        }
        "protobuf_test_messages.proto3.TestAllTypesProto3" => {
            proto3::TestAllTypesProto3::transcode(request, binary)
        }
        "protobuf_test_messages.editions.TestAllTypesEdition2023" => {
            editions::TestAllTypesEdition2023::transcode(request, binary)
        }
        "protobuf_test_messages.editions.proto2.TestAllTypesProto2" => {
            editions::proto2::TestAllTypesProto2::transcode(request, binary)
        }
        "protobuf_test_messages.editions.proto3.TestAllTypesProto3" => {
            editions::proto3::TestAllTypesProto3::transcode(request, binary)
        }
        other => Outcome::Skipped(format!("no message of type `{other}` was generated")),
    };
    ConformanceResponse { result: Some(outcome), ..ConformanceResponse::default() }
}

#[cfg(test)]
mod tests;
