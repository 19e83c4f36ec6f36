//! One operation over a WebSocket: the way of a POST, with a line in the log like a POST.

use std::sync::Arc;

use axum::http::StatusCode;
use futures_util::stream::{BoxStream, iter, once};
use futures_util::{FutureExt as _, StreamExt as _};
use serde_json::json;
use tokio::sync::oneshot;
use tokio::time::timeout;

use crate::graphql::execute::{Executor, Ready};
use crate::graphql::fault::Fault;
use crate::graphql::request::Asked;
use crate::graphql::response::Answer;
use crate::graphql::socket::protocol::Closing;
use crate::graphql::socket::running::Output;
use crate::graphql::socket::session::Session;
use crate::graphql::state::GraphQl;
use crate::http::context::Context;
use crate::http::log_line::Line;
use crate::http::problem::Problem;
use crate::service::caller::Caller;
use crate::telemetry::{self, Steps};

/// Seconds after which an operation that found no room on its socket may be tried again.
const COME_AGAIN: u64 = 1;

/// Begins it. When this returns, a subscription hears of every commit to come.
///
/// # Errors
/// The end of the socket, when its credential holds no longer.
pub(in crate::graphql) async fn begin(
    session: &mut Session,
    id: String,
    asked: Result<Asked, Box<Problem>>,
) -> Result<(), Closing> {
    while session.tasks.try_join_next().is_some() {}
    let context = Arc::new(session.context.operation(session.graphql.limiter.load_full()));
    let line = Line::of_operation(Arc::clone(&context), &session.graphql.observers);
    let steps = line.steps();
    let mut told = Told { line, context: &context, graphql: &session.graphql };
    let identified = session.graphql.identities.identify(&context, &session.credential);
    let identified = bounded(&session.graphql, &context, steps.clone(), identified).await;
    let caller = match identified {
        Ok(caller) => caller,
        Err(problem) if problem.status == StatusCode::UNAUTHORIZED => {
            told.error(&problem);
            return Err(Closing::FORBIDDEN);
        }
        Err(problem) => {
            session.operations.begin(id, false, told.problem(&problem));
            return Ok(());
        }
    };
    let executor = Executor { graphql: &session.graphql, context: &context, caller: &caller };
    let outputs = match check(session, &executor, asked) {
        Err(problem) => told.problem(&problem),
        Ok(Err(faults)) => told.failed(Answer::Failed(faults), StatusCode::BAD_REQUEST),
        Ok(Ok(ready)) if ready.is_subscription() => {
            let beginning = executor.subscribe(ready);
            match bounded(&session.graphql, &context, steps, beginning).await {
                Err(problem) => told.problem(&problem),
                Ok(Err(answer)) => told.failed(answer, StatusCode::OK),
                Ok(Ok(events)) => {
                    let max_errors = told.graphql.limits.max_errors;
                    told.line.finish(StatusCode::OK);
                    let results = events.map(move |event| Output::Next(Answer::Ran(event).text(max_errors)));
                    session.operations.begin(id, true, results.boxed());
                    return Ok(());
                }
            }
        }
        Ok(Ok(ready)) => {
            let line = told.line;
            // A task of its own, so that it holds up no other write while its socket takes nothing, and is done to its end
            // when nobody listens any more: it was paid for.
            let (done, outputs) = oneshot::channel();
            let run = run(Arc::clone(&session.graphql), Arc::clone(&context), caller.clone(), ready, line);
            session.tasks.spawn(run.map(|outputs| drop(done.send(outputs))));
            let panicked = |_| vec![Output::Error(json!([Problem::internal().graphql_error()]).to_string())];
            once(outputs).flat_map(move |outputs| iter(outputs.unwrap_or_else(panicked))).boxed()
        }
    };
    session.operations.begin(id, false, outputs);
    Ok(())
}

/// What can be told before anything runs.
fn check(
    session: &Session,
    executor: &Executor<'_>,
    asked: Result<Asked, Box<Problem>>,
) -> Result<Result<Ready, Vec<Fault>>, Problem> {
    let most = session.graphql.sockets.max_operations;
    // Those that have been left run on.
    if session.operations.len().max(session.tasks.len()) >= most {
        let detail = format!("{most} operations are open on this socket, and there is no room for more.");
        return Err(
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", detail).with_retry_after(COME_AGAIN)
        );
    }
    executor.prepare(&asked.map_err(|problem| *problem)?, false)
}

/// Bounded as a request is: by a place among all in work, and by time.
async fn bounded<T>(
    graphql: &GraphQl,
    context: &Context,
    steps: Option<Arc<Steps>>,
    work: impl Future<Output = Result<T, Problem>>,
) -> Result<T, Problem> {
    let _place = graphql.overload.hold()?;
    let work = timeout(graphql.sockets.work, work);
    telemetry::within(context.request_id.clone(), steps, work).await.map_err(|_| Problem::given_up())?
}

/// A query or a mutation.
async fn run(
    graphql: Arc<GraphQl>,
    context: Arc<Context>,
    caller: Caller,
    ready: Ready,
    line: Line,
) -> Vec<Output> {
    let steps = line.steps();
    let mut told = Told { line, context: &context, graphql: &graphql };
    let executor = Executor { graphql: &graphql, context: &context, caller: &caller };
    match bounded(&graphql, &context, steps, executor.run(ready)).await {
        Err(problem) => vec![told.error(&problem)],
        Ok(answer) => {
            context.record().outcome = answer.code();
            told.line.finish(StatusCode::OK);
            vec![Output::Next(answer.text(told.graphql.limits.max_errors)), Output::Complete]
        }
    }
}

/// How an operation is told, to the client and to the log.
struct Told<'a> {
    line: Line,
    context: &'a Context,
    graphql: &'a GraphQl,
}

impl Told<'_> {
    fn problem(self, problem: &Problem) -> BoxStream<'static, Output> {
        iter([self.error(problem)]).boxed()
    }

    fn failed(mut self, answer: Answer, status: StatusCode) -> BoxStream<'static, Output> {
        self.context.record().outcome = answer.code();
        self.line.finish(status);
        let errors = answer.errors(self.graphql.limits.max_errors);
        iter([Output::Error(errors.to_string())]).boxed()
    }

    fn error(mut self, problem: &Problem) -> Output {
        self.context.record().outcome = Some(problem.graphql_code());
        self.context.note(problem, self.graphql.service.refusals());
        self.line.finish(problem.status);
        Output::Error(json!([problem.graphql_error()]).to_string())
    }
}
