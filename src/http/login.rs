//! What an attempt to sign in draws: one from the client, as any other call, and one from the name that is tried, so that
//! many addresses together try no more passwords on it than one does.
//!
//! An attacker who uses the name up must not lock its owner out: from a network that has signed in with this name of late,
//! only the client's budget counts. A name that nobody has is counted alike, so that nobody learns which there are.

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::limits::{AccountKey, Bucket, Draws, Limiter, Price};
use crate::service::Error;
use crate::service::accounts::AccountService;
use crate::service::caller::Caller;

/// Draws the whole price from the client, and one attempt from the name; a refusal of either costs nothing.
///
/// # Errors
/// The refusal, the same for either; 503 when the name cannot be looked up.
pub async fn charge(
    context: &Context,
    caller: &Caller,
    limiter: &Limiter,
    accounts: &AccountService,
    price: Price,
    name: &str,
) -> Result<(), Problem> {
    if !limiter.is_enabled() || accounts.knows(caller, name).await.map_err(unknown)? {
        return context.charge(limiter, price);
    }
    let mut attempts = Draws::of(AccountKey::of(&AccountService::attempted(name)));
    let attempt = Price::of(Bucket::Login, 1);
    let now = context.now(limiter);
    let mut drawn = limiter.check(&mut attempts, &attempt, now);
    if drawn.is_ok() {
        context.charge(limiter, price)?;
        // Another one may have come in between: then this one is refused all the same.
        drawn = limiter.draw(&mut attempts, &attempt, now);
    }
    drawn.map_err(|refusal| {
        limiter.adopt(&mut context.draws(), &attempts);
        context.refuse(&refusal)
    })
}

fn unknown(error: Error) -> Problem {
    match error {
        Error::Internal(source) => {
            tracing::error!(error = %source, "a name could not be looked up");
            Problem::internal()
        }
        other => Problem::unavailable(other.to_string()),
    }
}
