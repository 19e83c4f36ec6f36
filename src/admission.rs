//! Whether a caller may do an operation, and then its price: both surfaces ask here before a use case runs.
//!
//! What the policy refuses costs nothing. The use case asks the same policy again, so that a surface that forgot to ask
//! would still be held.
//!
//! An attempt to sign in draws one from the client, as any other operation, and one from the name that is tried, so that
//! many addresses together try no more passwords on it than one does. The client is the address here, whoever asks: else
//! each token that an attacker has would be as many attempts more. An attacker who uses the name up must not lock its
//! owner out: from a network that has signed in with this name before, only the client's budget counts. A name that
//! nobody has is counted alike, so that nobody learns which there are.

use std::ops::AddAssign;

use crate::http::context::Context;
use crate::http::problem::Problem;
use crate::limits::{Bucket, Budget, Drawing, Draws, Price};
use crate::operations::{Operation, SIGN_IN};
use crate::service::accounts::{AccountService, Waiting, key_owner};
use crate::service::action::Action;
use crate::service::caller::Caller;
use crate::service::policy::authorize;

/// What operations that run together need: all of it is asked for before the first one runs.
#[derive(Debug, Clone, Default)]
pub struct Charges {
    pub price: Price,
    actions: Vec<Action>,
    /// Of whose account keys are wanted; `None` for the caller's own.
    pub key_owners: Vec<Option<i64>>,
    /// The name that somebody signs in with.
    pub attempted: Option<String>,
    /// Operations that try a password.
    pub passwords: usize,
}

impl Charges {
    /// Adds what one operation needs.
    pub fn add(&mut self, operation: &Operation) {
        self.price += price(operation);
        self.passwords += usize::from(operation.bucket == Some(Bucket::Login));
        if let Some(action) = operation.action
            && !self.actions.contains(&action)
        {
            self.actions.push(action);
        }
    }

    /// Adds what it needs to leave out the films that the caller has voted for.
    pub fn add_unseen(&mut self) {
        self.actions.push(Action::LeaveOutVotedFor);
    }

    /// Adds what it needs to give a key limits of its own.
    pub fn add_key_limits(&mut self) {
        self.actions.push(Action::LimitKey);
    }
}

impl AddAssign for Charges {
    fn add_assign(&mut self, other: Self) {
        self.price += other.price;
        self.actions.extend(other.actions);
        self.key_owners.extend(other.key_owners);
        self.attempted = self.attempted.take().or(other.attempted);
        self.passwords += other.passwords;
    }
}

fn price(operation: &Operation) -> Price {
    operation.bucket.map_or_else(Price::default, |bucket| Price::of(bucket, 1))
}

/// Asks the policy, then draws the price; the log names the operation.
///
/// # Errors
/// The refusal of either, ready to be answered; nothing was drawn then.
pub async fn admit(context: &Context, caller: &Caller, operation: &Operation) -> Result<(), Problem> {
    begin(context, caller, operation)?;
    context.charge(price(operation)).await
}

/// The same for an operation that tries a password on a name. What it returns is kept until it was tried.
///
/// # Errors
/// As for [`admit`], the same for client and name; 503 when too many wait, or the name cannot be looked up.
pub async fn admit_attempt(
    context: &Context,
    caller: &Caller,
    accounts: &AccountService,
    operation: &Operation,
    name: &str,
) -> Result<Waiting, Problem> {
    begin(context, caller, operation)?;
    let signs_in = operation.name == SIGN_IN.name;
    draw_attempt(context, caller, accounts, price(operation), name, signs_in).await
}

/// The same for operations that run together. Which of them the log names is the surface's choice.
///
/// # Errors
/// As for [`admit_attempt`].
pub async fn admit_all(
    context: &Context,
    caller: &Caller,
    accounts: &AccountService,
    charges: &Charges,
) -> Result<Option<Waiting>, Problem> {
    authorize_all(caller, charges)?;
    // To change a password is to try the present one.
    let own = || caller.account_name().filter(|_| charges.passwords > 0);
    match charges.attempted.as_deref().or_else(own) {
        Some(name) => {
            let signs_in = charges.attempted.is_some();
            let attempt = draw_attempt(context, caller, accounts, charges.price, name, signs_in);
            // Boxed, so that what tries no password does not hold the room of a look-up.
            Box::pin(attempt).await.map(Some)
        }
        None => context.charge(charges.price).await.map(|()| None),
    }
}

/// Tells whether [`admit_all`] would pass, and draws nothing. Not for what tries a password: whether it may be tried is
/// told to who tries it.
///
/// # Errors
/// What would refuse it.
pub async fn check_all(context: &Context, caller: &Caller, charges: &Charges) -> Result<(), Problem> {
    authorize_all(caller, charges)?;
    context.check(charges.price).await
}

fn authorize_all(caller: &Caller, charges: &Charges) -> Result<(), Problem> {
    for action in &charges.actions {
        authorize(caller, *action)?;
    }
    for owner in &charges.key_owners {
        key_owner(caller, *owner)?;
    }
    Ok(())
}

/// Refuses whoever has not signed in, and asks for what they have not voted for.
///
/// # Errors
/// The refusal, ready to be answered.
pub fn admit_unseen(caller: &Caller) -> Result<(), Problem> {
    Ok(authorize(caller, Action::LeaveOutVotedFor)?)
}

/// Refuses whoever may not give a key limits of its own.
///
/// # Errors
/// The refusal, ready to be answered.
pub fn admit_key_limits(caller: &Caller) -> Result<(), Problem> {
    Ok(authorize(caller, Action::LimitKey)?)
}

fn begin(context: &Context, caller: &Caller, operation: &Operation) -> Result<(), Problem> {
    context.set_action(operation.name);
    Ok(operation.action.map_or(Ok(()), |action| authorize(caller, action))?)
}

/// Draws the whole price from the client, and one attempt from the name; a refusal of either costs nothing, and so does one
/// because too many wait.
async fn draw_attempt(
    context: &Context,
    caller: &Caller,
    accounts: &AccountService,
    price: Price,
    name: &str,
    signs_in: bool,
) -> Result<Waiting, Problem> {
    let waiting = accounts.wait_for_password()?;
    let charge = async || {
        if signs_in { context.charge_address(price).await } else { context.charge(price).await }
    };
    let limiter = &context.limiter;
    if !limiter.is_enabled() || accounts.knows(caller, name).await? {
        return charge().await.map(|()| waiting);
    }
    let budget = Budget::of_attempts(&AccountService::attempted(name));
    let mut attempts = Draws::of(budget.clone());
    let attempt = Price::of(Bucket::Login, 1);
    let now = context.now();
    let mut draw = async |drawing| {
        let told = limiter.ask(&budget, &Price::default(), &attempt, drawing, now).await;
        limiter.decide(&mut attempts, &attempt, now, drawing, told.as_deref()).map_err(|refusal| {
            limiter.adopt(&mut context.draws(), &attempts);
            context.refuse(&refusal)
        })
    };
    draw(Drawing::Ahead).await?;
    charge().await?;
    // Another one may have come in between: then this one is refused all the same.
    draw(Drawing::Real).await.map(|()| waiting)
}
