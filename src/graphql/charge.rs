//! The moment between validation and execution, when the price is drawn.

use std::sync::{Arc, Mutex, PoisonError};

use crate::limits::{Limiter, Price};
use crate::middleware::{Call, Problem};
use crate::service::caller::Caller;
use crate::service::policy::{Action, authorize};

use super::error;
use super::price::{Bill, ResponseKey};

/// What is to be drawn before an operation runs, and what came of it.
pub(super) struct Toll {
    pub mode: Mode,
    pub call: Arc<Call>,
    pub caller: Caller,
    pub limiter: Arc<Limiter>,
    pub price: Price,
    pub actions: Vec<Action>,
    pub response_keys: Vec<ResponseKey>,
    outcome: Mutex<Outcome>,
}

/// What happens once the document has been validated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    /// The price is drawn and the operation runs.
    Charge,
    /// Nothing: it was only to be validated. The requests of a batch are, before their sum is drawn.
    ValidateOnly,
    /// The operation runs; the batch has paid for it.
    Paid,
}

/// How far a document came.
#[derive(Debug, Clone, Default)]
pub(super) enum Outcome {
    /// It did not validate.
    #[default]
    Invalid,
    /// It validated, but was not admitted.
    Refused(Box<Problem>),
    /// It ran, or would have run.
    Admitted,
}

impl Toll {
    pub(super) fn new(
        mode: Mode,
        call: Arc<Call>,
        caller: Caller,
        limiter: Arc<Limiter>,
        bill: Bill,
    ) -> Self {
        Self {
            mode,
            call,
            caller,
            limiter,
            price: bill.price,
            actions: bill.actions,
            response_keys: bill.response_keys,
            outcome: Mutex::default(),
        }
    }

    /// Called once the document is valid. Whether it may run.
    pub(super) fn pay(&self) -> bool {
        let result = match self.mode {
            Mode::Charge => admit(&self.call, &self.caller, &self.limiter, self.price, &self.actions),
            Mode::ValidateOnly | Mode::Paid => Ok(()),
        };
        let runs = result.is_ok() && self.mode != Mode::ValidateOnly;
        *self.outcome.lock().unwrap_or_else(PoisonError::into_inner) = match result {
            Ok(()) => Outcome::Admitted,
            Err(problem) => Outcome::Refused(Box::new(problem)),
        };
        runs
    }

    pub(super) fn outcome(&self) -> Outcome {
        self.outcome.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Asks the policy table for every action, then draws the price: a refusal costs nothing.
pub(super) fn admit(
    call: &Call,
    caller: &Caller,
    limiter: &Limiter,
    price: Price,
    actions: &[Action],
) -> Result<(), Problem> {
    for action in actions {
        authorize(caller, *action).map_err(|refusal| error::problem(&refusal))?;
    }
    call.charge(limiter, price)
}
