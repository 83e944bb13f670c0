use super::*;

/// A name, a manifest, and all that is said about it.
const CASES: &[(&str, &str, &str)] = &[
    (
        "syntax",
        r#"version = 1
[authority.root
subject = "CN=x"
"#,
        r#"error: not valid TOML
 --> pki.toml:2:16
  |
2 | [authority.root
  |                ^ unclosed table, expected `]`"#,
    ),
    (
        "version_missing",
        r#"[authority.root]
"#,
        r#"error: no `version`
 --> pki.toml:1:1
  |
1 | [authority.root]
  | ^ `version` is missing
hint: add `version = 1`"#,
    ),
    (
        "version_of_the_future",
        r#"version = 2
future = true
"#,
        r#"error: made for a newer pki: version `2`
 --> pki.toml:1:11
  |
1 | version = 2
  |           ^ this pki reads version 1
hint: use a newer pki, or write `version = 1` and what it knows"#,
    ),
    (
        "unknown_key",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
host_names = ["a"]
"#,
        r#"error: unknown key `host_names` in `service.a`
 --> pki.toml:5:1
  |
5 | host_names = ["a"]
  | ^^^^^^^^^^ unknown
hint: known here: `authority`, `cert_mode`, `client`, `connects`, `directory`, `external`, `files`, `group`, `host`, `hosts`, `key`, `key_mode`, `lifetime`, `mount`, `owner`, `per_host`, `profile`, `rekey`, `renew`, `role`, `server`, `serves`, `source`, `subject`, `to`, `trust`, `truststore_password`"#,
    ),
    (
        "unknown_key_at_the_top",
        r#"version = 1
[authority.root]
[services.a]
role = "server"
"#,
        r#"error: unknown key `services` at the top
 --> pki.toml:3:2
  |
3 | [services.a]
  |  ^^^^^^^^ unknown
hint: did you mean `service`?"#,
    ),
    (
        "near_key",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
grup = "x"
"#,
        r#"error: unknown key `grup` in `service.a`
 --> pki.toml:6:1
  |
6 | grup = "x"
  | ^^^^ unknown
hint: did you mean `group`?"#,
    ),
    (
        "wrong_type",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key_mode = 640
[service.b]
role = "server"
hosts = "b"
"#,
        r#"error: `pki.toml` has 2 errors
error: `service.a.key_mode` must be a text in quotes
 --> pki.toml:6:12
  |
6 | key_mode = 640
  |            ^^^ found a whole number
hint: for example `"0640"`

error: `service.b.hosts` must be a list
 --> pki.toml:9:9
  |
9 | hosts = "b"
  |         ^^^ found a text in quotes
hint: for example `["server.example.com"]`"#,
    ),
    (
        "role_missing",
        r#"version = 1
[authority.root]
[service.a]
hosts = ["a"]
"#,
        r#"error: `service.a` has no `role`
 --> pki.toml:3:10
  |
3 | [service.a]
  |          ^ `role` is missing
hint: add `role = "server"`"#,
    ),
    (
        "unknown_role",
        r#"version = 1
[authority.root]
[service.a]
role = "sevrer"
hosts = ["a"]
"#,
        r#"error: unknown role `sevrer`
 --> pki.toml:4:8
  |
4 | role = "sevrer"
  |        ^^^^^^^^ no such role
hint: did you mean `server`?"#,
    ),
    (
        "unknown_service",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["aa"]
"#,
        r#"error: unknown service `aa`
 --> pki.toml:8:13
  |
8 | connects = ["aa"]
  |             ^^^^ no such service
hint: known here: `a`, `b`"#,
    ),
    (
        "unknown_authority",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
authority = "rot"
"#,
        r#"error: unknown authority `rot`
 --> pki.toml:6:13
  |
6 | authority = "rot"
  |             ^^^^^ no such authority
hint: did you mean `root`?"#,
    ),
    (
        "circle_of_authorities",
        r#"version = 1
[authority.a]
issuer = "b"
[authority.b]
issuer = "a"
"#,
        r#"error: a circle of authorities: a → b → a
 --> pki.toml:3:10
  |
3 | issuer = "b"
  |          ^^^ its own issuer in the end
hint: take out one `issuer`: that authority is then a root"#,
    ),
    (
        "own_issuer",
        r#"version = 1
[authority.a]
issuer = "a"
"#,
        r#"error: a circle of authorities: a → a
 --> pki.toml:3:10
  |
3 | issuer = "a"
  |          ^^^ its own issuer in the end
hint: take out one `issuer`: that authority is then a root"#,
    ),
    (
        "no_authority",
        r#"version = 1
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#"error: nothing says which authority signs for `a`
 --> pki.toml:2:10
  |
2 | [service.a]
  |          ^ has certificates
hint: add `[authority.root]`"#,
    ),
    (
        "two_authorities_no_default",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[authority.other]
"#,
        r#"error: nothing says which authority signs for `a`
 --> pki.toml:3:10
  |
3 | [service.a]
  |          ^ has certificates
hint: add `authority = "root"` here or below `[defaults]`; known here: `root`, `other`"#,
    ),
    (
        "signed_by_external",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
authority = "corp"
[authority.corp]
external = "corp.pem"
"#,
        r#"error: `corp` is external: it cannot sign for `a`
 --> pki.toml:6:13
  |
6 | authority = "corp"
  |             ^^^^^^ only trusted here
hint: name an authority of this manifest"#,
    ),
    (
        "external_with_more",
        r#"version = 1
[authority.corp]
external = "corp.pem"
lifetime = "1y"
"#,
        r#"error: `corp` is external: it has no `lifetime` here
 --> pki.toml:4:12
  |
4 | lifetime = "1y"
  |            ^^^^ it is not made here
hint: take out `lifetime`, or `external`"#,
    ),
    (
        "two_services_on_one_file",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
directory = "x"
[service.b]
role = "server"
hosts = ["b"]
directory = "x"
"#,
        r#"error: `x/server.crt` would be written twice: by `a.server.default` and by `b.server.default`
 --> pki.toml:7:10
  |
3 | [service.a]
  |          - here
...
7 | [service.b]
  |          ^ and here
hint: give one of them another name or folder"#,
    ),
    (
        "file_and_folder",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
files = { issuer = "public" }
[service.a.server.public]
hosts = ["b"]
"#,
        r#"error: `certs/a/public` would be a file (`a`, its issuer file) and a folder (for `a.server.public`)
 --> pki.toml:7:19
  |
3 | [service.a]
  |          - makes the file
...
7 | [service.a.server.public]
  |                   ^^^^^^ needs the folder
hint: give one of them another name or folder"#,
    ),
    (
        "publish_over_a_pair",
        r#"version = 1
[authority.root]
publish = "certs/a/server.crt"
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#"error: `certs/a/server.crt` would be written twice: by `a.server.default` and by authority `root`, what it publishes
 --> pki.toml:3:11
  |
3 | publish = "certs/a/server.crt"
  |           ^^^^^^^^^^^^^^^^^^^^ and here
4 | [service.a]
  |          - here
hint: give one of them another name or folder"#,
    ),
    (
        "parent_folder",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
directory = "../x"
"#,
        r#"error: `../x` contains `..`
 --> pki.toml:6:13
  |
6 | directory = "../x"
  |             ^^^^^^ found
hint: name the folder itself, absolute if need be"#,
    ),
    (
        "absolute_file",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
files = { cert = "/etc/x" }
"#,
        r#"error: `/etc/x` cannot be the name of a file here
 --> pki.toml:6:18
  |
6 | files = { cert = "/etc/x" }
  |                  ^^^^^^^^ found
hint: a name inside the service's folder"#,
    ),
    (
        "pki_own_place",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
directory = "authorities/x"
"#,
        r#"error: `authorities/x/server.crt` is in a place that is pki's own
 --> pki.toml:3:10
  |
3 | [service.a]
  |          ^ written by `a.server.default`
hint: choose another folder, such as `certs`"#,
    ),
    (
        "ca_key_in_a_mount",
        r#"version = 1
[authority.root]
key_dir = "certs/a"
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#"error: the key of authority `root` would stand in the folder of `a`
 --> pki.toml:3:11
  |
3 | key_dir = "certs/a"
  |           ^^^^^^^^^ `certs/a/root/1/ca.key`
hint: keep it out of `certs/a`: whoever reads it can be anyone"#,
    ),
    (
        "empty_hosts",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = []
"#,
        r#"error: `hosts` is empty
 --> pki.toml:5:9
  |
5 | hosts = []
  |         ^^ a certificate for no name
hint: list at least one name or address"#,
    ),
    (
        "no_hosts",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
"#,
        r#"error: `a` has no `hosts`
 --> pki.toml:3:10
  |
3 | [service.a]
  |          ^ it serves TLS
hint: add `hosts = ["a"]`: the names it is dialled by"#,
    ),
    (
        "hosts_of_a_client",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
hosts = ["b"]
"#,
        r#"error: `b` serves nothing: its role is `client`
 --> pki.toml:8:9
  |
8 | hosts = ["b"]
  |         ^^^^^ nobody dials it
hint: names of a client go below `[service.b.client.client]`; or choose another role"#,
    ),
    (
        "refused_names",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
"#,
        r#"error: `pki.toml` has 6 errors
error: `a:9000` is a host with a port; a certificate names the host only
 --> pki.toml:5:10
  |
5 | hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
  |          ^^^^^^^^ refused
hint: write `a`

error: `https://a` is an address, not a name
 --> pki.toml:5:20
  |
5 | hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
  |                    ^^^^^^^^^^^ refused
hint: write `a`

error: `a..b` has an empty label between two dots
 --> pki.toml:5:33
  |
5 | hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
  |                                 ^^^^^^ refused
hint: write `a.b`

error: `10.0.0.300` ends in a number, so clients take it for an IP address, which it is not
 --> pki.toml:5:41
  |
5 | hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
  |                                         ^^^^^^^^^^^^ refused

error: `x*.a` has a `*` that is not the whole first label
 --> pki.toml:5:55
  |
5 | hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
  |                                                       ^^^^^^ refused
hint: write `*.DOMAIN`, or list the names

error: `{3...1}` in `n-{3...1}` is no range: it runs backwards
 --> pki.toml:5:63
  |
5 | hosts = ["a:9000", "https://a", "a..b", "10.0.0.300", "x*.a", "n-{3...1}"]
  |                                                               ^^^^^^^^^^^ refused
hint: write `n-{1...3}`"#,
    ),
    (
        "to_without_connects",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
[service.b.to.a]
client = "c"
"#,
        r#"error: `b` does not connect to `a`
 --> pki.toml:8:15
  |
8 | [service.b.to.a]
  |               ^ no such edge
hint: add `"a"` to `service.b.connects`"#,
    ),
    (
        "dials_itself",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
connects = ["a"]
"#,
        r#"error: `a` dials itself
 --> pki.toml:6:13
  |
6 | connects = ["a"]
  |             ^^^ its own name
hint: nodes of one service that dial each other need its CA: `trust = ["AUTHORITY"]`"#,
    ),
    (
        "dials_twice",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a", "a"]
"#,
        r#"error: `a` is named twice
 --> pki.toml:8:18
  |
8 | connects = ["a", "a"]
  |                  ^^^ again
hint: name it once; two addresses are two services"#,
    ),
    (
        "dials_a_client",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a"]
[service.c]
role = "client"
connects = ["b"]
"#,
        r#"error: `b` serves nothing: its role is `client`
  --> pki.toml:11:13
   |
11 | connects = ["b"]
   |             ^^^ nobody can dial it
hint: take it out of `connects`, or give it another role"#,
    ),
    (
        "http_to_tls",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a"]
[service.b.to.a]
url = "http://a:443"
"#,
        r#"error: `a` serves TLS, and is dialled without
  --> pki.toml:10:7
   |
10 | url = "http://a:443"
   |       ^^^^^^^^^^^^^^ the other scheme
hint: write https, or `serves = "http"` at `a`"#,
    ),
    (
        "https_to_http",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
serves = "http"
[service.b]
role = "client"
connects = ["a"]
[service.b.to.a]
url = "https://a:443"
"#,
        r#"error: `a` serves plain HTTP, and is dialled with TLS
  --> pki.toml:11:7
   |
11 | url = "https://a:443"
   |       ^^^^^^^^^^^^^^^ the other scheme
hint: write http, or take out `serves = "http"` at `a`"#,
    ),
    (
        "bad_url",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
connects = ["a"]
[service.b.to.a]
url = "a:443/x"
"#,
        r#"error: `a:443/x` is no URL
  --> pki.toml:10:7
   |
10 | url = "a:443/x"
   |       ^^^^^^^^^ found
hint: for example "https://server.example.com:8443""#,
    ),
    (
        "bare_number",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
lifetime = "30"
"#,
        r#"error: `30` has no unit
 --> pki.toml:6:12
  |
6 | lifetime = "30"
  |            ^^^^ found
hint: a number with a unit: "30d" (h, d, w or y)"#,
    ),
    (
        "bad_words",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key = "rsa2048"
renew = "3/1"
rekey = "sometimes"
profile = "pear"
serves = "https3"
"#,
        r#"error: `pki.toml` has 5 errors
error: unknown key algorithm `rsa2048`
 --> pki.toml:6:7
  |
6 | key = "rsa2048"
  |       ^^^^^^^^^ unknown
hint: did you mean `rsa-2048`?

error: `3/1` is out of range
 --> pki.toml:7:9
  |
7 | renew = "3/1"
  |         ^^^^^ found
hint: a part of the life below 1, such as "1/3", or a span, such as "30d"

error: `sometimes` is no time for a new key
 --> pki.toml:8:9
  |
8 | rekey = "sometimes"
  |         ^^^^^^^^^^^ found
hint: "never", "always", or a span such as "2y"

error: unknown profile `pear`
 --> pki.toml:9:11
  |
9 | profile = "pear"
  |           ^^^^^^ unknown
hint: did you mean `peer`?

error: `https3` is nothing to serve
  --> pki.toml:10:10
   |
10 | serves = "https3"
   |          ^^^^^^^^ unknown
hint: known here: `http`, `https`"#,
    ),
    (
        "bad_modes",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
key_mode = "0644"
cert_mode = "0666"
owner = "a:b"
"#,
        r#"error: `pki.toml` has 3 errors
error: `0644` is no mode of a key
 --> pki.toml:6:12
  |
6 | key_mode = "0644"
  |            ^^^^^^ found
hint: "0600", or "0640" to let the group read it; never more

error: `0666` is no mode of a certificate
 --> pki.toml:7:13
  |
7 | cert_mode = "0666"
  |             ^^^^^^ found
hint: "0644", or less; nobody but the owner writes

error: `a:b` is no user or group
 --> pki.toml:8:9
  |
8 | owner = "a:b"
  |         ^^^^^ found
hint: a name or a number; owner and group are two keys"#,
    ),
    (
        "service_name",
        r#"version = 1
[authority.root]
[service."a b/c"]
role = "server"
hosts = ["a"]
"#,
        r#"error: `a b/c` cannot be the name of a service
 --> pki.toml:3:10
  |
3 | [service."a b/c"]
  |          ^^^^^^^ it becomes part of file names
hint: write `a-b-c` (letters, digits, `.`, `_` and `-`, at most 64, the first a letter or digit)"#,
    ),
    (
        "outside_permit",
        r#"version = 1
[authority.root]
permit = ["example.com"]
[service.a]
role = "server"
hosts = ["a"]
"#,
        r#"error: `root` may not vouch for `a`, a name of `a.server.default`
 --> pki.toml:6:10
  |
6 | hosts = ["a"]
  |          ^^^ outside its `permit`
hint: add `"a"` to `authority.root.permit`, or take the name out"#,
    ),
    (
        "subject_of_its_ca",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
subject = "CN=ROOT  ca"
"#,
        r#"error: `a.server.default` has the subject of its CA: `CN=ROOT  ca`
 --> pki.toml:3:10
  |
3 | [service.a]
  |          ^ would look self-signed (OpenSSL error 18)
hint: change its first name, its `subject`, or the authority's"#,
    ),
    (
        "subject_of_its_issuer",
        r#"version = 1
[authority.a]
subject = "CN=x"
[authority.b]
subject = "CN=x"
issuer = "a"
"#,
        r#"error: `a` and `b` have the same subject `CN=x`
 --> pki.toml:5:11
  |
3 | subject = "CN=x"
  |           ------ here
4 | [authority.b]
5 | subject = "CN=x"
  |           ^^^^^^ an issuer has it already
hint: give each authority a subject of its own"#,
    ),
    (
        "bad_subject",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
subject = "CN"
"#,
        r#"error: not a subject: `CN` is not of the form `TYPE=value`
 --> pki.toml:6:11
  |
6 | subject = "CN"
  |           ^^^^ found
hint: write the most specific part first, as in `CN=MinIO Root CA, O=MinIO, C=US`; a comma inside a value is `\,`"#,
    ),
    (
        "client_without_cn",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.a.client.c]
subject = "O=x"
"#,
        r#"error: a client's subject without CN
 --> pki.toml:7:11
  |
7 | subject = "O=x"
  |           ^^^^^ found
hint: add a CN: MinIO, Vault and others read who a client is from it"#,
    ),
    (
        "address_in_a_further_pair",
        r#"version = 1
[authority.root]
[service.a]
role = "minio"
hosts = ["a"]
[service.a.server.b]
hosts = ["10.0.0.1"]
"#,
        r#"error: `10.0.0.1` in a further pair of role `minio`
 --> pki.toml:7:10
  |
7 | hosts = ["10.0.0.1"]
  |          ^^^^^^^^^^ only the default pair may carry an address
hint: move it to the service's `hosts`"#,
    ),
    (
        "default_pair_twice",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.a.server.default]
hosts = ["b"]
"#,
        r#"error: the default pair is described twice
 --> pki.toml:6:19
  |
5 | hosts = ["a"]
  |         ----- `hosts` is short for `server.default.hosts`
6 | [service.a.server.default]
  |                   ^^^^^^^ and here
hint: keep one of both"#,
    ),
    (
        "per_host_without_range",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
per_host = true
"#,
        r#"error: `per_host` without a range
 --> pki.toml:6:12
  |
5 | hosts = ["a"]
  |         ----- no `{1...4}` here
6 | per_host = true
  |            ^^^^ one pair per name of which range?
hint: write a range such as "node-{1...4}", or take out `per_host`"#,
    ),
    (
        "source",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
source = "lineage:/etc/letsencrypt/live/a"
"#,
        r#"error: `source` is not supported yet
 --> pki.toml:6:10
  |
6 | source = "lineage:/etc/letsencrypt/live/a"
  |          ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ pairs made elsewhere
hint: take it out; `external = true` makes it a target of edges only"#,
    ),
    (
        "external_with_pairs",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
external = true
[service.a.client.c]
"#,
        r#"error: `a` is external: nothing is made for it here
 --> pki.toml:7:19
  |
7 | [service.a.client.c]
  |                   ^ for nothing
hint: take this out, or `external = true`"#,
    ),
    (
        "password_for_pem",
        r#"version = 1
[authority.root]
[service.a]
role = "server"
hosts = ["a"]
[service.b]
role = "client"
truststore_password = "x"
"#,
        r#"error: role `client` has no truststore
 --> pki.toml:8:23
  |
8 | truststore_password = "x"
  |                       ^^^ a password for nothing
hint: take it out: its trust file is PEM"#,
    ),
    (
        "long_common_name",
        r#"version = 1
[authority.root]
[service.a]
role = "client"
[service.a.client.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc]
"#,
        r#"error: no subject: `CN` has 65 characters, at most 64 are allowed (RFC 5280 appendix A)
 --> pki.toml:5:19
  |
5 | [service.a.client.ccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc]
  |                   ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ its CN
hint: say the subject: `subject = "CN=…"`"#,
    ),
    (
        "several",
        r#"version = 1
[authority.root]
[service.a]
role = "sevrer"
hosts = ["a"]
[service.b]
role = "client"
connects = ["c"]
lifetime = "1"
"#,
        r#"error: `pki.toml` has 3 errors
error: unknown role `sevrer`
 --> pki.toml:4:8
  |
4 | role = "sevrer"
  |        ^^^^^^^^ no such role
hint: did you mean `server`?

error: unknown service `c`
 --> pki.toml:8:13
  |
8 | connects = ["c"]
  |             ^^^ no such service
hint: known here: `a`, `b`

error: `1` has no unit
 --> pki.toml:9:12
  |
9 | lifetime = "1"
  |            ^^^ found
hint: a number with a unit: "1d" (h, d, w or y)"#,
    ),
    (
        "authority_called_system",
        r#"version = 1
[authority.system]
"#,
        r#"error: `system` names the machine's own CAs
 --> pki.toml:2:12
  |
2 | [authority.system]
  |            ^^^^^^ reserved
hint: choose another name for this authority"#,
    ),
];

#[test]
fn every_mistake_is_shown_with_its_place() {
    let mut wrong = 0;
    for (name, text, expected) in CASES {
        let found = match resolved(text) {
            Ok(resolved) => format!("accepted:\n{}", summary(&resolved.stack)),
            Err(error) => shown(error),
        };
        if found != *expected {
            wrong += 1;
            println!("@@@BEGIN {name}\n{found}\n@@@END");
        }
    }
    assert_eq!(wrong, 0, "cases that are said otherwise");
}
