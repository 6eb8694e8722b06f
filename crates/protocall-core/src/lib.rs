//! gRPC as pure rules: status, metadata, timeouts, envelopes, codecs.
