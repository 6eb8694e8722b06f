//! `--encode`, `--decode` and `--decode_raw`: messages from standard input to standard output.

use std::io::Read;

use protocall_build::Loaded;
use protocall_build::text::{TextError, TextFormat, decode_raw};

use crate::failure::Failure;
use crate::{print, report as say};

fn input() -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    std::io::stdin().lock().read_to_end(&mut bytes).map_err(Failure::Stream)?;
    Ok(bytes)
}

pub(super) fn raw() -> Result<(), Failure> {
    match decode_raw(&input()?) {
        Some(text) => print(text.as_bytes()),
        None => Err(Failure::Message("Failed to parse input.".to_owned())),
    }
}

/// Says whether there was a warning.
pub(super) fn decode(loaded: &Loaded, type_name: &str) -> Result<bool, Failure> {
    let format = TextFormat::new(loaded.schema().descriptor_set());
    let read = format.decode(type_name, &input()?).map_err(|error| failure(error, type_name))?;
    let has_warnings = warn(&read.warnings, &read.missing);
    print(read.message.as_bytes())?;
    Ok(has_warnings)
}

/// Says whether there was a warning.
pub(super) fn encode(loaded: &Loaded, type_name: &str, sorted: bool) -> Result<bool, Failure> {
    let format = TextFormat::new(loaded.schema().descriptor_set());
    let read =
        format.encode(type_name, &input()?, sorted).map_err(|error| failure(error, type_name))?;
    let has_warnings = warn(&read.warnings, &read.missing);
    print(&read.message)?;
    Ok(has_warnings)
}

fn failure(error: TextError, type_name: &str) -> Failure {
    Failure::Message(match error {
        TextError::UnknownType => format!("Type not defined: {type_name}"),
        TextError::Text { .. } => format!("input:{error}\nFailed to parse input."),
        _ => "Failed to parse input.".to_owned(),
    })
}

fn warn(warnings: &[TextError], missing: &[String]) -> bool {
    for warning in warnings {
        if let TextError::Text { line, column, message } = warning {
            say(&format!("input:{line}:{column}: warning: {message}"));
        }
    }
    if !missing.is_empty() {
        let missing = missing.join(", ");
        say(&format!("warning:  Input message is missing required fields:  {missing}"));
    }
    !missing.is_empty() || !warnings.is_empty()
}
