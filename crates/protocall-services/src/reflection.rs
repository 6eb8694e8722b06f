//! Server reflection, v1 and v1alpha: tells tools such as grpcurl which services there are and
//! what their messages look like.
//!
//! `pool` knows the descriptors and answers; here is what goes over the wire, which is the same
//! in both versions but for their names. Messages and clients are generated.

#[rustfmt::skip]
mod generated {
    include!("generated/reflection/protocall.rs");
}
mod pool;
mod wire;

/// The packages `grpc.reflection.v1` and `v1alpha`, as generated: messages, clients, servers.
pub use generated::grpc::reflection::{v1, v1alpha};
pub use pool::InvalidDescriptors;

use pool::{Pool, Visit};
use protocall_core::Code;
use protocall_server::{Routes, Served, Service};
use std::sync::Arc;

/// The descriptors of both versions: an encoded `google.protobuf.FileDescriptorSet`.
pub use generated::FILE_DESCRIPTOR_SET;

/// The reflection service, in both versions.
///
/// It lists the services of the server that it is added to, and tells of all descriptors that it
/// was given, and of its own and the health service's.
///
/// ```
/// # const FILE_DESCRIPTOR_SET: &[u8] = protocall_services::reflection::FILE_DESCRIPTOR_SET;
/// use protocall_services::reflection::Reflection;
///
/// let reflection = Reflection::new().with(FILE_DESCRIPTOR_SET)?.build()?;
/// let server = protocall_server::Server::builder().add_service(reflection);
/// # drop(server);
/// # Ok::<(), protocall_services::reflection::InvalidDescriptors>(())
/// ```
#[derive(Debug, Default)]
pub struct Reflection {
    pool: Pool,
}

impl Reflection {
    /// Knows nothing yet but gRPC's own services.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Also tells of the files of an encoded `google.protobuf.FileDescriptorSet`. A file whose
    /// name is known already is left out: of several versions the first one counts.
    ///
    /// # Errors
    /// [`InvalidDescriptors`] when the bytes are no such set.
    pub fn with(mut self, descriptor_set: &[u8]) -> Result<Self, InvalidDescriptors> {
        self.pool.add(descriptor_set)?;
        Ok(self)
    }

    /// The service to add to a server.
    ///
    /// # Errors
    /// [`InvalidDescriptors`] when a file imports another that no set contained: make the sets
    /// with all imports in them.
    pub fn build(mut self) -> Result<ReflectionService, InvalidDescriptors> {
        self.pool.add(FILE_DESCRIPTOR_SET)?;
        #[cfg(feature = "health")]
        self.pool.add(crate::health::FILE_DESCRIPTOR_SET)?;
        self.pool.check()?;
        Ok(ReflectionService { pool: Arc::new(self.pool), served: Served::default() })
    }
}

/// Serves both versions of reflection; from [`Reflection::build`].
#[derive(Clone, Debug)]
pub struct ReflectionService {
    pool: Arc<Pool>,
    served: Served,
}

impl Service for ReflectionService {
    fn name(&self) -> &'static str {
        v1::server_reflection_methods::SERVER_REFLECTION_INFO.service()
    }

    fn register(mut self, routes: &mut Routes) {
        self.served = routes.served();
        routes.add_service(v1alpha::ServerReflectionServer::new(self.clone()));
        v1::ServerReflectionServer::new(self).register(routes);
    }
}

/// What a client asks.
enum Ask {
    File(String),
    Symbol(String),
    Extension(String, i32),
    Extensions(String),
    Services,
}

/// What it is answered.
enum Answer {
    Files(Vec<Vec<u8>>),
    Extensions(String, Vec<i32>),
    Services(Vec<&'static str>),
    Error(Code, String),
}

impl ReflectionService {
    fn answer(&self, ask: Ask, visit: &mut Visit) -> Answer {
        let (file, what) = match ask {
            Ask::File(name) => (self.pool.file(&name), format!("unknown file {name}")),
            Ask::Symbol(name) => (self.pool.symbol(&name), format!("unknown symbol {name}")),
            Ask::Extension(name, number) => (
                self.pool.extension(&name, number),
                format!("unknown extension {number} of message {name}"),
            ),
            Ask::Extensions(name) => {
                return match self.pool.extensions(&name) {
                    Some(numbers) => Answer::Extensions(name, numbers),
                    None => Answer::Error(Code::NotFound, format!("unknown message {name}")),
                };
            }
            Ask::Services => return Answer::Services(self.served.names()),
        };
        match file {
            Some(file) => Answer::Files(self.pool.with_imports(file, visit)),
            None => Answer::Error(Code::NotFound, what),
        }
    }
}
