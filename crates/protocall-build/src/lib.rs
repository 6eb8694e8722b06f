//! The build-time API: reads .proto files, writes generated code.
