//! A stack written out again, with nothing left to a default, means the same.

use super::*;
use crate::stack::{Origin, Pair, PairKind, Serves, Service};

fn quoted(text: &str) -> String {
    toml_edit::Value::from(text).to_string()
}

fn list<T: ToString>(items: impl IntoIterator<Item = T>) -> String {
    let items: Vec<String> = items.into_iter().map(|i| quoted(&i.to_string())).collect();
    format!("[{}]", items.join(", "))
}

fn leaf(out: &mut String, pair: &Pair) {
    let rekey = match pair.rekey {
        crate::stack::Rekey::Never => "never".to_owned(),
        crate::stack::Rekey::Always => "always".to_owned(),
        crate::stack::Rekey::Every(span) => span.to_string(),
    };
    writeln!(out, "subject = {}", quoted(&pair.subject.to_string())).unwrap();
    writeln!(
        out,
        "key = \"{}\"\nlifetime = \"{}\"",
        pair.key, pair.lifetime
    )
    .unwrap();
    writeln!(out, "renew = \"{}\"\nrekey = \"{rekey}\"", pair.renew).unwrap();
}

fn service(out: &mut String, stack: &Stack, service: &Service) {
    let name = quoted(&service.name);
    writeln!(out, "[service.{name}]\nrole = \"{}\"", service.role.name).unwrap();
    writeln!(
        out,
        "directory = {}",
        quoted(&service.directory.to_string())
    )
    .unwrap();
    writeln!(out, "external = {}", service.external).unwrap();
    if let Some(authority) = &service.authority {
        writeln!(out, "authority = {}", quoted(authority)).unwrap();
    }
    if service.serves == Serves::Http {
        writeln!(out, "serves = \"http\"").unwrap();
    }
    let files = &service.role.files;
    let mut words = Vec::new();
    if service.serves == Serves::Tls {
        words.push(format!(
            "cert = {}, key = {}",
            quoted(&files.cert),
            quoted(&files.key)
        ));
    }
    for (key, file) in [
        ("chain", &files.chain),
        ("issuer", &files.issuer),
        ("trust", &files.trust),
        ("client_trust", &files.client_trust),
    ] {
        words.extend(
            file.as_ref()
                .map(|file| format!("{key} = {}", quoted(file))),
        );
    }
    writeln!(out, "files = {{ {} }}", words.join(", ")).unwrap();
    if let Some(pair) = service.pairs.first() {
        let access = &pair.key_access;
        writeln!(out, "key_mode = \"{:04o}\"", access.mode).unwrap();
        writeln!(out, "cert_mode = \"{:04o}\"", pair.certificate_access.mode).unwrap();
        for (key, account) in [("owner", &access.owner), ("group", &access.group)] {
            if let Some(account) = account {
                writeln!(out, "{key} = {}", quoted(account)).unwrap();
            }
        }
    }
    let edges: Vec<_> = stack
        .edges
        .iter()
        .filter(|e| e.from == service.name)
        .collect();
    writeln!(out, "connects = {}", list(edges.iter().map(|e| &e.to))).unwrap();
    for edge in edges {
        writeln!(
            out,
            "[service.{name}.to.{}]\nurl = \"{}\"",
            quoted(&edge.to),
            edge.url
        )
        .unwrap();
        if let Some(client) = &edge.client {
            writeln!(out, "client = {}", quoted(&client.name)).unwrap();
        }
    }
    for pair in &service.pairs {
        let kind = if pair.id.kind == PairKind::Server {
            "server"
        } else {
            "client"
        };
        writeln!(out, "[service.{name}.{kind}.{}]", quoted(&pair.id.name)).unwrap();
        if pair.id.kind == PairKind::Server {
            writeln!(out, "profile = \"{}\"", pair.profile).unwrap();
        }
        if !pair.names.is_empty() {
            writeln!(out, "hosts = {}", list(&pair.names)).unwrap();
        }
        leaf(out, pair);
    }
}

fn written(stack: &Stack) -> String {
    let mut out = String::from("version = 1\n");
    for authority in &stack.authorities {
        writeln!(out, "[authority.{}]", quoted(&authority.name)).unwrap();
        let published = stack.outputs.iter().find(|o| {
            o.service.is_none()
                && matches!(&o.kind, OutputKind::Bundle { authorities, .. } if *authorities == [authority.name.clone()])
        });
        if let Some(output) = published {
            writeln!(out, "publish = {}", quoted(&output.path.to_string())).unwrap();
        }
        if authority.origin == Origin::External {
            let file = authority.generations[0].certificate.to_string();
            writeln!(out, "external = {}", quoted(&file)).unwrap();
            continue;
        }
        if let Origin::Issuer(issuer) = &authority.origin {
            writeln!(out, "issuer = {}", quoted(issuer)).unwrap();
        }
        if !authority.permit.is_empty() {
            writeln!(out, "permit = {}", list(&authority.permit)).unwrap();
        }
        writeln!(out, "subject = {}", quoted(&authority.subject.to_string())).unwrap();
        writeln!(
            out,
            "key = \"{}\"\nlifetime = \"{}\"",
            authority.key, authority.lifetime
        )
        .unwrap();
        writeln!(
            out,
            "renew = \"{}\"\nencrypted = {}",
            authority.renew, authority.encrypted
        )
        .unwrap();
    }
    for each in &stack.services {
        service(&mut out, stack, each);
    }
    out
}

#[test]
fn a_stack_written_out_means_the_same() {
    for (name, text) in pki_templates::STACKS
        .iter()
        .chain([&("design", accepted::DESIGN)])
    {
        let before = resolved(text).unwrap().stack;
        let text = written(&before);
        let after = resolved(&text).map_err(shown);
        let after = after
            .unwrap_or_else(|e| panic!("{name}\n{e}\n{text}"))
            .stack;
        assert_eq!(after.authorities, before.authorities, "{name}");
        assert_eq!(after.edges, before.edges, "{name}");
        for (after, before) in after.services.iter().zip(&before.services) {
            assert_eq!(after.pairs, before.pairs, "{name}");
            assert_eq!(after.role, before.role, "{name}");
            assert_eq!(after.directory, before.directory, "{name}");
        }
        // Texts name a service's `mount`, which no stack keeps.
        let kept = |stack: &Stack| {
            let outputs = stack
                .outputs
                .iter()
                .filter(|o| !matches!(o.kind, OutputKind::Text(_)));
            outputs.cloned().collect::<Vec<_>>()
        };
        assert_eq!(kept(&after), kept(&before), "{name}");
        assert_eq!(written(&after), text, "{name}");
    }
}
