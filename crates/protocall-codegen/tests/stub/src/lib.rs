//! The signatures of the runtime that generated code relies on, and no behaviour.
//!
//! The generator's tests compile their golden files against this crate under the name `protocall`:
//! a signature that generated code does not meet fails them, without building the runtime.

use std::future::{Future, ready};
use std::marker::PhantomData;

pub use {buffa, buffa_types};

pub mod codec {
    //! Codecs.
    /// What a codec is asked for: both messages of a method.
    pub trait Codec<M> {}
    /// The default codec.
    #[derive(Debug)]
    pub struct Buffa;
    impl<M: buffa::Message> Codec<M> for Buffa {}

    pub mod checks {
        //! What generated messages call while they are read.
        use buffa::bytes::Buf;
        use buffa::{DecodeContext, DecodeError, Message, UnknownField};

        /// The fields of a message; the stub takes every tag.
        pub fn merge_to_limit<M: Message>(
            message: &mut M,
            buf: &mut impl Buf,
            ctx: DecodeContext<'_>,
            limit: usize,
        ) -> Result<(), DecodeError> {
            while buf.remaining() > limit {
                let tag = buffa::encoding::Tag::decode(buf)?;
                message.merge_field(tag, buf, ctx)?;
            }
            Ok(())
        }

        /// The fields of a group; no message of the tests has one.
        pub fn merge_group<M: Message>(
            _: &mut M,
            _: &mut impl Buf,
            _: DecodeContext<'_>,
            number: u32,
        ) -> Result<(), DecodeError> {
            Err(DecodeError::InvalidEndGroup(number))
        }

        /// An extension that is text.
        pub fn text(_: &UnknownField, _: &[u32]) -> Result<(), DecodeError> {
            Ok(())
        }
    }
}

pub mod generated {
    //! The handshake.
    /// Refuses code that is newer than ABI 2.
    pub const fn requires(generated_abi: u32, message: &'static str) {
        if generated_abi > 2 {
            panic!("{}", message);
        }
    }
}

/// A method.
#[derive(Debug)]
pub struct Method {
    /// `example.HelloService`.
    pub service: &'static str,
    /// `SendMessage`.
    pub name: &'static str,
    /// `/example.HelloService/SendMessage`.
    pub path: &'static str,
    /// Which sides stream.
    pub kind: MethodKind,
}

impl Method {
    /// As written by the generator.
    pub const fn new(
        service: &'static str,
        name: &'static str,
        path: &'static str,
        kind: MethodKind,
    ) -> Self {
        Self { service, name, path, kind }
    }
}

/// Which sides of a method stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MethodKind {
    /// Neither.
    Unary,
    /// The server.
    ServerStreaming,
    /// The client.
    ClientStreaming,
    /// Both.
    BidiStreaming,
}

/// An error.
#[derive(Debug)]
pub struct Status(pub String);

impl Status {
    /// What a handler that is not written answers.
    pub fn unimplemented_method(method: &'static Method) -> Self {
        Self(method.path.to_owned())
    }
}

/// A request.
#[derive(Debug)]
pub struct Request<M>(pub M);
/// A response.
#[derive(Debug)]
pub struct Response<M>(pub M);

/// A message, or a request with more around it.
pub trait IntoRequest<M> {
    /// The request.
    fn into_request(self) -> Request<M>;
}

impl<M> IntoRequest<M> for M {
    fn into_request(self) -> Request<M> {
        Request(self)
    }
}

impl<M> IntoRequest<M> for Request<M> {
    fn into_request(self) -> Self {
        self
    }
}

/// Messages received.
#[derive(Debug)]
pub struct Streaming<M>(PhantomData<M>);
/// Messages to send.
#[derive(Debug)]
pub struct ResponseStream<M>(PhantomData<M>);
/// A client-streaming call.
#[derive(Debug)]
pub struct ClientStreaming<I, O>(PhantomData<(I, O)>);
/// A bidirectional call.
#[derive(Debug)]
pub struct BidiStreaming<I, O>(PhantomData<(I, O)>);

/// A channel whose every call fails with the method's path.
#[derive(Clone, Debug, Default)]
pub struct Channel;

impl Channel {
    /// Unary.
    pub fn unary<C: codec::Codec<I> + codec::Codec<O>, I, O>(
        &self,
        method: &'static Method,
        _: Request<I>,
    ) -> impl Future<Output = Result<Response<O>, Status>> {
        ready(Err(Status(method.path.to_owned())))
    }
    /// Server streaming.
    pub fn server_streaming<C: codec::Codec<I> + codec::Codec<O>, I, O>(
        &self,
        _: &'static Method,
        _: Request<I>,
    ) -> Streaming<O> {
        Streaming(PhantomData)
    }
    /// Client streaming.
    pub fn client_streaming<C: codec::Codec<I> + codec::Codec<O>, I, O>(
        &self,
        _: &'static Method,
        _: Request<()>,
    ) -> ClientStreaming<I, O> {
        ClientStreaming(PhantomData)
    }
    /// Bidirectional.
    pub fn bidi_streaming<C: codec::Codec<I> + codec::Codec<O>, I, O>(
        &self,
        _: &'static Method,
        _: Request<()>,
    ) -> BidiStreaming<I, O> {
        BidiStreaming(PhantomData)
    }
}

pub mod server {
    //! The server's side.
    use std::future::Future;
    use std::sync::Arc;

    use super::codec::Codec;
    use super::{Method, Request, Response, ResponseStream, Status, Streaming};

    /// A service.
    pub trait Service {
        /// Its full name.
        fn name(&self) -> &'static str;
        /// Hands over its handlers.
        fn register(self, routes: &mut Routes);
    }

    /// The methods registered so far.
    #[derive(Debug, Default)]
    pub struct Routes(pub Vec<&'static Method>);

    macro_rules! register {
        ($name:ident, $input:ty, $output:ty) => {
            /// Registers a method.
            pub fn $name<C, I, O, S, F, Fut>(&mut self, method: &'static Method, _: &Arc<S>, _: F)
            where
                C: Codec<I> + Codec<O>,
                I: Send + 'static,
                O: Send + 'static,
                S: Send + Sync + 'static,
                F: Fn(Arc<S>, Request<$input>) -> Fut + Send + Sync + 'static,
                Fut: Future<Output = Result<Response<$output>, Status>> + Send + 'static,
            {
                self.0.push(method);
            }
        };
    }

    impl Routes {
        register!(unary, I, O);
        register!(server_streaming, I, ResponseStream<O>);
        register!(client_streaming, Streaming<I>, O);
        register!(bidi_streaming, Streaming<I>, ResponseStream<O>);
    }
}
