//! `--dependency_out`: what was written and what it was made from, for `make` and `ninja`.

use std::path::Path;

use protocall_build::{Includes, Loaded, Order};

use super::arguments::Arguments;
use super::outputs::{Places, write};
use crate::failure::Failure;

/// Writes the file: protoc's bytes. Files that come with the compiler have no path, and are left
/// out.
pub(super) fn emit(
    to: &Path,
    arguments: &Arguments,
    loaded: &Loaded,
    includes: &Includes,
    outputs: &[String],
) -> Result<(), Failure> {
    let files = &loaded.schema().descriptor_set().file;
    let order = Order::new(files).with_imports(loaded.schema().roots());
    let names = order.into_iter().filter_map(|place| files.get(place)?.name.as_deref());
    let inputs: Vec<String> = names
        .filter_map(|name| includes.locate(name))
        .map(|path| path.to_string_lossy().into_owned())
        .collect();
    let mut outputs = outputs.to_vec();
    if let Some(set) = &arguments.descriptor_set_out {
        outputs.push(set.to_string_lossy().into_owned());
    }
    write(to, text(&outputs, &inputs).as_bytes())
}

/// The paths of what `places` will hold.
pub(super) fn outputs(places: &Places) -> Vec<String> {
    places.paths().collect()
}

fn text(outputs: &[String], inputs: &[String]) -> String {
    if outputs.is_empty() {
        return String::new();
    }
    format!("{}: {}", outputs.join(" \\\n"), inputs.join("\\\n "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_as_protocs_do() {
        let owned =
            |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let made = text(&owned(&["a.h", "a.cc"]), &owned(&["b.proto", "a.proto"]));
        assert_eq!(made, "a.h \\\na.cc: b.proto\\\n a.proto");
        assert_eq!(text(&[], &owned(&["a.proto"])), "");
    }
}
