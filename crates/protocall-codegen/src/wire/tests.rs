//! Tests of which messages the wire codec covers.
