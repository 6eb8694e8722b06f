//! The tutorial's job: a hello service, served and called.
