//! Generated code of hard schemas, compiled as strictly as an application may: warnings and
//! clippy's pedantic lints are errors. Messages, which are others' generators' code, stand in
//! modules that carry an `#[allow]`; services are held to the lints by themselves, in `services`.
#![deny(warnings, missing_docs, unreachable_pub, clippy::all, clippy::pedantic)]

pub mod full {
    //! With everything on: JSON, text, reflection, views.
    include!(concat!(env!("OUT_DIR"), "/full/protocall.rs"));
}

pub mod wire {
    //! With the wire codec.
    include!(concat!(env!("OUT_DIR"), "/wire/protocall.rs"));
}

pub mod prost {
    //! As prost's messages.
    include!(concat!(env!("OUT_DIR"), "/prost/protocall.rs"));
}

#[allow(missing_docs, reason = "modules stand for packages")]
pub mod services {
    //! Services alone, of the messages in `full`, and nothing allowed.
    include!(concat!(env!("OUT_DIR"), "/services/protocall.rs"));
}

#[cfg(test)]
mod layout;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod tests;
