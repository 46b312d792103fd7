//! Which objects an actor may see at all: a [`Scope`], made of [`Reach`]es. Queries start from it; there is no unscoped query.
//! Not what may be done with them: that is the permission. To add a kind of reach: a variant here, its text forms, its line in
//! `covers`, and its condition in each `scoped…` function of the store.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use crate::ids::{AccountId, DirectoryId, Region};

/// A part of the fleet.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Reach {
    /// A connected account with all its regions.
    Account {
        /// The account.
        account_id: AccountId,
    },
    /// A region in every account.
    Region {
        /// The region.
        region: Region,
    },
    /// One directory.
    Directory {
        /// The directory.
        directory_id: DirectoryId,
    },
    /// The WorkSpaces of one directory user name, in every account and directory.
    Desktops {
        /// The directory user name in lower case.
        user_name: String,
    },
}

/// Which objects an actor may see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Every object.
    Everything,
    /// What any of these reaches; with none of them, nothing.
    Only(BTreeSet<Reach>),
}

impl Scope {
    /// No object at all.
    #[must_use]
    pub fn nothing() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// The desktops of these directory user names, compared without regard to case.
    pub fn desktops(user_names: impl IntoIterator<Item = impl AsRef<str>>) -> Self {
        let reach = |name: &str| Reach::Desktops { user_name: name.to_lowercase() };
        Self::Only(user_names.into_iter().map(|name| reach(name.as_ref())).collect())
    }

    /// The desktops of somebody with that e-mail address: those whose directory user name is its local part.
    #[must_use]
    pub fn own(email: &str) -> Self {
        Self::desktops([user_key(email)])
    }

    /// One part of the fleet.
    #[must_use]
    pub fn only(reach: Reach) -> Self {
        Self::Only(BTreeSet::from([reach]))
    }

    /// Whether it is every object.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        matches!(self, Self::Everything)
    }

    /// Whether it is no object at all.
    #[must_use]
    pub fn is_nothing(&self) -> bool {
        matches!(self, Self::Only(reaches) if reaches.is_empty())
    }

    /// What either of the two reaches.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        match (self, other) {
            (Self::Only(mut one), Self::Only(other)) => {
                one.extend(other);
                Self::Only(one)
            }
            _ => Self::Everything,
        }
    }

    /// Whether all of `other` lies within it as far as can be told without looking objects up: a directory of an account is
    /// not known to be in it, so that the answer may be no where it could be yes, never the other way.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Everything, _) => true,
            (Self::Only(_), Self::Everything) => false,
            (Self::Only(mine), Self::Only(theirs)) => theirs.is_subset(mine),
        }
    }

    /// Whether all of an account lies within it: its settings, its bill, a sync of it.
    #[must_use]
    pub fn reaches_account(&self, account: AccountId) -> bool {
        self.reaches_area(account, None)
    }

    /// Whether all of a region of an account lies within it; with no region, all of the account.
    #[must_use]
    pub fn reaches_area(&self, account: AccountId, area: Option<&Region>) -> bool {
        let Self::Only(reaches) = self else { return true };
        reaches.iter().any(|reach| match reach {
            Reach::Account { account_id } => *account_id == account,
            Reach::Region { region } => area == Some(region),
            Reach::Directory { .. } | Reach::Desktops { .. } => false,
        })
    }

    /// Whether a desktop lies within it.
    #[must_use]
    pub fn reaches(&self, desktop: &Place<'_>) -> bool {
        let Self::Only(reaches) = self else { return true };
        reaches.iter().any(|reach| match reach {
            Reach::Account { account_id } => desktop.account_id == *account_id,
            Reach::Region { region } => desktop.region == region,
            Reach::Directory { directory_id } => desktop.directory_id == *directory_id,
            Reach::Desktops { user_name } => desktop.user_name.to_lowercase() == *user_name,
        })
    }
}

/// What the desktops of somebody with that e-mail address are called: its local part, in lower case.
#[must_use]
pub fn user_key(email: &str) -> String {
    email.split('@').next().unwrap_or_default().to_lowercase()
}

/// Where a desktop is and whose it is: what decides whether a scope reaches it.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The account.
    pub account_id: AccountId,
    /// The region.
    pub region: &'a Region,
    /// The directory.
    pub directory_id: DirectoryId,
    /// The directory user name.
    pub user_name: &'a str,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_union_reaches_what_either_does_and_covers_both() {
        let account = Reach::Account { account_id: AccountId(Uuid::from_u128(1)) };
        let region: Region = "eu-central-1".parse().unwrap();
        let both = Scope::only(account.clone()).union(Scope::only(Reach::Region { region: region.clone() }));
        assert!(both.covers(&Scope::only(account.clone())) && !Scope::only(account.clone()).covers(&both));
        assert!(!both.covers(&Scope::Everything) && Scope::Everything.covers(&both));
        assert!(both.covers(&Scope::nothing()) && !both.is_nothing());
        assert!(both.clone().union(Scope::Everything).is_everything());
        let elsewhere: Region = "us-east-1".parse().unwrap();
        let place = |id, region| Place {
            account_id: AccountId(Uuid::from_u128(id)),
            region,
            directory_id: DirectoryId(Uuid::nil()),
            user_name: "Grace",
        };
        assert!(both.reaches(&place(1, &elsewhere)) && both.reaches(&place(2, &region)));
        assert!(!both.reaches(&place(2, &elsewhere)));
        let id = |id| AccountId(Uuid::from_u128(id));
        assert!(both.reaches_account(id(1)) && both.reaches_area(id(1), Some(&elsewhere)));
        assert!(both.reaches_area(id(2), Some(&region)) && !both.reaches_account(id(2)));
        assert!(!both.reaches_area(id(2), Some(&elsewhere)) && Scope::Everything.reaches_account(id(2)));
        assert!(!Scope::own("grace@example.com").reaches_area(id(1), Some(&region)));
        assert!(Scope::own("grace@example.com").reaches(&place(2, &elsewhere)));
        assert!(!Scope::own("linus@example.com").reaches(&place(2, &elsewhere)));
        assert!(!Scope::nothing().reaches(&place(1, &region)));
    }

    #[test]
    fn a_reach_is_written_with_its_kind() {
        let reach = Reach::Desktops { user_name: "grace".into() };
        let text = serde_json::to_string(&reach).unwrap();
        assert_eq!(text, r#"{"kind":"desktops","user_name":"grace"}"#);
        assert_eq!(serde_json::from_str::<Reach>(&text).unwrap(), reach);
    }
}
