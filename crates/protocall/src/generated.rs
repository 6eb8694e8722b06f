//! The handshake between generated code and this runtime, at compile time.
//!
//! Generated code states which version of the interface below it was made for; a runtime that is
//! older refuses it in a sentence that says what to do. What the code looks like is
//! `protocall-codegen`'s business.

/// The version of what generated code may use. It grows when generated code uses something new.
pub const ABI: u32 = 2;

/// Refuses code that was made for a newer runtime than this one.
///
/// # Panics
/// At compile time, with `message`, when `generated_abi` is above [`ABI`].
#[allow(clippy::panic, reason = "evaluated at compile time, where a panic is a compile error")]
pub const fn requires(generated_abi: u32, message: &'static str) {
    if generated_abi > ABI {
        panic!("{}", message);
    }
}
