//! The text of a manifest.

use super::*;

impl Manifest {
    pub(in super::super) fn text(&self) -> String {
        let mut text =
            String::from("version = 1\n[defaults]\nnames = [\"localhost\", \"127.0.0.1\"]\n");
        for (slot, authority) in self.authorities.iter().enumerate() {
            let Some(authority) = authority else { continue };
            text += &format!(
                "[authority.a{slot}]\nkey = \"{}\"\nlifetime = \"{}d\"\n",
                authority.key.word(),
                authority.days
            );
            if let Some(issuer) = authority.issuer {
                text += &format!("issuer = \"a{issuer}\"\n");
            }
            if authority.permit {
                let of = |letter: &str| {
                    let last = SERVICES - 1;
                    format!("\"{letter}{{0...{last}}}-own\", \"{letter}{{0...{last}}}-client\"")
                };
                text += &format!(
                    "permit = [\"example\", \"localhost\", \"127.0.0.0/8\", \"10.0.0.0/8\", {}, {}]\n",
                    of("s"),
                    of("t")
                );
            }
            if authority.publish {
                text += &format!("publish = \"public/a{slot}.crt\"\n");
            }
            if slot == SECURE {
                text += "key_dir = \"secure\"\n";
            }
        }
        for (slot, service) in self.present() {
            self.write(slot, service, &mut text);
        }
        text
    }

    fn write(&self, slot: Slot, service: &Service, text: &mut String) {
        let name = service.name(slot);
        *text += &format!(
            "[service.{name}]\nrole = \"{}\"\nauthority = \"a{}\"\nlifetime = \"{}d\"\nkey = \"{}\"\n",
            service.role.files().word,
            service.authority,
            service.days,
            service.key.word()
        );
        match service.rekey {
            Rekey::Never => {}
            Rekey::Always => *text += "rekey = \"always\"\n",
            Rekey::After400Days => *text += "rekey = \"400d\"\n",
        }
        if service.group {
            let group = crate::store::effective_gid();
            *text += &format!("group = \"{group}\"\nkey_mode = \"0640\"\n");
        }
        if let (Role::Spark, Some(password)) = (service.role, service.password) {
            *text += &format!("truststore_password = \"changeit{password}\"\n");
        }
        if service.role.serves() {
            let range = format!("\"{}-{{1...2}}.example\"", service.first(slot));
            let first = match service.nodes {
                Nodes::None => format!("\"{}.example\"", service.first(slot)),
                _ => range,
            };
            let more = service.plain(slot);
            let more = more.iter().map(|h| format!("\"{h}\""));
            let all: Vec<String> = std::iter::once(first).chain(more).collect();
            *text += &format!("hosts = [{}]\n", all.join(", "));
            if service.nodes == Nodes::PerHost && !service.http {
                *text += "per_host = true\n";
            }
        }
        if service.role.serves() && service.http {
            *text += "serves = \"http\"\n";
        }
        if service.is_tls() && service.chain {
            *text += "files = { chain = \"chain.pem\" }\n";
        }
        if service.is_tls() && service.peer {
            *text += "profile = \"peer\"\n";
        }
        let servers = self.present();
        let to = servers.filter(|(i, s)| *i != slot && service.to[*i] && s.role.serves());
        let to: Vec<(Slot, &Service)> = to.collect();
        let words: Vec<String> = to
            .iter()
            .map(|(i, s)| format!("\"{}\"", s.name(*i)))
            .collect();
        *text += &format!("connects = [{}]\n", words.join(", "));
        if let Some(trust) = service.trust {
            *text += &format!("trust = [\"a{trust}\"]\n");
        }
        for (i, server) in to {
            if service.shows && !server.http {
                *text += &format!("[service.{name}.to.{}]\nclient = \"own\"\n", server.name(i));
            }
        }
        if service.is_tls() && service.further {
            *text +=
                &format!("[service.{name}.server.further]\nhosts = [\"further{slot}.example\"]\n");
        }
    }
}
