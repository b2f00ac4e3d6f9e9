//! Turns handlers that take too long or panic into problems.

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
    problem::{Problem, ProblemCode, SEE_LOG},
    request::{BodyWait, RequestId},
};

/// The maximum time until the response to a request starts.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RequestTimeout(pub(crate) Duration);

/// Ends a request whose response does not start in time, and one whose handler panics.
///
/// The handler is dropped at the point where it waits. That is safe everywhere: the store commits a change set whole or
/// not at all, in a task that does not depend on the request. The client therefore cannot know whether the request took
/// effect and should repeat it with the same idempotency key.
///
/// A response that has started may take any time.
pub(crate) async fn timeout_and_catch_panic(
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
            // The panic hook has logged the message; this line adds the request.
            tracing::error!(request_id, "request handler panicked");
            Problem::new(ProblemCode::Internal, SEE_LOG)
        }
        Err(_elapsed) if body.is_waiting() => {
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

    /// A response that starts immediately and takes an hour.
    async fn slowly() -> HttpResponse {
        let chunks = stream::unfold(0, |sent: u8| async move {
            actix_web::rt::time::sleep(Duration::from_mins(20)).await;
            (sent < 3).then(|| (Ok::<_, Error>(web::Bytes::from_static(b"chunk ")), sent + 1))
        });
        HttpResponse::Ok().streaming(chunks)
    }

    async fn never() -> HttpResponse {
        std::future::pending().await
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_start_of_a_response_is_limited() {
        let app = App::new()
            .app_data(Data::new(RequestTimeout(LIMIT)))
            .wrap(from_fn(timeout_and_catch_panic))
            .route("/slowly", web::get().to(slowly))
            .route("/never", web::get().to(never));
        let app = test::init_service(app).await;
        let answer = test::call_and_read_body(&app, test::TestRequest::get().uri("/slowly").to_request()).await;
        assert_eq!(answer, "chunk chunk chunk ");
        let timed_out = test::try_call_service(&app, test::TestRequest::get().uri("/never").to_request()).await;
        let error = timed_out.expect_err("the handler never responds");
        assert_eq!(error.as_error::<Problem>().map(Problem::code), Some(ProblemCode::TimedOut));
    }
}
