//! Both versions of reflection on the wire: the same but for the package's name, so written once.
//! What is answered is the module above's business.

use super::pool::Visit;
use super::{Answer, Ask, ReflectionService, generated};
use protocall_core::Status;
use protocall_transport::message::{Request, Response, ResponseStream, Streaming};

/// Between one version's messages and [`Ask`] and [`Answer`].
macro_rules! version {
    ($version:ident) => {
        mod $version {
            use super::generated::grpc::reflection::$version::*;
            use super::{
                Answer, Ask, ReflectionService, Request, Response, ResponseStream, Status,
                Streaming, Visit,
            };
            use __buffa::oneof::server_reflection_request::MessageRequest;

            impl ServerReflection for ReflectionService {
                async fn server_reflection_info(
                    &self,
                    request: Request<Streaming<ServerReflectionRequest>>,
                ) -> Result<Response<ResponseStream<ServerReflectionResponse>>, Status> {
                    let (service, mut requests) = (self.clone(), request.into_inner());
                    Ok(Response::new(ResponseStream::produce(move |sender| async move {
                        let mut visit = Visit::default();
                        while let Some(request) = requests.message().await? {
                            let answer = service.answer(ask(&request)?, &mut visit);
                            sender.send(response(request, answer)).await?;
                        }
                        Ok(())
                    })))
                }
            }

            fn ask(request: &ServerReflectionRequest) -> Result<Ask, Status> {
                Ok(match request.message_request.clone() {
                    Some(MessageRequest::FileByFilename(name)) => Ask::File(name),
                    Some(MessageRequest::FileContainingSymbol(name)) => Ask::Symbol(name),
                    Some(MessageRequest::FileContainingExtension(of)) => {
                        Ask::Extension(of.containing_type, of.extension_number)
                    }
                    Some(MessageRequest::AllExtensionNumbersOfType(name)) => Ask::Extensions(name),
                    Some(MessageRequest::ListServices(_)) => Ask::Services,
                    None => return Err(Status::invalid_argument("the request asks for nothing")),
                })
            }

            fn response(
                request: ServerReflectionRequest,
                answer: Answer,
            ) -> ServerReflectionResponse {
                let message_response = match answer {
                    Answer::Files(file_descriptor_proto) => {
                        FileDescriptorResponse { file_descriptor_proto, ..Default::default() }
                            .into()
                    }
                    Answer::Extensions(base_type_name, extension_number) => {
                        let rest = ExtensionNumberResponse::default();
                        ExtensionNumberResponse { base_type_name, extension_number, ..rest }.into()
                    }
                    Answer::Services(names) => {
                        let service = names
                            .into_iter()
                            .map(|name| ServiceResponse { name: name.into(), ..Default::default() })
                            .collect();
                        ListServiceResponse { service, ..Default::default() }.into()
                    }
                    Answer::Error(code, error_message) => {
                        let error_code = code as i32;
                        ErrorResponse { error_code, error_message, ..Default::default() }.into()
                    }
                };
                ServerReflectionResponse {
                    valid_host: request.host.clone(),
                    original_request: buffa::MessageField::some(request),
                    message_response,
                    ..Default::default()
                }
            }
        }
    };
}

version!(v1);
version!(v1alpha);
