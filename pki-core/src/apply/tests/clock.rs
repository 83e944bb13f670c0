//! A clock that ran ahead, while commands ran, and was set right again.

use super::*;
use crate::plan::Selected;

const YEAR: i64 = 365 * DAY;

impl Tree {
    fn at<T>(&mut self, now: Timestamp, act: impl FnOnce(&Self) -> T) -> T {
        let before = std::mem::replace(&mut self.now, now);
        let done = act(self);
        self.now = before;
        done
    }

    fn renew(&self, names: &[Selected]) -> Receipt {
        let scope = Scope::Due(names);
        self.apply_as(&Options {
            scope,
            ..self.options()
        })
        .unwrap()
    }

    /// What is told of certificates that have not begun: where, and the way out;
    /// plan, renewal and verify say the same.
    fn early(&self) -> Vec<(String, String)> {
        let told = |findings: &[Finding]| -> Vec<(String, String)> {
            let early = findings.iter().filter(|f| f.rule == "not-yet-valid");
            let shown = early.map(|f| {
                let (found, fix) = (f.found.clone().unwrap(), f.fix.clone().unwrap());
                assert_eq!(f.severity, Severity::Error);
                assert!(
                    found.starts_with("not valid before 20")
                        && found.ends_with(&format!(", the clock here says {}", self.now)),
                    "{found}"
                );
                let fix = fix.strip_prefix("set this machine's clock; where `date -u` is right: ");
                (f.at.to_string(), fix.unwrap().to_owned())
            });
            let mut shown: Vec<_> = shown.collect();
            shown.sort();
            shown
        };
        let before = self.seen();
        let verified = told(self.verdict().report.findings());
        assert_eq!(told(&self.renew(&[]).findings), verified);
        let plan = self.plan(&self.options());
        let mut planned = told(&plan.findings);
        for step in &plan.steps {
            if let (Target::Pair(id), [plan::Reason::NotYetValid { now, .. }]) =
                (&step.target, &step.reasons[..])
            {
                assert_eq!(*now, self.now);
                let file = &self.stack.pair(id).unwrap().files.certificate;
                planned.push((file.to_string(), "pki apply".to_owned()));
            }
        }
        planned.sort();
        assert_eq!(planned, verified);
        assert!(self.seen() == before);
        verified
    }
}

fn authority(name: &str) -> Selected {
    Selected::Authority(name.to_owned())
}

#[test]
fn leaves_of_another_year_are_made_anew() {
    let names = [Selected::Service("store".into())];
    for named in [false, true] {
        let mut tree = Tree::made(STACK);
        tree.at(NOW.plus_seconds(YEAR), |t| t.apply().unwrap());
        let of = |file: &str| (file.to_owned(), "pki apply".to_owned());
        let both = [of("certs/store/public.crt"), of("certs/tool/own.crt")];
        assert_eq!(tree.early(), both);
        if named {
            assert_eq!(tree.renew(&names).done.len(), 1);
            assert_eq!(tree.early(), both[1..]);
        }
        tree.apply().unwrap();
        tree.assert_settled();
    }
}

#[test]
fn a_ca_of_another_decade_is_signed_anew_by_who_names_it() {
    for years in [8, 12] {
        let mut tree = Tree::made(&STACK.replace("lifetime = \"20y\"", "lifetime = \"10y\""));
        let keys = ["root", "leaves"].map(|a| tree.read(&format!("authorities/{a}/1/ca.key")));
        tree.at(NOW.plus_seconds(years * YEAR), |t| t.apply().unwrap());
        let of = |name: &str, fix: &str| (format!("authorities/{name}/1/ca.crt"), fix.to_owned());
        assert_eq!(
            tree.early(),
            [
                of("leaves", "pki renew authority.root authority.leaves"),
                of("root", "pki renew authority.root"),
            ]
        );
        // No command does it that does not name them.
        let before = tree.seen();
        let only = [authority("root"), authority("leaves")];
        for scope in [Scope::Everything, Scope::Due(&[]), Scope::Only(&only)] {
            for force in [false, true] {
                let options = Options {
                    scope,
                    force,
                    ..tree.options()
                };
                tree.apply_as(&options).unwrap();
            }
        }
        assert!(tree.seen() == before, "something was signed");
        // What is above goes first.
        let told = tree.renew(&[authority("leaves")]).findings;
        assert_eq!(told[0].at.to_string(), "authorities/root/1/ca.crt");
        if years == 8 {
            tree.renew(&[authority("root")]);
            assert_eq!(tree.early()[0], of("leaves", "pki renew authority.leaves"));
            tree.renew(&[authority("leaves")]);
        } else {
            tree.renew(&[authority("root"), authority("leaves")]);
        }
        // The leaves below came with their CA.
        assert_eq!(tree.early(), []);
        tree.apply().unwrap();
        tree.assert_settled();
        let same = ["root", "leaves"].map(|a| tree.read(&format!("authorities/{a}/1/ca.key")));
        assert_eq!(same, keys);
    }
}
