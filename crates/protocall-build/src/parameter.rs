//! Options as one line of text, the way protoc hands them to plugins: `views=.a.B,client=false`.

use protocall_codegen::Options;

use crate::error::Error;

/// Reads options out of `parameter`: `name` or `name=value`, with commas between them; empty is
/// fine.
///
/// The names are those of the methods of [`Options`]: `all_views`, `views=PATH`, `bytes=PATH`,
/// `extern_path=PATH=RUST_PATH`, `client=BOOL`, `server=BOOL`, `imports=BOOL`,
/// `file_descriptor_set=BOOL`, `codec=RUST_PATH`.
///
/// # Errors
///
/// An option that does not exist, or one whose value is missing or is not what it takes.
pub fn options_from_parameter(parameter: &str) -> Result<Options, Error> {
    let mut entries = parameter.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    entries.try_fold(Options::new(), apply)
}

fn apply(options: Options, entry: &str) -> Result<Options, Error> {
    let (name, value) = match entry.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (entry, None),
    };
    let wrong = |reason: &str| Error::Parameter { option: entry.into(), reason: reason.into() };
    let text = || value.filter(|text| !text.is_empty()).ok_or_else(|| wrong("a value is missing"));
    let switch = || match value {
        None | Some("true") => Ok(true),
        Some("false") => Ok(false),
        Some(_) => Err(wrong("its value is `true` or `false`")),
    };
    Ok(match name {
        "all_views" if switch()? => options.all_views(),
        "all_views" => options,
        "views" => options.views(text()?),
        "bytes" => options.bytes(text()?),
        "codec" => options.codec(text()?),
        "client" => options.client(switch()?),
        "server" => options.server(switch()?),
        "imports" => options.imports(switch()?),
        "file_descriptor_set" => options.file_descriptor_set(switch()?),
        "extern_path" => {
            let (proto, rust) = text()?
                .split_once('=')
                .ok_or_else(|| wrong("write `extern_path=.proto.path=::rust::path`"))?;
            options.extern_path(proto, rust)
        }
        _ => {
            return Err(wrong(
                "there is no such option; there are all_views, views, bytes, extern_path, client, \
                 server, imports, file_descriptor_set, codec",
            ));
        }
    })
}

#[cfg(test)]
mod tests;
