//! The threads that serve connections. Each has its own event loop and its own instance of the application.

use std::{
    io,
    net::{SocketAddr, TcpStream as StdStream},
    rc::Rc,
    sync::Arc,
    thread,
};

use actix_service::{IntoServiceFactory, Service, ServiceFactory};
use actix_web::{
    App, Error,
    body::BoxBody,
    dev::{AppConfig, ServiceRequest, ServiceResponse},
};
use futures::future::LocalBoxFuture;
use tokio::{
    net::TcpStream,
    runtime::Builder,
    sync::{mpsc, oneshot},
    task::{JoinSet, LocalSet},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

use super::{
    connection::serve,
    context::{Application, Served, Shared, Worker},
    open_connections::Admission,
};

/// An accepted connection on its way to a worker.
pub(super) struct Accepted {
    pub(super) stream: StdStream,
    pub(super) peer: SocketAddr,
    pub(super) admission: Admission,
}

/// An application that still has to be initialised in its thread.
pub(super) struct Dispatch(LocalBoxFuture<'static, Option<Application>>);

impl Dispatch {
    pub(super) fn of<T>(app: App<T>) -> Self
    where
        T: ServiceFactory<
                ServiceRequest,
                Config = (),
                Response = ServiceResponse<BoxBody>,
                Error = Error,
                InitError = (),
                Future: 'static,
                Service: 'static,
            > + 'static,
        <T::Service as Service<ServiceRequest>>::Future: 'static,
    {
        Self(Box::pin(async move {
            let service = app.into_factory().new_service(AppConfig::default()).await.ok()?;
            Some(Rc::new(move |request| Box::pin(service.call(request)) as Served) as Application)
        }))
    }
}

/// Starts a thread that serves the connections that it gets, until the server stops. Then it reports that it is done. Its
/// event loop goes on until [`Shared::end`].
pub(super) fn start_worker(
    number: usize,
    shared: Arc<Shared>,
    app: Arc<dyn Fn() -> Dispatch + Send + Sync>,
    accepted: mpsc::UnboundedReceiver<Accepted>,
    done: oneshot::Sender<()>,
) -> io::Result<()> {
    let runtime = Builder::new_current_thread().enable_all().build()?;
    let work = move || {
        LocalSet::new().block_on(&runtime, async move {
            let Some(application) = app().0.await else { return };
            let (arrivals_over, end) = (CancellationToken::new(), shared.end.clone());
            serve_all(Rc::new(Worker { shared, application, arrivals_over }), accepted).await;
            // Fails if nobody waits for the server any more.
            let _ = done.send(());
            end.cancelled().await;
        });
    };
    thread::Builder::new().name(format!("http-{number}")).spawn(work)?;
    Ok(())
}

async fn serve_all(worker: Rc<Worker>, mut accepted: mpsc::UnboundedReceiver<Accepted>) {
    let (shared, mut connections) = (worker.shared.clone(), JoinSet::new());
    loop {
        tokio::select! {
            () = shared.end.cancelled() => return,
            next = accepted.recv() => {
                let Some(Accepted { stream, peer, admission }) = next else { break };
                if let Ok(stream) = TcpStream::from_std(stream) {
                    connections.spawn_local(serve(worker.clone(), stream, peer, admission));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
    let finish = async { while connections.join_next().await.is_some() {} };
    let end_arrivals = async {
        sleep(shared.timeouts.arrival_at_stop).await;
        worker.arrivals_over.cancel();
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = timeout(shared.stop_timeout, finish) => {}
        () = end_arrivals => {}
        () = shared.end.cancelled() => {}
    }
}
