//! Types and oneofs whose names Rust keeps for itself (`message Self`, `enum type`), or which would
//! be those of their own modules (`message a { message B {} }`): buffa's generator writes the names
//! of types as they are. It is given descriptors in which they are others (`Self_`, `Type`, `A`),
//! and in what it wrote, strings and descriptors get the names of the `.proto` file back.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use buffa::Message;
use buffa_codegen::idents;
use buffa_descriptor::generated::descriptor::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet,
};
use proc_macro2::{Group, Literal, TokenStream, TokenTree};
use syn::visit_mut::{self, VisitMut};

use crate::index::is_map_entry;

/// The files as buffa's generator gets them, and which names differ.
pub(crate) struct Renamed<'a> {
    /// With the leading dot: from a type's or oneof's full name to the one that it is given.
    names: BTreeMap<String, String>,
    files: Cow<'a, [FileDescriptorProto]>,
}

impl<'a> Renamed<'a> {
    pub(crate) fn new(files: &'a [FileDescriptorProto]) -> Self {
        let mut names = BTreeMap::new();
        for file in files {
            let scope = match file.package.as_deref() {
                None | Some("") => String::new(),
                Some(package) => format!(".{package}"),
            };
            types(&mut names, (&scope, &scope), &file.message_type, &file.enum_type);
        }
        let mut renamed = Self { names, files: Cow::Borrowed(files) };
        if !renamed.names.is_empty() {
            let mut files = files.to_vec();
            files.iter_mut().for_each(|file| renamed.rename_file(file));
            renamed.files = Cow::Owned(files);
        }
        renamed
    }

    pub(crate) fn files(&self) -> &[FileDescriptorProto] {
        &self.files
    }

    /// The name that a type is given, or that a path into it begins with.
    pub(crate) fn name(&self, path: &str) -> String {
        let mut end = path.len();
        loop {
            let (front, back) = path.split_at(end);
            if let Some(name) = self.names.get(front) {
                return format!("{name}{back}");
            }
            match front.rfind('.') {
                Some(dot) if dot > 0 => end = dot,
                _ => return path.to_owned(),
            }
        }
    }

    /// Gives strings and descriptors in generated code the names of the `.proto` files.
    pub(crate) fn restore(&self, file: &mut syn::File, originals: &[FileDescriptorProto]) {
        if !self.names.is_empty() {
            Restore { renamed: self, originals }.visit_file_mut(file);
        }
    }

    fn rename_file(&self, file: &mut FileDescriptorProto) {
        let scope = match file.package.as_deref() {
            None | Some("") => String::new(),
            Some(package) => format!(".{package}"),
        };
        file.extension.iter_mut().for_each(|field| self.rename_field(field));
        for message in &mut file.message_type {
            self.rename_message(message, &scope);
        }
        file.enum_type.iter_mut().for_each(|item| self.rename_type(&mut item.name, &scope));
        for method in file.service.iter_mut().flat_map(|service| &mut service.method) {
            self.rename_reference(&mut method.input_type);
            self.rename_reference(&mut method.output_type);
        }
    }

    fn rename_message(&self, message: &mut DescriptorProto, scope: &str) {
        let full = format!("{scope}.{}", message.name.as_deref().unwrap_or_default());
        self.rename_type(&mut message.name, scope);
        let fields = message.field.iter_mut().chain(&mut message.extension);
        fields.for_each(|field| self.rename_field(field));
        message.nested_type.iter_mut().for_each(|nested| self.rename_message(nested, &full));
        message.enum_type.iter_mut().for_each(|item| self.rename_type(&mut item.name, &full));
        message.oneof_decl.iter_mut().for_each(|oneof| self.rename_type(&mut oneof.name, &full));
    }

    fn rename_type(&self, name: &mut Option<String>, scope: &str) {
        let full = format!("{scope}.{}", name.as_deref().unwrap_or_default());
        if let Some((_, last)) = self.names.get(&full).and_then(|new| new.rsplit_once('.')) {
            *name = Some(last.to_owned());
        }
    }

    fn rename_field(&self, field: &mut FieldDescriptorProto) {
        self.rename_reference(&mut field.type_name);
        self.rename_reference(&mut field.extendee);
    }

    fn rename_reference(&self, name: &mut Option<String>) {
        if let Some(new) = name.as_ref().and_then(|name| self.names.get(name)) {
            *name = Some(new.clone());
        }
    }

    /// A text in which full names are those of the `.proto` files again.
    fn restored(&self, text: &str) -> Option<String> {
        let mut out = text.to_owned();
        // what stands inside of a type comes before the type
        for (old, new) in self.names.iter().rev() {
            out = replace_name(&out, &new[1..], &old[1..]);
        }
        (out != text).then_some(out)
    }
}

/// Notes the types of one scope, and their oneofs, which is given by its old and its new name.
fn types(
    names: &mut BTreeMap<String, String>,
    (old, new): (&str, &str),
    messages: &[DescriptorProto],
    enums: &[EnumDescriptorProto],
) {
    let of_messages = messages.iter().map(|message| message.name.as_deref());
    let all = of_messages.chain(enums.iter().map(|item| item.name.as_deref())).flatten();
    let mut taken: BTreeSet<String> = all.map(str::to_owned).collect();
    let mut given = |name: Option<&str>, has_module: bool| {
        let name = name.unwrap_or_default();
        let mut given = name.to_owned();
        let is_module = has_module && !name.contains(|c: char| c.is_ascii_uppercase());
        // a module of these names could be named in no path
        let is_root = ["self", "super", "crate"].iter().any(|root| name.eq_ignore_ascii_case(root));
        if is_keyword(name) || is_module || is_root && has_module {
            if let Some(first) = given.get_mut(..1) {
                first.make_ascii_uppercase();
            }
            if is_root {
                given.push('_');
            }
            while is_keyword(&given) || taken.contains(&given) {
                given.push('_');
            }
            taken.insert(given.clone());
        }
        (format!("{old}.{name}"), format!("{new}.{given}"))
    };
    for message in messages {
        let has_module =
            !message.enum_type.is_empty() || message.nested_type.iter().any(|m| !is_map_entry(m));
        let (from, to) = given(message.name.as_deref(), has_module);
        types(names, (&from, &to), &message.nested_type, &message.enum_type);
        let oneofs = message.oneof_decl.iter().filter_map(|oneof| oneof.name.as_deref());
        for oneof in oneofs.filter(|name| is_self(name)) {
            // its enum would be `Self`, whatever stands behind in `_`
            names.insert(format!("{from}.{oneof}"), format!("{to}.{oneof}_oneof"));
        }
        names.extend((from != to).then_some((from, to)));
    }
    for item in enums {
        let (from, to) = given(item.name.as_deref(), false);
        names.extend((from != to).then_some((from, to)));
    }
}

/// Whether a name cannot stand in Rust as it is.
fn is_keyword(name: &str) -> bool {
    let usual = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    usual && !name.is_empty() && idents::make_field_ident(name) != name
}

fn is_self(oneof: &str) -> bool {
    oneof.trim_matches('_').eq_ignore_ascii_case("self")
}

/// Replaces a full name where it stands whole.
fn replace_name(text: &str, from: &str, to: &str) -> String {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(from) {
        let (front, behind) = (&rest[..at], &rest[at + from.len()..]);
        let whole = !front.ends_with(|c| is_part(c) || c == '.') && !behind.starts_with(is_part);
        // a leading dot is a full name's own
        let whole = whole || front.strip_suffix('.').is_some_and(|f| !f.ends_with(is_part));
        out.push_str(front);
        out.push_str(if whole && !behind.starts_with(is_part) { to } else { from });
        rest = behind;
    }
    out + rest
}

struct Restore<'a> {
    renamed: &'a Renamed<'a>,
    originals: &'a [FileDescriptorProto],
}

impl VisitMut for Restore<'_> {
    fn visit_lit_str_mut(&mut self, literal: &mut syn::LitStr) {
        if let Some(text) = self.renamed.restored(&literal.value()) {
            *literal = syn::LitStr::new(&text, literal.span());
        }
    }

    fn visit_lit_byte_str_mut(&mut self, literal: &mut syn::LitByteStr) {
        let Ok(set) = FileDescriptorSet::decode_from_slice(&literal.value()) else { return };
        let mut restored = FileDescriptorSet::default();
        for file in set.file {
            let Some(original) = self.originals.iter().find(|of| of.name == file.name) else {
                return;
            };
            let mut original = original.clone();
            original.source_code_info = file.source_code_info;
            restored.file.push(original);
        }
        *literal = syn::LitByteStr::new(&restored.encode_to_vec(), literal.span());
    }

    fn visit_item_impl_mut(&mut self, item: &mut syn::ItemImpl) {
        visit_mut::visit_item_impl_mut(self, item);
        // the name below the package, which stands alone
        let mut value = |name| text(item, name).map(|text| text.value());
        let (Some(package), Some(full)) = (value("PACKAGE"), value("FULL_NAME")) else { return };
        let below = full.strip_prefix(&package).unwrap_or(&full).trim_start_matches('.');
        if let Some(name) = text(item, "NAME") {
            *name = syn::LitStr::new(below, name.span());
        }
    }

    fn visit_macro_mut(&mut self, item: &mut syn::Macro) {
        item.tokens = self.in_tokens(std::mem::take(&mut item.tokens));
    }

    fn visit_meta_list_mut(&mut self, list: &mut syn::MetaList) {
        list.tokens = self.in_tokens(std::mem::take(&mut list.tokens));
    }
}

/// The text of an implementation's constant.
fn text<'i>(item: &'i mut syn::ItemImpl, name: &str) -> Option<&'i mut syn::LitStr> {
    item.items.iter_mut().find_map(|item| match item {
        syn::ImplItem::Const(syn::ImplItemConst {
            ident,
            expr: syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }),
            ..
        }) if ident == name => Some(text),
        _ => None,
    })
}

impl Restore<'_> {
    fn in_tokens(&self, tokens: TokenStream) -> TokenStream {
        let restored = |tree: TokenTree| match tree {
            TokenTree::Group(group) => {
                let mut inner = Group::new(group.delimiter(), self.in_tokens(group.stream()));
                inner.set_span(group.span());
                TokenTree::Group(inner)
            }
            TokenTree::Literal(literal) => {
                let text = syn::parse_str::<syn::LitStr>(&literal.to_string()).ok();
                let text = text.and_then(|text| self.renamed.restored(&text.value()));
                TokenTree::Literal(text.map_or(literal, |text| Literal::string(&text)))
            }
            other => other,
        };
        tokens.into_iter().map(restored).collect()
    }
}
