//! Any manifest that makes sense.

use proptest::prelude::*;
use proptest::sample::select;

use super::*;

fn seldom() -> impl Strategy<Value = bool> {
    prop::bool::weighted(0.2)
}

fn keys() -> impl Strategy<Value = Key> {
    prop_oneof![8 => Just(Key::P256), 1 => Just(Key::P384), 1 => Just(Key::Ed25519)]
}

pub(in super::super) fn authority() -> impl Strategy<Value = Authority> {
    (
        prop::option::weighted(0.6, 0..AUTHORITIES),
        keys(),
        select(vec![3650_i64, 3650, 1200, 500]),
        seldom(),
        any::<bool>(),
    )
        .prop_map(|(issuer, key, days, permit, publish)| Authority {
            issuer,
            key,
            days,
            permit,
            publish,
        })
}

pub(in super::super) fn service() -> impl Strategy<Value = Service> {
    let role = select(vec![
        Role::Minio,
        Role::Server,
        Role::Server,
        Role::Kes,
        Role::Sidekick,
        Role::Client,
        Role::Spark,
        Role::Python,
    ]);
    let nodes =
        prop_oneof![6 => Just(Nodes::None), 1 => Just(Nodes::Range), 1 => Just(Nodes::PerHost)];
    let rekey = prop_oneof![4 => Just(Rekey::Never), 1 => Just(Rekey::Always), 1 => Just(Rekey::After400Days)];
    let whose = (
        role,
        0..AUTHORITIES,
        keys(),
        select(vec![365_i64, 365, 90, 800]),
        rekey,
    );
    let names = (any::<bool>(), any::<[bool; 3]>(), nodes);
    let flags = (seldom(), seldom(), seldom(), seldom(), seldom(), seldom());
    let dials = (
        any::<[bool; SERVICES]>(),
        any::<bool>(),
        prop::option::weighted(0.2, 0..AUTHORITIES),
        prop::option::weighted(0.3, any::<bool>()),
    );
    (whose, names, flags, dials).prop_map(
        |(
            (role, authority, key, days, rekey),
            (host, more, nodes),
            (renamed, further, chain, peer, http, group),
            (to, shows, trust, password),
        )| Service {
            renamed,
            role,
            authority,
            host,
            more,
            nodes,
            further,
            chain,
            peer,
            http,
            key,
            days,
            rekey,
            group,
            password,
            to,
            shows,
            trust,
        },
    )
}

pub(in super::super) fn manifests() -> impl Strategy<Value = Manifest> {
    (
        prop::collection::vec(authority(), 1..3),
        prop::collection::vec(service(), 1..4),
    )
        .prop_map(|(authorities, services)| {
            let mut manifest = Manifest {
                authorities: [const { None }; AUTHORITIES],
                services: [const { None }; SERVICES],
            };
            for (slot, authority) in authorities.into_iter().enumerate() {
                manifest.authorities[slot] = Some(authority);
            }
            for (slot, service) in services.into_iter().enumerate() {
                manifest.services[slot] = Some(service);
            }
            manifest.mended()
        })
}

impl Manifest {
    /// The same where it makes sense: who is named is there, and nobody stands
    /// above himself.
    pub(in super::super) fn mended(mut self) -> Self {
        let there: Vec<Slot> = (0..AUTHORITIES)
            .filter(|slot| self.authorities[*slot].is_some())
            .collect();
        for slot in 0..AUTHORITIES {
            if let Some(authority) = &mut self.authorities[slot] {
                let is_there = |issuer: &Slot| *issuer < slot && there.contains(issuer);
                authority.issuer = authority.issuer.filter(is_there);
            }
        }
        let one = |slot: Slot| there[slot % there.len()];
        for service in self.services.iter_mut().flatten() {
            if !there.contains(&service.authority) {
                service.authority = one(service.authority);
            }
            service.trust = service
                .trust
                .map(|t| if there.contains(&t) { t } else { one(t) });
            if service.nodes == Nodes::PerHost && service.http {
                service.nodes = Nodes::Range;
            }
        }
        self
    }
}
