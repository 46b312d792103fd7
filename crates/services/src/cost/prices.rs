//! The Price List of one region, as an account sees it, ready to price a WorkSpace.
//!
//! A price plan is for one size of both volumes. What a WorkSpace has beyond the largest plan that fits it is priced by the
//! gigabyte, where the list says how much one is. What a plan means is `domain::cost`.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use domain::cost::price_list::{License, OsFamily, PlanKey, PlanParts, PriceProduct, UsageType, assemble};
use domain::cost::{Charge, PricePlan};
use domain::ids::{AccountId, Region};
use domain::money::{Currency, Money};
use domain::workspace::ComputeType;
use store::StoreError;
use store::repo::prices::{PriceRow, price_list};
use store::repo::workspaces::WorkspaceRecord;

use super::error::CostError;
use crate::Context;

/// The prices of one region.
#[derive(Debug, Default)]
pub(crate) struct PriceBook {
    plans: BTreeMap<PlanKey, PricePlan>,
    usage_types: BTreeMap<(PlanKey, Charge), Arc<str>>,
    /// The usage type and the price of a gigabyte and month: of root volumes, of user volumes.
    volumes: [Option<(Arc<str>, Money)>; 2],
    /// What was quoted so far.
    quotes: HashMap<Kind, Option<Quote>>,
}

/// All that a price depends on in one region: compute type, operating system, GiB of the root and of the user volume.
type Kind = (Option<ComputeType>, Option<String>, Option<i32>, Option<i32>);

/// Volumes beyond those of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ExtraVolume {
    /// What they are billed as.
    pub(crate) usage_type: Arc<str>,
    /// GiB.
    pub(crate) gib: u32,
    /// The price of one GiB and month.
    pub(crate) price: Money,
}

/// The prices of one WorkSpace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Quote {
    /// Of its hardware.
    pub(crate) plan: PricePlan,
    /// What that is billed as.
    pub(crate) usage_types: BTreeMap<Charge, Arc<str>>,
    /// Of its larger volumes.
    pub(crate) volumes: Vec<ExtraVolume>,
}

/// The books of several places, read when they are first asked for.
#[derive(Debug, Default)]
pub(crate) struct PriceBooks(HashMap<(AccountId, Region), PriceBook>);

impl PriceBooks {
    /// The book of a region as an account sees it.
    ///
    /// # Errors
    /// [`CostError::Store`].
    pub(crate) async fn of(
        &mut self,
        ctx: &Context,
        account: AccountId,
        region: &Region,
    ) -> Result<&mut PriceBook, CostError> {
        Ok(match self.0.entry((account, region.clone())) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => place.insert(PriceBook::read(ctx, account, region).await?),
        })
    }

    /// All that a WorkSpace is priced by; `None` when any of it has no price. A fleet has thousands of WorkSpaces of few kinds: each kind
    /// is looked up once.
    ///
    /// # Errors
    /// [`CostError::Store`].
    pub(crate) async fn quote(
        &mut self,
        ctx: &Context,
        workspace: &WorkspaceRecord,
    ) -> Result<Option<&Quote>, CostError> {
        let book = self.of(ctx, workspace.account_id, &workspace.region).await?;
        let kind = (
            workspace.compute_type.clone(),
            workspace.operating_system.clone(),
            workspace.root_volume_gib,
            workspace.user_volume_gib,
        );
        if !book.quotes.contains_key(&kind) {
            book.quotes.insert(kind.clone(), book.quote(workspace));
        }
        Ok(book.quotes.get(&kind).and_then(Option::as_ref))
    }
}

impl PriceBook {
    async fn read(ctx: &Context, account: AccountId, region: &Region) -> Result<Self, CostError> {
        let mut book = Self::default();
        let mut products = Vec::new();
        for row in price_list(&ctx.db, account, region).await? {
            let currency: Currency = row.currency.parse().map_err(|e| StoreError::corrupt("currency", e))?;
            let price = Money::from_e10(row.price_e10, currency);
            if let Some(usage_type) = &row.usage_type {
                let words = usage_type.to_ascii_lowercase();
                let volume = ["root", "user"].iter().position(|name| words.contains(name));
                if let (None, Some(at)) = (&row.bundle, volume) {
                    book.volumes[at] = Some((usage_type.as_str().into(), price));
                }
            }
            products.extend(product(row, price));
        }
        for product in &products {
            if let Ok((key, charge)) = product.part() {
                book.usage_types.insert((key, charge), product.usage_type.to_string().into());
            }
        }
        let whole = |(key, parts): (PlanKey, PlanParts)| Some((key, parts.complete().ok()?));
        book.plans = assemble(&products).plans.into_iter().filter_map(whole).collect();
        Ok(book)
    }

    /// The plan for just the volumes that a WorkSpace has.
    pub(crate) fn plan(&self, workspace: &WorkspaceRecord) -> Option<PricePlan> {
        keys(workspace)?.iter().find_map(|key| self.plans.get(key).copied())
    }

    fn quote(&self, workspace: &WorkspaceRecord) -> Option<Quote> {
        keys(workspace)?.into_iter().find_map(|wanted| {
            let key = self.plans.keys().filter(|key| is_within(key, &wanted)).max_by_key(|key| {
                // The largest that fits.
                (key.root_gb.unwrap_or(0).saturating_add(key.user_gb.unwrap_or(0)), key.root_gb)
            })?;
            let mut volumes = Vec::new();
            for (at, (has, included)) in
                [(wanted.root_gb, key.root_gb), (wanted.user_gb, key.user_gb)].iter().enumerate()
            {
                let gib = has.unwrap_or(0).saturating_sub(included.unwrap_or(0));
                if gib > 0 {
                    let (usage_type, price) = self.volumes[at].clone()?;
                    volumes.push(ExtraVolume { usage_type, gib, price });
                }
            }
            let types = Charge::ALL.iter().filter_map(|charge| {
                let usage_type = self.usage_types.get(&(key.clone(), *charge))?;
                Some((*charge, usage_type.clone()))
            });
            Some(Quote { plan: *self.plans.get(key)?, usage_types: types.collect(), volumes })
        })
    }
}

/// Whether the plan is for the same hardware with volumes no larger than those.
fn is_within(plan: &PlanKey, wanted: &PlanKey) -> bool {
    let same = (&plan.compute_type, &plan.license, &plan.operating_system)
        == (&wanted.compute_type, &wanted.license, &wanted.operating_system);
    // Volumes that nobody has told of are the plan's.
    let fits = |plan: Option<u32>, wanted: Option<u32>| wanted.is_none() || plan.unwrap_or(0) <= wanted.unwrap_or(0);
    same && fits(plan.root_gb, wanted.root_gb) && fits(plan.user_gb, wanted.user_gb)
}

/// A kept price as the product it was; `None` for one of something else than a bundle.
fn product(row: PriceRow, price: Money) -> Option<PriceProduct> {
    let PriceRow { bundle: Some(bundle), compute_type: Some(compute_type), usage_type: Some(usage_type), .. } = row
    else {
        return None;
    };
    Some(PriceProduct {
        sku: row.sku,
        bundle,
        compute_type: ComputeType::from(compute_type),
        license: License::from(row.license.unwrap_or_default()),
        operating_system: OsFamily::from(row.operating_system.unwrap_or_default()),
        root_gb: gigabytes(row.root_gb),
        user_gb: gigabytes(row.user_gb),
        running_mode: row.running_mode.map(Into::into),
        unit: row.unit.into(),
        usage_type: UsageType::parse(&usage_type),
        price,
        effective_at: row.effective_at,
    })
}

/// What a WorkSpace may be priced as, the likeliest first. Windows Server comes with AWS's licence, a Windows for desktops with the
/// customer's own.
fn keys(workspace: &WorkspaceRecord) -> Option<Vec<PlanKey>> {
    let system = workspace.operating_system.as_deref()?;
    let family = OsFamily::read(system);
    let licenses = match family {
        OsFamily::Windows if system.to_ascii_uppercase().contains("SERVER") => vec![License::Included],
        OsFamily::Windows => vec![License::BringYourOwn],
        _ => vec![License::Included, License::None],
    };
    let key = |license: License| PlanKey {
        compute_type: workspace.compute_type.as_ref().map(ToString::to_string).unwrap_or_default(),
        license: license.to_string(),
        operating_system: family.to_string(),
        root_gb: gigabytes(workspace.root_volume_gib),
        user_gb: gigabytes(workspace.user_volume_gib),
    };
    Some(licenses.into_iter().map(key).collect())
}

fn gigabytes(gb: Option<i32>) -> Option<u32> {
    gb.and_then(|gb| u32::try_from(gb).ok())
}
