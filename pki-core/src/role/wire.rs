//! What a role file says, word by word.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::document::At;

/// `roles/NAME.toml`. Every key but `name` may come from the role it is `like`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RoleFile {
    /// The name of the file, without `.toml`.
    pub(super) name: At<String>,
    /// A role whose keys hold where this one says nothing.
    pub(super) like: Option<At<String>>,
    /// One line for people.
    pub(super) summary: Option<String>,
    /// Whose rules judge certificates: go, jsse, openssl, python, rustls.
    pub(super) tls: Option<At<String>>,
    /// What it listens to.
    pub(super) server: Option<ServerFile>,
    /// File names in its folder.
    pub(super) files: Option<FilesFile>,
    /// pem or pkcs12.
    pub(super) trust_form: Option<At<String>>,
    /// Mode of its key files.
    #[schemars(example = &"0600")]
    pub(super) key_mode: Option<At<String>>,
    /// How it notices what is new.
    pub(super) notice: Option<NoticeFile>,
    /// Texts to write.
    pub(super) write: Option<Vec<WriteFile>>,
    /// Advice after the first time.
    pub(super) next: Option<Vec<At<String>>>,
    /// Checks that need code, by id.
    pub(super) checks: Option<Vec<At<String>>>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ServerFile {
    /// The port of its default URL.
    pub(super) port: u16,
    /// never, optional or required.
    pub(super) client_certificates: Option<At<String>>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FilesFile {
    pub(super) cert: Option<At<String>>,
    pub(super) key: Option<At<String>>,
    pub(super) chain: Option<At<String>>,
    pub(super) issuer: Option<At<String>>,
    pub(super) trust: Option<At<String>>,
    pub(super) client_trust: Option<At<String>>,
}

#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NoticeFile {
    /// A new pair.
    pub(super) pair: Option<String>,
    /// A new CA.
    pub(super) trust: Option<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WriteFile {
    /// Its name in the service's folder.
    pub(super) file: At<String>,
    /// A template.
    pub(super) text: At<String>,
}

impl Default for RoleFile {
    fn default() -> Self {
        Self {
            name: At::new(String::new(), 0..0),
            like: None,
            summary: None,
            tls: None,
            server: None,
            files: None,
            trust_form: None,
            key_mode: None,
            notice: None,
            write: None,
            next: None,
            checks: None,
        }
    }
}

impl RoleFile {
    /// Takes over everything that `top` says.
    pub(super) fn put_on_top(&mut self, top: &Self) {
        self.name = top.name.clone();
        over(&mut self.summary, top.summary.as_ref());
        over(&mut self.tls, top.tls.as_ref());
        over(&mut self.server, top.server.as_ref());
        over(&mut self.trust_form, top.trust_form.as_ref());
        over(&mut self.key_mode, top.key_mode.as_ref());
        over(&mut self.write, top.write.as_ref());
        over(&mut self.next, top.next.as_ref());
        over(&mut self.checks, top.checks.as_ref());
        if let Some(top) = &top.files {
            let files = self.files.get_or_insert_default();
            over(&mut files.cert, top.cert.as_ref());
            over(&mut files.key, top.key.as_ref());
            over(&mut files.chain, top.chain.as_ref());
            over(&mut files.issuer, top.issuer.as_ref());
            over(&mut files.trust, top.trust.as_ref());
            over(&mut files.client_trust, top.client_trust.as_ref());
        }
        if let Some(top) = &top.notice {
            let notice = self.notice.get_or_insert_default();
            over(&mut notice.pair, top.pair.as_ref());
            over(&mut notice.trust, top.trust.as_ref());
        }
    }
}

fn over<T: Clone>(below: &mut Option<T>, top: Option<&T>) {
    if top.is_some() {
        *below = top.cloned();
    }
}
