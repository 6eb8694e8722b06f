//! The pages in `docs/`, whose code is compiled and run as documentation tests.
//!
//! A new page needs a line in `pages!`; the test below sees to it. What the code may use without
//! showing it is [`Hello`], the service of the tutorial.

#[allow(missing_docs, reason = "comments of the .proto file are the docs")]
pub mod proto {
    protocall::include_proto!();
}

use proto::example::{HelloRequest, HelloResponse, HelloService};
use protocall::{Request, Response, Status};

/// Greets whoever calls.
#[derive(Debug)]
pub struct Hello;

impl HelloService for Hello {
    async fn send_message(
        &self,
        request: Request<HelloRequest>,
    ) -> Result<Response<HelloResponse>, Status> {
        let message = format!("Hello, {}!", request.into_inner().name);
        Ok(Response::new(HelloResponse { message, ..Default::default() }))
    }
}

/// Takes in pages by name.
macro_rules! pages {
    ($($name:ident: $file:literal,)*) => {
        $(
            #[doc = include_str!(concat!("../../../docs/", $file))]
            pub mod $name {}
        )*

        /// The files of the pages above.
        pub const PAGES: &[&str] = &[$($file),*];
    };
}

pages! {
    codegen: "codegen.md",
    compression: "compression.md",
    deadlines: "deadlines.md",
    diagnostics: "diagnostics.md",
    errors: "errors.md",
    health: "health.md",
    interceptors: "interceptors.md",
    metadata: "metadata.md",
    reflection: "reflection.md",
    shutdown: "shutdown.md",
    tls: "tls.md",
}

#[cfg(test)]
mod codegen_options;

#[cfg(test)]
mod tests {
    use super::PAGES;
    use std::path::Path;

    #[test]
    fn every_page_is_compiled_and_listed() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
        let index = std::fs::read_to_string(folder.join("README.md")).unwrap();
        let files = std::fs::read_dir(folder).unwrap();
        let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut count = 0;
        for name in names.filter(|name| name != "README.md") {
            assert!(PAGES.contains(&name.as_str()), "{name} is not in pages!");
            assert!(index.contains(&format!("({name})")), "{name} is not in docs/README.md");
            count += 1;
        }
        assert_eq!(count, PAGES.len());
    }
}
