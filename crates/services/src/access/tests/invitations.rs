//! Invitations: who may invite to what, and what a link is worth.

use domain::ids::TeamId;
use store::repo::invitations::InvitationState;
use store::repo::users::user_fetch_by_email;

use super::*;
use crate::access::grants::set_grants;
use crate::access::invitations::{accept, invite, list_invitations, resend, revoke};
use crate::access::teams::{create_team, delete_team};
use crate::access::users::{UserChange, update_user};
use crate::identity::IdentityError;
use crate::testing::both_databases;

const NEW: &str = "new@example.com";

/// The token in the newest mail to that address.
async fn mailed(ctx: &Context, to: &str) -> String {
    let mails = ctx.mail.kept();
    let mail = mails.iter().rev().find(|mail| mail.to == to).unwrap();
    let link = mail.text.lines().find(|line| line.starts_with("https://")).unwrap();
    link.strip_prefix("https://wheelhouse.example.org/invitation#token=").unwrap().to_owned()
}

async fn enter(ctx: &Context, token: &str) -> Result<crate::sessions::SignedIn, AccessError> {
    accept(ctx, token, " New Person ", PASSWORD, SessionMeta::default()).await.map(|session| session.signed_in)
}

fn viewer() -> Vec<Grant> {
    vec![Grant::usual(Role::Viewer)]
}

both_databases! {
    async fn a_link_makes_one_user_however_many_race(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let grants = vec![Grant::usual(Role::Viewer), Grant::usual(Role::Member), Grant::usual(Role::Viewer)];
        let invited = invite(ctx, &owner, " New@Example.com", &grants).await.unwrap();
        assert!(invited.link.is_none(), "it was mailed");
        assert_eq!(invited.detail.grants.len(), 2);
        let token = mailed(ctx, NEW).await;
        let racers: Vec<_> = (0..8)
            .map(|_| {
                let (ctx, token) = (ctx.clone(), token.clone());
                tokio::spawn(async move { enter(&ctx, &token).await })
            })
            .collect();
        let mut won = Vec::new();
        for racer in racers {
            match racer.await.unwrap() {
                Ok(session) => won.push(session),
                Err(AccessError::LinkSpent) => {}
                Err(error) => panic!("{error:?}"),
            }
        }
        assert_eq!(won.len(), 1);
        assert_eq!((won[0].email.as_str(), won[0].role.as_str()), (NEW, "viewer"));
        let user = user_fetch_by_email(&ctx.db, NEW).await.unwrap().unwrap();
        assert_eq!(user.display_name, "New Person");
        sign_in(ctx, NEW).await;
        let again = invite(ctx, &owner, NEW, &viewer()).await;
        assert!(matches!(again, Err(AccessError::EmailTaken(_))), "{again:?}");
        let log = log_of(ctx, invited.detail.invitation.id).await;
        let actions: Vec<_> = log.iter().map(|entry| entry.record.action.as_str()).collect();
        assert_eq!(actions, ["invitation.create", "invitation.accept"]);
    }

    async fn nobody_invites_to_more_than_they_hold(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let people = role(ctx, "People", &[Permission::UserRead, Permission::UserWrite]).await;
        let clerk = person(ctx, "clerk@example.com", vec![everywhere(people)]).await;
        for grants in [viewer(), vec![Grant::usual(Role::Member)], vec![Grant::usual(Role::Admin)]] {
            let refused = invite(ctx, &clerk, "boss@example.com", &grants).await;
            assert!(matches!(refused, Err(AccessError::TooMuch { .. })), "{refused:?}");
        }
        let admin = usual(ctx, "admin@example.com", Role::Admin).await;
        let refused = invite(ctx, &admin, NEW, &[Grant::usual(Role::Owner)]).await;
        assert!(matches!(refused, Err(AccessError::OwnersOnly)), "{refused:?}");
        assert_eq!(field(invite(ctx, &admin, NEW, &[]).await), ("grants".to_owned(), "missing"));
        let odd = over(GrantedRole::BuiltIn(Role::Viewer), GrantReach::Team(TeamId(uuid::Uuid::nil())));
        assert_eq!(field(invite(ctx, &admin, NEW, &[odd]).await), ("grants[0].team_id".to_owned(), "unknown"));
        let wrong = invite(ctx, &admin, "no address", &viewer()).await;
        assert!(matches!(wrong, Err(AccessError::Identity(IdentityError::InvalidEmail))), "{wrong:?}");
        let mut late = admin.clone();
        late.origin.proved_at = None;
        assert!(matches!(invite(ctx, &late, NEW, &viewer()).await, Err(AccessError::StepUp(_))));
        assert_eq!(ctx.mail.kept().len(), 0, "nothing was sent");
    }

    async fn a_link_ends_by_age_by_a_new_one_and_by_being_withdrawn(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let mut owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let invited = invite(ctx, &owner, NEW, &viewer()).await.unwrap().detail.invitation.id;
        let open = invite(ctx, &owner, NEW, &viewer()).await;
        assert!(matches!(open, Err(AccessError::EmailTaken(_))), "{open:?}");
        let first = mailed(ctx, NEW).await;
        harness.advance(7 * 24 * 3600);
        assert!(matches!(enter(ctx, &first).await, Err(AccessError::LinkSpent)));
        owner.origin.proved_at = Some(ctx.env.now());
        resend(ctx, &owner, invited).await.unwrap();
        let second = mailed(ctx, NEW).await;
        assert_ne!(first, second);
        assert!(matches!(enter(ctx, &first).await, Err(AccessError::LinkSpent)));
        revoke(ctx, &owner, invited).await.unwrap();
        assert!(matches!(enter(ctx, &second).await, Err(AccessError::LinkSpent)));
        assert!(matches!(revoke(ctx, &owner, invited).await, Err(AccessError::NotOpen)));
        assert!(matches!(resend(ctx, &owner, invited).await, Err(AccessError::NotOpen)));
        // Whoever was withdrawn, or whose link ran out, can be invited again.
        invite(ctx, &owner, NEW, &viewer()).await.unwrap();
        harness.advance(8 * 24 * 3600);
        owner.origin.proved_at = Some(ctx.env.now());
        invite(ctx, &owner, NEW, &viewer()).await.unwrap();
        let page = |states| list_invitations(ctx, &owner, states, Some("NEW@".into()), PageRequest { limit: 2, cursor: None });
        assert_eq!(page(vec![InvitationState::Revoked]).await.unwrap().total, 2);
        assert_eq!(page(vec![InvitationState::Expired]).await.unwrap().total, 0);
        let all = page(Vec::new()).await.unwrap();
        assert_eq!((all.total, all.items.len(), all.items[0].state), (3, 2, InvitationState::Open));
        let next = PageRequest { limit: 2, cursor: all.next_cursor };
        let rest = list_invitations(ctx, &owner, Vec::new(), Some("NEW@".into()), next).await.unwrap();
        assert_eq!((rest.items[0].invitation.id, rest.next_cursor), (invited, None));
        enter(ctx, &mailed(ctx, NEW).await).await.unwrap();
        for made_up in ["", "made up", &first] {
            assert!(matches!(enter(ctx, made_up).await, Err(AccessError::LinkSpent)), "{made_up}");
        }
    }

    async fn an_invitation_is_worth_what_its_inviter_holds(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let admin = usual(ctx, "admin@example.com", Role::Admin).await;
        invite(ctx, &admin, NEW, &viewer()).await.unwrap();
        let token = mailed(ctx, NEW).await;
        let people = role(ctx, "People", &[Permission::UserRead, Permission::UserWrite]).await;
        for less in [vec![], vec![everywhere(people)], viewer()] {
            set_grants(ctx, &owner, id(&admin), None, &less).await.unwrap();
            assert!(matches!(enter(ctx, &token).await, Err(AccessError::LinkSpent)), "{less:?}");
        }
        set_grants(ctx, &owner, id(&admin), None, &[Grant::usual(Role::Admin)]).await.unwrap();
        let enabled = |enabled| UserChange { enabled: Some(enabled), display_name: None };
        update_user(ctx, &owner, id(&admin), None, enabled(false)).await.unwrap();
        assert!(matches!(enter(ctx, &token).await, Err(AccessError::LinkSpent)));
        assert!(user_fetch_by_email(&ctx.db, NEW).await.unwrap().is_none());
        update_user(ctx, &owner, id(&admin), None, enabled(true)).await.unwrap();
        enter(ctx, &token).await.unwrap();
    }

    async fn where_no_mail_is_sent_the_answer_tells_the_link(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &Context { mail: platform::mail::Mailer::off(), ..harness.ctx.clone() };
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let invited = invite(ctx, &owner, NEW, &viewer()).await.unwrap();
        let link = |link: Option<String>| {
            let link = link.expect("a link");
            link.strip_prefix("https://wheelhouse.example.org/invitation#token=").unwrap().to_owned()
        };
        let first = link(invited.link);
        let second = link(resend(ctx, &owner, invited.detail.invitation.id).await.unwrap().link);
        assert!(matches!(enter(ctx, &first).await, Err(AccessError::LinkSpent)));
        enter(ctx, &second).await.unwrap();
    }

    async fn what_is_gone_is_not_given_and_weak_passwords_are_not_taken(backend) {
        let Some(harness) = house(backend).await else { return };
        let ctx = &harness.ctx;
        let owner = usual(ctx, "owner@example.com", Role::Owner).await;
        let team = create_team(ctx, &owner, "Lab", "").await.unwrap().team.id;
        let over_team = over(GrantedRole::BuiltIn(Role::Operator), GrantReach::Team(team));
        invite(ctx, &owner, NEW, &[over_team.clone(), Grant::usual(Role::Member)]).await.unwrap();
        invite(ctx, &owner, "other@example.com", &[over_team]).await.unwrap();
        delete_team(ctx, &owner, team, None).await.unwrap();
        let token = mailed(ctx, NEW).await;
        let weak = accept(ctx, &token, "New", "password1", SessionMeta::default()).await;
        assert!(matches!(weak, Err(AccessError::Identity(IdentityError::WeakPassword(_)))), "{weak:?}");
        let nameless = accept(ctx, &token, " ", PASSWORD, SessionMeta::default()).await;
        assert_eq!(field(nameless), ("display_name".to_owned(), "invalid"));
        assert_eq!(enter(ctx, &token).await.unwrap().role, "member");
        let nothing = enter(ctx, &mailed(ctx, "other@example.com").await).await;
        assert!(matches!(nothing, Err(AccessError::LinkSpent)), "nothing is left of it: {nothing:?}");
    }
}
