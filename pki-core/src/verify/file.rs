//! Derived files, modes and owners.

use super::Judge;
use crate::cert::Certificate;
use crate::inventory::Material;
use crate::model::path::TreePath;
use crate::reason;
use crate::record::{Accounts, FileRecord};
use crate::regression::Held;
use crate::report::{Finding, Locator, Report, Severity, rule, shell};
use crate::stack::{Access, Output, OutputKind, Pair, Use};

impl Judge<'_> {
    pub(super) fn output(&self, output: &Output, report: &mut Report) {
        let at = Locator::File(output.path.as_path().to_owned());
        if self.rests_on_told(output).is_some() {
            return;
        }
        if self.inventory.barred(&output.path).is_some() {
            return;
        }
        if self.inventory.is_missing(&output.path) {
            report.push(rule::OUTPUT_MISSING.at(at).fix("pki apply"));
        } else if let Some(held) = self.held.get(&Held::Trust(output.path.clone())) {
            report.push(held.clone());
        } else if self.stale.contains(&output.path) {
            let mut found = self.what_is_there(output);
            if let Some(service) = self.holds_issuers(output) {
                found.push_str(&format!(
                    ", which signed for {service}: the issuer file, for those who dial it"
                ));
            }
            let mut finding = rule::OUTPUT_STALE
                .at(at)
                .found(found)
                .fix(reason::anew(&output.path, self.inventory));
            finding.expected = self.what_belongs_there(output);
            if self.is_damaged(output) {
                // OpenSSL, curl and Python then take nothing of it.
                finding.severity = Severity::Error;
            }
            if self.inventory.in_the_way(&output.path).is_some() {
                finding.severity = Severity::Error;
            }
            report.push(finding);
        }
    }

    /// The authority in it that has no usable certificate, if any.
    pub(super) fn rests_on_told<'o>(&self, output: &'o Output) -> Option<&'o str> {
        let mut authorities = output.kind.authorities().iter();
        authorities.find(|a| self.is_told(a)).map(String::as_str)
    }

    /// The service whose issuer file stands where its trust file belongs: the
    /// CAs of its own certificates, in place of those that it dials by.
    fn holds_issuers<'o>(&self, output: &'o Output) -> Option<&'o str> {
        let OutputKind::Bundle {
            purpose: Use::Trust,
            authorities,
            ..
        } = &output.kind
        else {
            return None;
        };
        let name = output.service.as_deref()?;
        let service = self.stack.service(name)?;
        let is_issuers = |other: &&Output| {
            let of_issuers = matches!(
                other.kind,
                OutputKind::Bundle {
                    purpose: Use::Issuer,
                    ..
                }
            );
            of_issuers && other.service == output.service
        };
        self.stack.outputs.iter().find(is_issuers)?;
        let held = self.inventory.certificates(&output.path);
        let own = service.pairs.iter().filter_map(Pair::authority);
        let own: Vec<&Certificate> = own
            .filter(|authority| !authorities.iter().any(|a| a == authority))
            .flat_map(|authority| self.inventory.trusted(self.stack, authority))
            .collect();
        (!held.is_empty() && held.iter().all(|ca| own.contains(&ca))).then_some(name)
    }

    fn what_belongs_there(&self, output: &Output) -> Option<String> {
        let names: Vec<String> = output
            .kind
            .authorities()
            .iter()
            .flat_map(|a| self.inventory.trusted(self.stack, a))
            .map(|ca| ca.subject().to_string())
            .collect();
        (!names.is_empty()).then(|| names.join("; "))
    }

    fn what_is_there(&self, output: &Output) -> String {
        if self.inventory.bytes(&output.path).is_none() {
            return self.inventory.unusable(&output.path);
        }
        let item = self.inventory.item(&output.path);
        if let Some(Material::Certificates(file)) = item.map(|item| &item.material) {
            if let Some(what) = file.not_pem() {
                return what.to_owned();
            }
            if !file.unreadable.is_empty() {
                return file.unreadable.join("; ");
            }
        }
        match self.inventory.certificates(&output.path) {
            [] => "other content than the manifest asks for".to_owned(),
            found => {
                let names: Vec<String> = found.iter().map(|c| c.subject().to_string()).collect();
                names.join("; ")
            }
        }
    }

    /// Whether a certificate in it cannot be read.
    fn is_damaged(&self, output: &Output) -> bool {
        let item = self.inventory.item(&output.path);
        matches!(item.map(|item| &item.material), Some(Material::Certificates(file)) if file.damaged)
    }

    pub(super) fn access(&self, report: &mut Report) {
        let generations = self.stack.authorities.iter().flat_map(|a| &a.generations);
        let keys = generations.filter_map(|g| g.key.as_ref());
        report.extend(keys.filter_map(|key| reason::hard_link(key, self.inventory)));
        let foreign = reason::foreign_files(self.stack, self.inventory);
        for (path, access, _) in self.stack.accesses() {
            if foreign.contains(path.as_path()) {
                continue;
            }
            let Some(item) = self.inventory.item(path) else {
                continue;
            };
            if item.record.bytes().is_none() {
                continue;
            }
            let secret = self.inventory.key(path).is_some();
            let accounts = self.inventory.accounts();
            let (owner, group) = (access.owner.as_deref(), access.group.as_deref());
            let group_is_set = !accounts.differ(&item.record, None, group);
            let wanted = access.mode_with(group_is_set);
            let linked = reason::hard_link(path, self.inventory);
            let own = linked.as_ref().and_then(|f| f.fix.as_ref());
            let own = own.map(|fix| format!("{fix} && pki apply"));
            let reader = reader(&item.record, access, accounts).filter(|_| secret);
            let is_others = accounts.differ(&item.record, owner, group);
            let mode = mode(path, wanted, item.record.mode, secret);
            report.extend(mode.map(|f| {
                let fix = own.or(f.fix.clone());
                let reader = reader.as_deref().filter(|_| !is_others);
                let finding = shut_out(Finding { fix, ..f }, reader);
                // Root reads it all the same: what root sees is not what others do.
                let closed = secret && item.record.mode & 0o400 == 0 && reader.is_none();
                if closed {
                    finding.affects("nobody but root can read it")
                } else {
                    finding
                }
            }));
            report.extend(linked.filter(|_| secret));
            if secret {
                report.extend(reason::let_in(path, &item.record).map(|f| f.fix("pki apply")));
            }
            if is_others {
                let finding = rule::OWNER
                    .at(Locator::File(path.as_path().to_owned()))
                    .found(accounts.names(item.record.uid, item.record.gid))
                    .expected(format!(
                        "{}:{}",
                        owner.unwrap_or_default(),
                        group.unwrap_or_default()
                    ))
                    .fix(chown(path, access));
                report.push(shut_out(finding, reader.as_deref()));
            }
        }
    }
}

/// The user or group that should read a file and cannot, in words: the owner,
/// or the group of what belongs to root. Names that this machine does not have
/// are not judged, nor a file with an access control list.
fn reader(record: &FileRecord, access: &Access, accounts: &Accounts) -> Option<String> {
    if !record.granted.is_empty() {
        return None;
    }
    let owner = access.owner.as_deref();
    let uid = owner.map_or(Some(record.uid), |name| accounts.user(name))?;
    if let Some(owner) = owner.filter(|_| record.shuts_out(uid, 4)) {
        return Some(format!("user {owner}"));
    }
    let group = access
        .group
        .as_deref()
        .filter(|_| uid == 0 && access.mode & 0o040 != 0)?;
    let gid = accounts.group(group)?;
    let reads = record.mode & 0o004 != 0 || (gid == record.gid && record.mode & 0o040 != 0);
    (!reads).then(|| format!("group {group}"))
}

/// What is worse than untidy: who should read a key cannot.
fn shut_out(finding: Finding, reader: Option<&str>) -> Finding {
    match reader {
        Some(reader) => finding
            .weighing(Severity::Error)
            .affects(format!("{reader} cannot read it: permission denied")),
        None => finding,
    }
}

fn chown(path: &TreePath, access: &Access) -> String {
    let path = shell::path(path.as_path());
    let owner = access.owner.as_deref().unwrap_or_default();
    match &access.group {
        Some(group) => format!(
            "sudo chown {owner}:{group} {path} && sudo chmod {:o} {path}",
            access.mode
        ),
        None => format!("sudo chown {owner} {path}"),
    }
}

fn mode(path: &TreePath, wanted: u32, found: u32, secret: bool) -> Option<Finding> {
    let at = || Locator::File(path.as_path().to_owned());
    let wider = found & !wanted & 0o777;
    let rule = if secret && wider & 0o077 != 0 {
        rule::KEY_READABLE
    } else if found != wanted {
        rule::MODE
    } else {
        return None;
    };
    Some(
        rule.at(at())
            .found(format!("mode {found:04o}"))
            .expected(format!("mode {wanted:04o}"))
            .fix("pki apply"),
    )
}
