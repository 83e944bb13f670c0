//! Any sequence of edits, commands, damage, crashes and turns of the clock: a
//! model that is simpler than the product foretells each plan with its reasons,
//! and what stands on the disk after it.

mod hurt;
mod manifest;
mod model;
mod predict;
mod rig;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestCaseError;

use super::*;
use hurt::{Home, Hurt, OfCa, homes, hurts};
use manifest::{AUTHORITIES, Key, Manifest, Nodes, Rekey, Role, SERVICES, Slot, manifests};
use model::World;
use predict::{Command, Scope as Asked};
use rig::{Held, Rig};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Op {
    Edit(Edit),
    Hurt(Index, Hurt),
    HurtCa(Slot, bool, OfCa),
    HurtHome(Home),
    /// So many hours.
    Clock(i64),
    Run(Command),
    /// At which part of its effects, in thousandths; whether all after it fail
    /// too, as of a command that was killed; and where in recovery.
    Crash(Command, u16, bool, Option<u16>),
    Look,
    Restore,
}

/// Another manifest.
#[derive(Clone, Debug)]
enum Edit {
    AddAuthority(Slot, manifest::Authority),
    RemoveAuthority(Slot),
    Lifetime(Slot, i64),
    Permit(Slot),
    Publish(Slot),
    KeyOf(Slot, Key),
    Issuer(Slot, Option<Slot>),
    AddService(Slot, manifest::Service),
    RemoveService(Slot),
    Service(Slot, Change),
}

/// Another service.
#[derive(Clone, Debug)]
enum Change {
    Name,
    Role(Role),
    Authority(Slot),
    Host,
    More(usize),
    Nodes(Nodes),
    Further,
    Chain,
    Peer,
    Http,
    Key(Key),
    Days(i64),
    Rekey(Rekey),
    Group,
    Password(Option<bool>),
    Dials(Slot),
    Shows,
    Trust(Option<Slot>),
}

fn edits() -> impl Strategy<Value = Edit> {
    let slot = 0..AUTHORITIES;
    let keys = || select(vec![Key::P256, Key::P384, Key::Ed25519]);
    prop_oneof![
        2 => (slot.clone(), manifest::authority()).prop_map(|(s, a)| Edit::AddAuthority(s, a)),
        1 => slot.clone().prop_map(Edit::RemoveAuthority),
        1 => (slot.clone(), select(vec![3650_i64, 1200, 500])).prop_map(|(s, d)| Edit::Lifetime(s, d)),
        1 => slot.clone().prop_map(Edit::Permit),
        1 => slot.clone().prop_map(Edit::Publish),
        1 => (slot.clone(), keys()).prop_map(|(s, k)| Edit::KeyOf(s, k)),
        1 => (slot.clone(), prop::option::of(slot)).prop_map(|(s, i)| Edit::Issuer(s, i)),
        2 => (0..SERVICES, manifest::service()).prop_map(|(s, v)| Edit::AddService(s, v)),
        2 => (0..SERVICES).prop_map(Edit::RemoveService),
        12 => (0..SERVICES, changes()).prop_map(|(s, c)| Edit::Service(s, c)),
    ]
}

fn changes() -> impl Strategy<Value = Change> {
    let keys = select(vec![Key::P256, Key::P384, Key::Ed25519]);
    let roles = select(vec![
        Role::Minio,
        Role::Server,
        Role::Kes,
        Role::Sidekick,
        Role::Client,
        Role::Spark,
        Role::Python,
    ]);
    prop_oneof![
        Just(Change::Name),
        roles.prop_map(Change::Role),
        (0..AUTHORITIES).prop_map(Change::Authority),
        Just(Change::Host),
        (0..3_usize).prop_map(Change::More),
        select(vec![Nodes::None, Nodes::Range, Nodes::PerHost]).prop_map(Change::Nodes),
        Just(Change::Further),
        Just(Change::Chain),
        Just(Change::Peer),
        Just(Change::Http),
        keys.prop_map(Change::Key),
        select(vec![365_i64, 90, 800]).prop_map(Change::Days),
        select(vec![Rekey::Never, Rekey::Always, Rekey::After400Days]).prop_map(Change::Rekey),
        Just(Change::Group),
        any::<Option<bool>>().prop_map(Change::Password),
        (0..SERVICES).prop_map(Change::Dials),
        Just(Change::Shows),
        prop::option::of(0..AUTHORITIES).prop_map(Change::Trust),
    ]
}

fn commands() -> impl Strategy<Value = Command> {
    let apply = any::<bool>().prop_map(|prune| Command {
        prune,
        ..Command::APPLY
    });
    let service = || prop::option::of(0..SERVICES);
    let renew = (
        service(),
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.3),
    );
    let renew = renew.prop_map(|(service, force, rekey)| Command {
        scope: Asked::Due(service),
        force,
        rekey,
        ..Command::APPLY
    });
    let issue = (0..SERVICES).prop_map(|slot| Command {
        scope: Asked::Only(slot),
        ..Command::APPLY
    });
    prop_oneof![4 => apply, 3 => renew, 1 => issue]
}

fn ops() -> impl Strategy<Value = Op> {
    let of_ca = select(vec![OfCa::Removed, OfCa::Rubbish, OfCa::Leaf, OfCa::Other]);
    let hours = select(vec![
        1_i64,
        30,
        500,
        24 * 70,
        24 * 130,
        24 * 250,
        24 * 400,
        24 * 1300,
        24 * 3000,
        -1,
        -30,
        -24 * 40,
        -24 * 300,
    ]);
    let crash = (
        commands(),
        0..1000_u16,
        any::<bool>(),
        prop::option::weighted(0.4, 0..1000_u16),
    );
    prop_oneof![
        6 => edits().prop_map(Op::Edit),
        6 => (any::<Index>(), hurts()).prop_map(|(file, hurt)| Op::Hurt(file, hurt)),
        1 => (0..AUTHORITIES, any::<bool>(), of_ca).prop_map(|(s, k, h)| Op::HurtCa(s, k, h)),
        2 => homes().prop_map(Op::HurtHome),
        3 => hours.prop_map(Op::Clock),
        6 => commands().prop_map(Op::Run),
        3 => crash.prop_map(|(c, at, stays, again)| Op::Crash(c, at, stays, again)),
        1 => Just(Op::Look),
        1 => Just(Op::Restore),
    ]
}

impl Edit {
    fn of(&self, manifest: &mut Manifest) {
        let authority =
            |manifest: &mut Manifest, slot: Slot, edit: &dyn Fn(&mut manifest::Authority)| {
                manifest.authorities[slot].as_mut().map(edit);
            };
        match self {
            Self::AddAuthority(slot, new) if manifest.authorities[*slot].is_none() => {
                manifest.authorities[*slot] = Some(new.clone());
            }
            Self::AddAuthority(..) => {}
            Self::RemoveAuthority(slot) => {
                let several = manifest.authorities.iter().flatten().count() > 1;
                if several && manifest.is_unused(*slot) {
                    manifest.authorities[*slot] = None;
                }
            }
            Self::Lifetime(slot, days) => authority(manifest, *slot, &|a| a.days = *days),
            Self::Permit(slot) => authority(manifest, *slot, &|a| a.permit = !a.permit),
            Self::Publish(slot) => authority(manifest, *slot, &|a| a.publish = !a.publish),
            Self::KeyOf(slot, key) => authority(manifest, *slot, &|a| a.key = *key),
            Self::Issuer(slot, issuer) => authority(manifest, *slot, &|a| a.issuer = *issuer),
            Self::AddService(slot, new) => manifest.services[*slot] = Some(new.clone()),
            Self::RemoveService(slot) => manifest.services[*slot] = None,
            Self::Service(slot, change) => {
                if let Some(service) = &mut manifest.services[*slot] {
                    change.of(service);
                }
            }
        }
    }
}

impl Change {
    fn of(&self, service: &mut manifest::Service) {
        let flip = |flag: &mut bool| *flag = !*flag;
        match self {
            Self::Name => flip(&mut service.renamed),
            Self::Role(role) => service.role = *role,
            Self::Authority(slot) => service.authority = *slot,
            Self::Host => flip(&mut service.host),
            Self::More(which) => flip(&mut service.more[*which]),
            Self::Nodes(nodes) => service.nodes = *nodes,
            Self::Further => flip(&mut service.further),
            Self::Chain => flip(&mut service.chain),
            Self::Peer => flip(&mut service.peer),
            Self::Http => flip(&mut service.http),
            Self::Key(key) => service.key = *key,
            Self::Days(days) => service.days = *days,
            Self::Rekey(rekey) => service.rekey = *rekey,
            Self::Group => flip(&mut service.group),
            Self::Password(password) => service.password = *password,
            Self::Dials(slot) => flip(&mut service.to[*slot]),
            Self::Shows => flip(&mut service.shows),
            Self::Trust(trust) => service.trust = *trust,
        }
    }
}

/// Does one thing; says what was done, or nothing where it could not be.
fn step(rig: &mut Rig, op: &Op) -> Held<Option<String>> {
    let is_there = |rig: &Rig, command: &Command| match command.scope {
        Asked::Only(slot) | Asked::Due(Some(slot)) => rig.world.manifest.services[slot].is_some(),
        _ => true,
    };
    let said = match op {
        Op::Edit(edit) => {
            rig.restore();
            edit.of(&mut rig.world.manifest);
            rig.world.manifest = rig.world.manifest.clone().mended();
            rig.align();
            Some(format!("edit {edit:?}"))
        }
        Op::Hurt(file, hurt) => rig.hurt(*file, hurt),
        Op::HurtCa(slot, key, how) => rig.hurt_ca(*slot, *key, *how),
        Op::HurtHome(home) => rig.hurt_home(*home)?,
        Op::Clock(hours) => {
            rig.world.now += hours * 3600;
            rig.align();
            Some(format!("clock {hours} h"))
        }
        Op::Run(command) if is_there(rig, command) => {
            rig.run(*command)?;
            if *command
                == (Command {
                    prune: command.prune,
                    ..Command::APPLY
                })
                && rig.world.is_whole()
            {
                let folders = rig.world.files.values();
                let mut folders = folders.filter(|f| f.content == model::Content::Folder);
                if folders.next().is_none() {
                    rig.settled()?;
                }
            }
            Some(format!("run {command:?}"))
        }
        Op::Crash(command, at, stays, again) if is_there(rig, command) => {
            rig.restore();
            rig.crash(*command, *at, *stays, *again)?;
            Some(format!(
                "crash at {at} of {command:?}, stays: {stays}, {again:?}"
            ))
        }
        Op::Run(_) | Op::Crash(..) => None,
        Op::Look => Some("look".to_owned()),
        Op::Restore => {
            rig.restore();
            Some("restore".to_owned())
        }
    };
    if said.is_some() && !matches!(op, Op::Run(_)) {
        rig.look()?;
    }
    Ok(said)
}

/// Does all, and then makes all good.
fn hold_all(manifest: Manifest, ops: &[Op]) -> std::result::Result<(), TestCaseError> {
    let world = World {
        manifest,
        now: NOW.unix(),
        files: BTreeMap::new(),
        certs: Vec::new(),
        keys: Vec::new(),
        record: BTreeSet::new(),
        homes: BTreeMap::new(),
        found: 0,
        places: BTreeSet::new(),
        delivered: BTreeSet::new(),
        stood: BTreeSet::new(),
    };
    let mut rig = Rig::new(world);
    let mut log = String::new();
    let last = [
        Op::Restore,
        Op::Run(Command {
            prune: true,
            ..Command::APPLY
        }),
    ];
    let first = [Op::Run(Command::APPLY)];
    for op in first.iter().chain(ops).chain(&last) {
        match step(&mut rig, op) {
            Ok(None) => {}
            Ok(Some(said)) => {
                let _ = writeln!(log, "  {said}");
            }
            Err(why) => {
                let text = rig.world.manifest.text();
                return Err(TestCaseError::fail(format!(
                    "after\n{log}then {op:?}:\n{why}\n\nmanifest by now:\n{text}"
                )));
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        max_shrink_time: 90_000,
        failure_persistence: None,
        ..ProptestConfig::with_cases(cases()) })]

    #[test]
    fn whatever_happens_the_plan_is_what_was_done_to_the_tree(
        manifest in manifests(),
        ops in prop::collection::vec(ops(), 1..16),
    ) {
        hold_all(manifest, &ops)?;
    }
}

/// Few, where nobody asks for more.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES")
        .ok()
        .and_then(|n| n.parse().ok())
        .unwrap_or(16)
}
