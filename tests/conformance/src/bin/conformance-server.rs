//! The server that the conformance suite tests: started anew for each set of settings, which come
//! over stdin.
#![allow(clippy::print_stderr, reason = "a program speaks to its user")]

use protocall::server::{MessageLimits, ctrl_c};
use protocall::{Server, ServerTls};
use protocall_conformance::service::Conformance;
use protocall_conformance::v1::{
    ConformanceServiceServer, ServerCompatRequest, ServerCompatResponse,
};
use protocall_conformance::wire;
use std::error::Error;
use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("conformance-server: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Box<dyn Error>> {
    let asked: ServerCompatRequest =
        wire::read(&mut tokio::io::stdin()).await?.ok_or("stdin has no settings")?;
    let mut builder = Server::builder();
    if asked.message_receive_limit > 0 {
        let receive = usize::try_from(asked.message_receive_limit)?;
        builder = builder.message_limits(MessageLimits { receive, ..MessageLimits::default() });
    }
    let mut pem_cert = Vec::new();
    if asked.use_tls {
        let creds = asked.server_creds.as_option().ok_or("TLS without a certificate")?;
        let mut tls = ServerTls::from_pem(&creds.cert, &creds.key)?;
        if !asked.client_tls_cert.is_empty() {
            tls = tls.client_ca(&asked.client_tls_cert)?;
        }
        builder = builder.tls(tls);
        pem_cert.clone_from(&creds.cert);
    }
    let service = ConformanceServiceServer::new(Conformance);
    let server = builder.add_service(service).bind("127.0.0.1:0").await?;
    let port = u32::from(server.local_addr()?.port());
    let host = "127.0.0.1".to_owned();
    let ready = ServerCompatResponse { host, port, pem_cert, ..Default::default() };
    wire::write(&mut tokio::io::stdout(), &ready).await?;
    server.serve_with_shutdown(ctrl_c()).await;
    Ok(())
}
