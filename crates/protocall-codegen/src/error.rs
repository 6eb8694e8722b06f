//! What can go wrong while generating, in sentences that say what to do.

use std::fmt;

/// Why no code was generated. `Display` gives the whole story in one or a few lines.
#[derive(Debug)]
#[non_exhaustive]
pub enum CodegenError {
    /// A file asked for is not in the descriptor set.
    FileNotFound {
        /// The import path that was asked for.
        file: String,
    },
    /// An option names something that is not there.
    OptionMatchesNothing {
        /// The option, as its method is called.
        option: &'static str,
        /// The path that was given.
        path: String,
        /// What the path should have named.
        expected: &'static str,
        /// Names that are there and look like it, best first.
        near: Vec<String>,
    },
    /// An option that the chosen message types do not have.
    NotForTheseMessages {
        /// The option, as its method is called.
        option: &'static str,
        /// Whose message types were chosen.
        messages: &'static str,
        /// What these types do instead.
        reason: &'static str,
    },
    /// An option's value is not what it should be.
    InvalidOption {
        /// The option, as its method is called.
        option: &'static str,
        /// The value that was given.
        value: String,
        /// What was expected instead.
        expected: &'static str,
    },
    /// Other message types than buffa's were asked for, and nobody is there to make them.
    NoMessageGenerator,
    /// The descriptor set is not complete or not linked.
    InvalidDescriptor {
        /// What is wrong, and where.
        reason: String,
    },
    /// The message generator refused.
    Messages {
        /// Its reason.
        reason: String,
    },
}

impl fmt::Display for CodegenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FileNotFound { file } => {
                write!(f, "the descriptor set holds no file named `{file}`")
            }
            Self::OptionMatchesNothing { option, path, expected, near } => {
                write!(
                    f,
                    "option `{option}`: the path `{path}` matches no {expected} in the files that \
                     code is generated for; "
                )?;
                let near: Vec<String> = near.iter().map(|name| format!("`{name}`")).collect();
                match near.as_slice() {
                    [] => f.write_str("correct its spelling, or remove it"),
                    near => write!(f, "is {} meant?", near.join(" or ")),
                }
            }
            Self::NotForTheseMessages { option, messages, reason } => {
                write!(f, "option `{option}`: {messages} {reason}; remove the option")
            }
            Self::NoMessageGenerator => f.write_str(
                "option `messages`: prost's types are made with the feature `prost` of \
                 protocall-build; switch it on in Cargo.toml",
            ),
            Self::InvalidOption { option, value, expected } => {
                write!(f, "option `{option}`: `{value}` is not {expected}")
            }
            Self::InvalidDescriptor { reason } => write!(f, "invalid descriptor: {reason}"),
            Self::Messages { reason } => f.write_str(reason),
        }
    }
}

impl std::error::Error for CodegenError {}
