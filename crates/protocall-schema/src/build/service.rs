//! Services and their methods.

use buffa_descriptor::generated::descriptor::{MethodDescriptorProto, ServiceDescriptorProto};

use super::{Builder, OptionsKind, extend_path, index};
use crate::features::Features;
use crate::model::NameStyle;
use crate::names::join;
use crate::syntax::{Method, MethodItem, MethodType, Service, ServiceItem};

impl<'a> Builder<'a, '_> {
    pub(super) fn service(
        &mut self,
        ast: &'a Service,
        scope: &str,
        path: &[i32],
    ) -> ServiceDescriptorProto {
        let full_name = join(scope, &ast.name.text);
        let mut service =
            ServiceDescriptorProto { name: Some(ast.name.text.clone()), ..Default::default() };
        let own = ast.body.items.iter().filter_map(|item| match item {
            ServiceItem::Option(setting) => Some(setting),
            _ => None,
        });
        let features = self.features_with(own, ast.name.span);
        self.styled("service", NameStyle::Title, &ast.name, features);
        let mut options = Vec::new();
        for item in &ast.body.items {
            match item {
                ServiceItem::Option(setting) => options.push(setting),
                ServiceItem::Empty(_) => {}
                ServiceItem::Method(method) => {
                    let path = extend_path(path, &[2, index(service.method.len())]);
                    self.method_style(method, features);
                    service.method.push(MethodDescriptorProto {
                        name: Some(method.name.text.clone()),
                        input_type: Some(self.method_type(&method.input, &full_name)),
                        output_type: Some(self.method_type(&method.output, &full_name)),
                        client_streaming: method.input.stream.map(|_| true),
                        server_streaming: method.output.stream.map(|_| true),
                        ..Default::default()
                    });
                    if let Some(body) = &method.body {
                        let settings = body.items.iter().filter_map(|item| match item {
                            MethodItem::Option(setting) => Some(setting),
                            MethodItem::Empty(_) => None,
                        });
                        // `{}` gives the method an empty options message.
                        let element = (OptionsKind::Method, method.name.span);
                        self.site(element, &path, &full_name, settings.collect());
                    }
                }
            }
        }
        if !options.is_empty() {
            self.site((OptionsKind::Service, ast.name.span), path, scope, options);
        }
        service
    }

    fn method_type(&mut self, ast: &MethodType, scope: &str) -> String {
        match self.resolve_message(&ast.name, scope, "a method's request and response are messages")
        {
            Some(full_name) => format!(".{full_name}"),
            None => ast.name.text.clone(),
        }
    }

    fn method_style(&mut self, method: &Method, around: Features) {
        let items = method.body.iter().flat_map(|body| &body.items);
        let settings = items.filter_map(|item| match item {
            MethodItem::Option(setting) => Some(setting),
            MethodItem::Empty(_) => None,
        });
        let explicit = self.explicit(settings, method.name.span);
        self.styled("method", NameStyle::Title, &method.name, around.with(&explicit));
    }
}
