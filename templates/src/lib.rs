//! What pki knows of programs and stacks, as texts: no code.

/// Roles: one file per program, `(name, text)`.
pub const ROLES: &[(&str, &str)] = &[
    ("client", include_str!("../roles/client.toml")),
    ("curl", include_str!("../roles/curl.toml")),
    ("kes", include_str!("../roles/kes.toml")),
    ("kes-cli", include_str!("../roles/kes-cli.toml")),
    ("mc", include_str!("../roles/mc.toml")),
    ("minio", include_str!("../roles/minio.toml")),
    ("minkms", include_str!("../roles/minkms.toml")),
    ("python", include_str!("../roles/python.toml")),
    ("server", include_str!("../roles/server.toml")),
    ("sidekick", include_str!("../roles/sidekick.toml")),
    ("spark", include_str!("../roles/spark.toml")),
    ("vault", include_str!("../roles/vault.toml")),
    ("vault-cli", include_str!("../roles/vault-cli.toml")),
];

/// Starters of `pki init --template NAME`, `(name, text)`; the first is the
/// default.
pub const STACKS: &[(&str, &str)] = &[
    ("minimal", include_str!("../stacks/minimal.toml")),
    ("spark-aistor", include_str!("../stacks/spark-aistor.toml")),
    (
        "sidekick-systemd",
        include_str!("../stacks/sidekick-systemd.toml"),
    ),
    ("minio-kes", include_str!("../stacks/minio-kes.toml")),
    ("vault-kes", include_str!("../stacks/vault-kes.toml")),
];

/// Lines that keep keys out of a repository (`.gitignore`).
pub const GITIGNORE: &str = include_str!("../snippets/gitignore");

/// Lines that keep CA keys out of images (`.dockerignore`).
pub const DOCKERIGNORE: &str = include_str!("../snippets/dockerignore");
