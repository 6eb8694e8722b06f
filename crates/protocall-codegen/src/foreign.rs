//! Messages by another generator than buffa's: what it is asked, and what it must answer so that
//! services and the tree of modules can be written around its types. Who that is stands elsewhere
//! (`protocall-build` has prost's).

use std::collections::{BTreeMap, HashMap, HashSet};

use buffa_descriptor::generated::descriptor::FileDescriptorProto;

use crate::error::CodegenError;
use crate::index::{self, Index};
use crate::messages::nowhere;
use crate::options::{Options, Target, covers, paths_under_both_names, under_both_names};
use crate::select::WELL_KNOWN;

/// Makes message types instead of buffa's generator.
pub trait MessageGenerator {
    /// Generates all messages and enums of the request's files.
    ///
    /// # Errors
    ///
    /// What the generator cannot express, as [`CodegenError::Messages`].
    fn generate(&self, request: &MessageRequest<'_>) -> Result<ForeignMessages, CodegenError>;
}

/// What a [`MessageGenerator`] is asked for. Paths are as in [`Options`], with their leading dots.
#[derive(Debug)]
#[non_exhaustive]
pub struct MessageRequest<'a> {
    /// The files to generate.
    pub files: Vec<&'a FileDescriptorProto>,
    /// Further files, which declare what those to generate refer to, however far away.
    pub context: Vec<&'a FileDescriptorProto>,
    /// Whether the well-known types are among them, so that the generator's own must not be used.
    pub own_well_known: bool,
    /// `bytes` fields that become `Bytes`.
    pub bytes: Vec<String>,
    /// `map` fields that become `BTreeMap`s.
    pub btree_maps: &'a [String],
    /// Message fields that become boxes.
    pub boxed: Vec<String>,
    /// Types that live elsewhere: the proto path and the Rust path.
    pub extern_paths: &'a [(String, String)],
    /// Attributes for messages, enums and oneofs.
    pub type_attributes: Vec<(String, String)>,
    /// Attributes for messages.
    pub message_attributes: Vec<(String, String)>,
    /// Attributes for enums.
    pub enum_attributes: Vec<(String, String)>,
    /// Attributes for fields.
    pub field_attributes: Vec<(String, String)>,
}

/// What a [`MessageGenerator`] made.
#[derive(Debug, Default)]
pub struct ForeignMessages {
    /// By proto package, one for each package of the request.
    pub packages: BTreeMap<String, ForeignPackage>,
    /// The Rust path of each message that a method names, as seen from the module of a package:
    /// by that package and the message's full name with its leading dot.
    pub paths: HashMap<(String, String), String>,
}

/// The messages of one package.
#[derive(Debug)]
pub struct ForeignPackage {
    /// The modules that the package's own module stands in, and that one, outermost first, without
    /// `r#`; none for the package without a name.
    pub modules: Vec<String>,
    /// The items of the module, as Rust source.
    pub source: String,
}

impl<'a> MessageRequest<'a> {
    fn new(index: &Index<'a>, selected: &[String], options: &'a Options) -> Self {
        let files: Vec<_> = selected.iter().filter_map(|name| index.file(name)).collect();
        let mut type_attributes = options.attributes_for(Target::Type);
        let members = index.members(selected);
        let oneofs = index.oneofs(selected);
        let enums = index.types_in(selected).filter(|name| index.message(name).is_none());
        type_attributes.extend(exactly(options, Target::Oneof, oneofs.iter().map(String::as_str)));
        Self {
            own_well_known: index::declares_well_known(&files),
            context: context(index, &files),
            files,
            bytes: paths_under_both_names(&options.bytes, &members),
            btree_maps: &options.btree_maps,
            boxed: paths_under_both_names(&options.boxed, &members),
            extern_paths: &options.extern_paths,
            type_attributes,
            message_attributes: options.attributes_for(Target::Message),
            enum_attributes: exactly(options, Target::Enum, enums),
            field_attributes: under_both_names(options.attributes_for(Target::Field), &members),
        }
    }
}

/// Attributes of one kind with the names that they reach, one by one: generators that know fewer
/// kinds of things than we do would take a wider path for more than it says.
fn exactly<'n>(
    options: &Options,
    target: Target,
    names: impl Iterator<Item = &'n str>,
) -> Vec<(String, String)> {
    let attributes = options.attributes_for(target);
    let reaching = |name: &str| -> Vec<(String, String)> {
        let reaching = attributes.iter().filter(|(path, _)| covers(path, name));
        reaching.map(|(_, text)| (name.to_owned(), text.clone())).collect()
    };
    names.flat_map(reaching).collect()
}

/// The files, beside those given, that the given ones refer to, directly or not.
fn context<'a>(
    index: &Index<'a>,
    files: &[&'a FileDescriptorProto],
) -> Vec<&'a FileDescriptorProto> {
    let name = |file: &'a FileDescriptorProto| file.name.as_deref().unwrap_or_default();
    let mut known: HashSet<&str> = files.iter().map(|file| name(file)).collect();
    let mut all = files.to_vec();
    let mut next = 0;
    while let Some(file) = all.get(next) {
        next += 1;
        let declared_in = index::references(file).into_iter().filter_map(|n| index.file_of(n));
        let new: Vec<_> = declared_in.filter(|file| known.insert(file)).collect();
        all.extend(new.into_iter().filter_map(|file| index.file(file)));
    }
    all.split_off(files.len())
}

/// Asks the generator, and looks at its answer.
pub(crate) fn generate(
    generator: &dyn MessageGenerator,
    index: &Index<'_>,
    selected: &[String],
    options: &Options,
) -> Result<ForeignMessages, CodegenError> {
    let request = MessageRequest::new(index, selected, options);
    everything_has_a_home(&request, index, selected, options)?;
    let messages = generator.generate(&request)?;
    let mut homes: HashMap<&[String], &str> = HashMap::new();
    for (name, package) in &messages.packages {
        if let Some(other) = homes.insert(&package.modules, name) {
            return Err(CodegenError::Messages {
                reason: format!(
                    "the packages `{other}` and `{name}` would be one module, `{}`; generate them \
                     in two calls",
                    package.modules.join("::")
                ),
            });
        }
    }
    Ok(messages)
}

/// Refuses a reference to a type that nobody generates and nobody has.
fn everything_has_a_home(
    request: &MessageRequest<'_>,
    index: &Index<'_>,
    selected: &[String],
    options: &Options,
) -> Result<(), CodegenError> {
    let selected: HashSet<&str> = selected.iter().map(String::as_str).collect();
    for file in &request.files {
        for name in index::references(file) {
            let provided = options.is_extern(name)
                || (!request.own_well_known && covers(WELL_KNOWN, name))
                || index.file_of(name).is_some_and(|file| selected.contains(file));
            if !provided {
                return Err(nowhere(file.name.as_deref().unwrap_or_default(), name));
            }
        }
    }
    Ok(())
}
