//! The compiler's front end: .proto text to linked, validated descriptors.
