//! Which budgets there are, and by whose policies: of addresses, of roles, and of keys that have their own.

use std::collections::HashMap;
use std::sync::{Arc, MutexGuard, PoisonError};

use super::key::Key;
use super::limiter::Limiter;
use super::local::LocalStore;
use super::plan::{Budget, Plan};
use super::policies::{OwnLimits, Policies, Tier};
use super::window::Moment;

/// How the label of what a key has of its own begins.
const OF_KEY: &str = "key ";

impl Limiter {
    /// The plan of this label with these policies.
    pub(super) fn plan(&self, label: &str, tier: Tier, policies: &Policies) -> Arc<Plan> {
        let mut plans = self.all_plans();
        let plan = Plan::new(plans.len() as Moment + 1, label, Some(tier), policies);
        if let Some(known) =
            plans.iter().find(|known| known.label == plan.label && known.has_windows_of(&plan))
        {
            return Arc::clone(known);
        }
        let plan = Arc::new(plan);
        plans.push(Arc::clone(&plan));
        plan
    }

    pub(super) fn all_plans(&self) -> MutexGuard<'_, Vec<Arc<Plan>>> {
        self.plans.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The budget of who has signed in, where it is not that of their address. `tier`: that of the role of their account.
    /// `who`: the account or subject. `own`: a key, and what it has of its own, as [`OwnLimits`] are kept.
    #[must_use]
    pub fn budget(
        &self,
        tier: Option<Tier>,
        who: impl FnOnce() -> Option<String>,
        own: Option<(i64, &str)>,
    ) -> Option<Budget> {
        if !self.enabled {
            return None;
        }
        if let Some((key, limits)) = own
            && let Some(plan) = self.plan_of_key(tier, limits)
        {
            let key = Key::of_signed_in(tier, &format!("key {key}"));
            return Some(Budget { key, plan: Some(plan) });
        }
        let (_, plan) = self.of_tier(tier)?;
        Some(Budget { key: Key::of_signed_in(tier, &who()?), plan: Some(Arc::clone(plan)) })
    }

    fn of_tier(&self, tier: Option<Tier>) -> Option<&(Policies, Arc<Plan>)> {
        self.tiers.get(tier? as usize)?.as_ref()
    }

    fn plan_of_key(&self, tier: Option<Tier>, limits: &str) -> Option<Arc<Plan>> {
        let label = format!("{OF_KEY}{} {limits}", tier.map_or("", Tier::name));
        let mut of_keys = self.of_keys();
        if let Some(plan) = of_keys.get(&label) {
            return Some(Arc::clone(plan));
        }
        let Ok(own) = limits.parse::<OwnLimits>() else {
            tracing::error!(limits, "what a key has of its own cannot be read; its account's limits count");
            return None;
        };
        let others = self.of_tier(tier).map_or(&self.policies, |(policies, _)| policies);
        let policies = Policies { flood: Vec::new(), ..own.over(others) };
        let plan = self.plan(&label, Tier::Key, &policies);
        of_keys.insert(label, Arc::clone(&plan));
        Some(plan)
    }

    fn of_keys(&self) -> MutexGuard<'_, HashMap<String, Arc<Plan>>> {
        self.of_keys.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What has this label, if there is anything: a budget of nobody.
    pub(super) fn kind(&self, label: &str) -> Option<Budget> {
        let of_nobody = |plan| Budget { key: Key::of_bits(0), plan };
        let named = |name: &str| Tier::OF_ROLES.into_iter().find(|tier| tier.name() == name);
        if label.is_empty() {
            return Some(of_nobody(None));
        }
        let plan = match label.strip_prefix(OF_KEY).and_then(|of_key| of_key.split_once(' ')) {
            Some((tier, limits)) => self.plan_of_key(named(tier), limits),
            None => self.of_tier(named(label)).map(|(_, plan)| Arc::clone(plan)),
        };
        plan.map(|plan| of_nobody(Some(plan)))
    }

    /// All plans of who has signed in, and their rows.
    pub(super) fn of_signed_in(&self) -> (Vec<Arc<Plan>>, &LocalStore) {
        (self.all_plans().clone(), &self.signed_in)
    }

    pub(super) fn plan_of<'a>(&'a self, budget: &'a Budget) -> &'a Plan {
        budget.plan.as_deref().unwrap_or(&self.plan)
    }
}
