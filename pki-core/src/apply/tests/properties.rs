//! Any stack: made, settled; broken, mended or told.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::TestCaseError;

use super::any_stack::manifests;
use super::*;
use crate::encode::pkcs12;
use crate::stack::OutputKind;

/// What a finding says and where.
type Told = BTreeSet<(&'static str, String)>;

fn told<'a>(findings: impl IntoIterator<Item = &'a Finding>) -> Told {
    let told = |f: &Finding| (f.rule, f.at.to_string());
    findings.into_iter().map(told).collect()
}

impl Tree {
    /// What is planned and what verify finds, of one look at the tree.
    fn judged(&self) -> (Plan, Verdict) {
        let found = look(&self.store, &self.stack).unwrap();
        let delivered = &found.state.delivered;
        let plan = plan::plan(&self.stack, &found.inventory, delivered, &self.options());
        let around = around(&self.store, &self.stack, &found);
        let verdict = verify(&self.stack, &found.inventory, &around, self.now);
        (plan, verdict)
    }

    /// Nothing to do, nothing wrong, every edge holds; and a second apply
    /// touches nothing. What verify tells all the same, and how the tree looks.
    fn settled(&self) -> std::result::Result<(Told, Seen), TestCaseError> {
        let (plan, verdict) = self.judged();
        prop_assert_eq!(lines(&plan), [""; 0]);
        prop_assert_eq!(&plan.findings, &[]);
        prop_assert_eq!(verdict.edges, verdict.good_edges);
        let findings = verdict.report.findings();
        let told = told(findings.iter().filter(|f| f.severity > Severity::Info));
        // Java reads Ed25519 from 16 on; nothing else may be said.
        for finding in &told {
            prop_assert_eq!(finding.0, "ed25519-for-old-java", "{}", finding.1);
        }
        let before = self.seen();
        let receipt = self.execute(&plan, &self.options(), &no_passphrase);
        prop_assert_eq!(receipt.unwrap().done.len(), 0);
        prop_assert_eq!(&self.seen(), &before);
        Ok((told, before))
    }

    /// Every file that the stack names and that is there.
    fn files(&self) -> Vec<String> {
        let files = crate::inventory::paths(&self.stack);
        let files = files.iter().map(ToString::to_string);
        files.filter(|file| self.path(file).exists()).collect()
    }

    /// Files that apply makes or mends whatever happened to them: all but those
    /// of authorities.
    fn mendable(&self) -> Vec<String> {
        let authorities = self.stack.authorities.iter();
        let generations = authorities.flat_map(|a| &a.generations);
        let theirs: Vec<String> = generations
            .flat_map(|g| [Some(&g.certificate), g.key.as_ref()])
            .flatten()
            .map(ToString::to_string)
            .collect();
        let mut files = self.files();
        files.retain(|file| !theirs.contains(file));
        files
    }

    /// The files that are written when one is mended: those of its pair.
    fn together(&self, file: &str) -> Vec<String> {
        let of_pair = self.stack.pairs().map(|pair| {
            let files = &pair.files;
            [
                Some(&files.certificate),
                Some(&files.key),
                files.chain.as_ref(),
            ]
            .into_iter()
            .flatten()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
        });
        let mut pairs = of_pair.filter(|files| files.iter().any(|f| f == file));
        pairs.next().unwrap_or_else(|| vec![file.to_owned()])
    }

    /// What a file of certificates says to its reader; `None` where it is none
    /// or cannot be read.
    fn certificates_in(&self, file: &str, bytes: &[u8]) -> Option<Vec<Vec<u8>>> {
        let mut outputs = self.stack.outputs.iter();
        let mut found: Vec<Vec<u8>> = match outputs
            .find(|o| o.path.to_string() == file)
            .map(|o| &o.kind)
        {
            Some(OutputKind::Text(_)) => return None,
            Some(OutputKind::Truststore { password, .. }) => {
                let store = pkcs12::read_store(bytes, password.as_deref()).ok()?;
                let entries = store.entries.into_iter();
                entries.map(|entry| entry.certificate_der).collect()
            }
            _ => {
                let blocks = pem::blocks(bytes).blocks.into_iter();
                let der = |b: pem::Block| (b.label == "CERTIFICATE").then(|| b.der.ok()).flatten();
                blocks
                    .map(|b| der(b).map(|der| der.to_vec()))
                    .collect::<Option<_>>()?
            }
        };
        found.dedup();
        Some(found)
    }

    fn set_mode(&self, file: &str, mode: u32) {
        let mode = std::fs::Permissions::from_mode(mode);
        std::fs::set_permissions(self.path(file), mode).unwrap();
    }
}

/// What happens to a file.
#[derive(Clone, Debug)]
enum Damage {
    Removed,
    /// Cut somewhere before its last line's end.
    Cut(Index),
    Mode(u32),
    /// Another file of the tree in its place: one of the same kind, or any.
    Other(Index, bool),
    Twice,
    Flipped(Index, u8),
    Rubbish,
}

fn damages() -> impl Strategy<Value = Damage> {
    let modes = prop::sample::select(vec![0o666, 0o640, 0o604, 0o400, 0o755]);
    prop_oneof![
        2 => Just(Damage::Removed),
        2 => any::<Index>().prop_map(Damage::Cut),
        2 => modes.prop_map(Damage::Mode),
        4 => any::<(Index, bool)>().prop_map(|(other, same)| Damage::Other(other, same)),
        1 => Just(Damage::Twice),
        1 => any::<(Index, u8)>().prop_map(|(at, with)| Damage::Flipped(at, with | 1)),
        1 => Just(Damage::Rubbish),
    ]
}

impl Damage {
    /// Whether nobody judges it. Only the owner comes near the files of an
    /// authority, whose folder is 0700: of modes the key's counts alone. And an
    /// intermediate that signed nothing is not verified.
    fn is_not_judged(&self, tree: &Tree, file: &str) -> bool {
        let generations = || tree.stack.authorities.iter().flat_map(|a| &a.generations);
        let certificate = generations().any(|g| g.certificate.to_string() == file);
        let key = generations().any(|g| g.key.as_ref().is_some_and(|k| k.to_string() == file));
        match self {
            Self::Mode(mode) => certificate || key && mode & 0o077 | 0o600 == 0o600,
            Self::Flipped(..) => certificate,
            _ => false,
        }
    }

    fn inflict(&self, tree: &Tree, file: &str) {
        let bytes = tree.read(file);
        match self {
            Self::Removed => tree.remove(file),
            Self::Cut(at) => {
                let longest = bytes.len().saturating_sub(2).max(1);
                tree.write(file, &bytes[..at.index(longest).min(bytes.len())]);
            }
            Self::Mode(mode) => tree.set_mode(file, *mode),
            Self::Other(other, same) => {
                let mut files = tree.files();
                let ending = Path::new(file).extension();
                files.retain(|f| !same || Path::new(f).extension() == ending);
                tree.write(file, tree.read(other.get::<String>(&files)));
            }
            Self::Twice => tree.write(file, [&bytes[..], &bytes].concat()),
            Self::Flipped(at, with) => {
                let mut bytes = bytes;
                if !bytes.is_empty() {
                    let at = at.index(bytes.len());
                    bytes[at] ^= with;
                }
                tree.write(file, bytes);
            }
            Self::Rubbish => tree.write(file, b"rubbish"),
        }
    }
}

/// The files that differ, but for the product's own.
fn changed(before: &Seen, after: &Seen) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    let differ = |name: &&&String| before.get(**name) != after.get(**name);
    let names = names.iter().filter(differ).map(ToString::to_string);
    names.filter(|name| !name.starts_with(".pki")).collect()
}

/// One file is damaged: apply mends it and touches nothing else, or a finding
/// tells it and nothing is touched at all.
fn mended_or_told(
    tree: &Tree,
    before: &(Told, Seen),
    file: &str,
    damage: &Damage,
) -> std::result::Result<(Told, Seen), TestCaseError> {
    let (known, whole) = before;
    if damage.is_not_judged(tree, file) {
        return Ok(before.clone());
    }
    damage.inflict(tree, file);
    let hurt = tree.seen();
    let (whole_file, hurt_file) = (&whole[file], hurt.get(file));
    if hurt_file.is_some_and(|hurt| (&hurt.0, hurt.1) == (&whole_file.0, whole_file.1)) {
        return tree.settled();
    }
    let (plan, verdict) = tree.judged();
    let told: Told = told(plan.findings.iter().chain(verdict.report.findings()));
    let result = tree.execute(&plan, &tree.options(), &no_passphrase);
    let context = format!("{damage:?} of {file}: {:?}, {told:?}", lines(&plan));
    if plan.is_empty() {
        let news = told.difference(known).next();
        let same = whole[file].1 == hurt.get(file).map_or(0, |seen| seen.1)
            && tree.certificates_in(file, &whole[file].0).is_some()
            && tree.certificates_in(file, &whole[file].0)
                == tree.certificates_in(file, &hurt[file].0);
        prop_assert!(news.is_some() || same, "not told: {context}");
        prop_assert_eq!(result.unwrap().done.len(), 0);
        prop_assert_eq!(tree.seen(), hurt, "{}", context);
        // Restored from the backup, as the findings ask.
        tree.write(file, &whole[file].0);
        tree.set_mode(file, whole[file].1);
    } else {
        prop_assert!(result.is_ok(), "{context}: {:?}", result);
        let together = tree.together(file);
        for other in changed(whole, &tree.seen()) {
            prop_assert!(together.contains(&other), "{other} changed: {context}");
        }
    }
    let after = tree.settled()?;
    prop_assert_eq!(&after.0, known, "{}", context);
    Ok(after)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, ..ProptestConfig::default() })]

    #[test]
    fn any_stack_is_made_settled_and_mended(
        text in manifests(),
        single in prop::collection::vec((any::<Index>(), damages()), 3),
        together in prop::collection::vec((any::<Index>(), damages()), 1..6),
    ) {
        let tree = Tree::new(&text);
        let receipt = tree.apply().unwrap();
        prop_assert_eq!(receipt.findings, []);
        let mut known = tree.settled()?;
        let files = tree.files();
        for (file, damage) in &single {
            known = mended_or_told(&tree, &known, file.get::<String>(&files), damage)?;
        }
        // Several at once: as long as the authorities are whole, all is mended.
        let files = tree.mendable();
        for (file, damage) in together.iter().filter(|_| !files.is_empty()) {
            let file = file.get::<String>(&files);
            // Where its certificate is lost too, another key is taken for the
            // pair's own.
            let key = Path::new(file).extension().is_some_and(|e| e == "key")
                && matches!(damage, Damage::Other(..));
            if tree.path(file).exists() && !key {
                damage.inflict(&tree, file);
            }
        }
        tree.apply().unwrap();
        prop_assert_eq!(tree.settled()?.0, known.0);
    }
}
