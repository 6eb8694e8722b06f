//! gRPC's official interop programs, on Protocall.
