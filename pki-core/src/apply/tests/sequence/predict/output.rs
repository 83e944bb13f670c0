//! Derived files, and modes.

use super::*;

impl Worker<'_> {
    pub(super) fn output(&mut self, output: &WantedOutput) {
        let world = self.before;
        if output.authorities.iter().any(|a| self.broken.contains(a)) {
            return;
        }
        let renewed = output.authorities.iter().any(|a| self.reissued.contains(a));
        let of = |world: &World| -> Content {
            let ids: Vec<Id> = output
                .authorities
                .iter()
                .filter_map(|a| world.ca(*a))
                .collect();
            match &output.form {
                Form::Bundle => Content::Certificates(ids),
                Form::Truststore(password) => Content::Truststore(ids, *password),
                Form::Text(text) => Content::Text(text.clone()),
            }
        };
        let file = output.path.rsplit('/').next().unwrap();
        let found = sorted(world.content(&output.path));
        let reason = if found == Content::Missing {
            format!("missing {file}")
        } else if renewed || found != sorted(&of(world)) {
            "stale".to_owned()
        } else {
            return;
        };
        let wanted = self.command.selects(output.service) && !self.command.is_due_only();
        let is_there = |a: &Slot| self.reissued.contains(a) || world.ca(*a).is_some();
        if (!wanted && !renewed) || !output.authorities.iter().all(is_there) {
            return;
        }
        if found == Content::Folder {
            self.stuck = true;
            return;
        }
        let content = of(&self.after);
        if self.held.contains(&output.path) {
            self.stuck = true;
            self.hold_back(output, &content);
            return;
        }
        self.step(&output.path, "write", [reason]);
        self.write(&output.path, content, output.mode);
    }

    /// What is not written would take a CA away that a pair needs which stays as
    /// it is: else there is no reason to hold it back.
    fn hold_back(&mut self, output: &WantedOutput, wanted: &Content) {
        let world = self.before;
        let ids = |content: &Content| match content {
            Content::Certificates(ids) | Content::Truststore(ids, _) => ids.clone(),
            _ => Vec::new(),
        };
        let mut gone = ids(world.content(&output.path));
        gone.retain(|id| !ids(wanted).contains(id));
        let pairs = world.manifest.pairs();
        let mut staying = pairs.iter().filter(|p| !self.steps.contains_key(&p.id));
        let is_needed = staying.any(|pair| {
            let file = world.certificates(&pair.certificate);
            let signed = |id: &Id| {
                let signer = world.certs[*id].signer;
                gone.iter().any(|ca| world.certs[*ca].key == signer)
            };
            file.iter().any(signed)
        });
        if !is_needed {
            self.refused
                .get_or_insert(format!("{} is held back for nothing", output.path));
        }
    }

    pub(super) fn access(&mut self, path: &str, mode: u32, service: Option<Slot>) {
        let Some(file) = self.before.files.get(path) else {
            return;
        };
        let is_file = !matches!(file.content, Content::Missing | Content::Folder);
        if !is_file
            || file.mode == mode
            || self.written.contains(path)
            || !self.command.selects(service)
        {
            return;
        }
        let reason = format!("mode {:04o} → {mode:04o}", file.mode);
        self.step(path, "access", [reason]);
        if let Some(file) = self.after.files.get_mut(path) {
            file.mode = mode;
        }
    }
}

/// The order of trusted CAs is nobody's business.
fn sorted(content: &Content) -> Content {
    let mut content = content.clone();
    if let Content::Certificates(ids) | Content::Truststore(ids, _) = &mut content {
        ids.sort_unstable();
    }
    content
}
