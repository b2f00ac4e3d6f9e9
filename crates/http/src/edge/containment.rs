//! Where handlers that take too long and handlers that panic end: as problems, while the server goes on.

use std::{panic::AssertUnwindSafe, time::Duration};

use actix_web::{
    Error, HttpMessage,
    body::{BoxBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    rt::time::timeout,
    web::Data,
};
use futures::FutureExt;

use crate::{
    problem::{Problem, ProblemCode},
    request::{BodyWait, RequestId},
};

/// How long it may take until a request's answer begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestTimeout(pub(crate) Duration);

/// Gives up a request whose answer does not begin in time. Its work is dropped where it waits, which is safe anywhere:
/// a change set that was handed to the store is committed whole or not at all by a task of the store's own, which knows
/// of no request. So the client cannot tell whether it was done, and has to ask again with the same idempotency key.
///
/// An answer that has begun may take as long as it likes.
pub(crate) async fn contain(
    limit: Data<RequestTimeout>,
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<BoxBody>, Error> {
    let request_id = RequestId::of(request.request());
    let body = BodyWait::default();
    request.extensions_mut().insert(body.clone());

    let served = AssertUnwindSafe(next.call(request)).catch_unwind();
    let RequestTimeout(limit) = **limit;
    let problem = match timeout(limit, served).await {
        Ok(Ok(served)) => return Ok(served?.map_into_boxed_body()),
        Ok(Err(_panic)) => {
            // What it said is in the log already, by the panic hook; this line tells for which request.
            tracing::error!(request_id, "request failed by a panic");
            Problem::new(ProblemCode::Internal, "the log of the server knows more under the request id")
        }
        Err(_elapsed) if body.is_underway() => {
            let detail = format!("the body did not arrive within {} s", limit.as_secs());
            Problem::new(ProblemCode::RequestTimeout, detail)
        }
        Err(_elapsed) => {
            let detail = format!(
                "the request was given up after {} s; whether it was done is not known, so send it again, with the same \
                 idempotency key if it had one",
                limit.as_secs()
            );
            Problem::new(ProblemCode::TimedOut, detail)
        }
    };
    Err(problem.into())
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test, web};
    use futures::stream;

    use super::*;

    const LIMIT: Duration = Duration::from_secs(1);

    /// An answer that begins at once and takes an hour.
    async fn slowly() -> HttpResponse {
        let pieces = stream::unfold(0, |sent: u8| async move {
            actix_web::rt::time::sleep(Duration::from_mins(20)).await;
            (sent < 3).then(|| (Ok::<_, Error>(web::Bytes::from_static(b"piece ")), sent + 1))
        });
        HttpResponse::Ok().streaming(pieces)
    }

    async fn never() -> HttpResponse {
        std::future::pending().await
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_has_begun_may_take_as_long_as_it_likes() {
        let app = App::new()
            .app_data(Data::new(RequestTimeout(LIMIT)))
            .wrap(from_fn(contain))
            .route("/slowly", web::get().to(slowly))
            .route("/never", web::get().to(never));
        let app = test::init_service(app).await;
        let answer = test::call_and_read_body(&app, test::TestRequest::get().uri("/slowly").to_request()).await;
        assert_eq!(answer, "piece piece piece ");
        let given_up = test::try_call_service(&app, test::TestRequest::get().uri("/never").to_request()).await;
        let error = given_up.expect_err("nobody waits forever");
        assert_eq!(error.as_error::<Problem>().map(Problem::code), Some(ProblemCode::TimedOut));
    }
}
