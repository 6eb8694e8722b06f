//! The gRPC server: accept, route, dispatch, drain.
