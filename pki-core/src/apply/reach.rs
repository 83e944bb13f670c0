//! Plans around what the machine would refuse: one service's obstacle holds up
//! that service alone.

use std::io;
use std::path::Path;

use super::Look;
use crate::model::path::TreePath;
use crate::plan::{self, Obstacles, Options, Plan};
use crate::reason;
use crate::report::{Finding, Locator, rule, shell};
use crate::stack::Stack;
use crate::store::{Obstacle, Store};

/// As [`plan::plan`], of the tree as it stands: where a file cannot be delivered,
/// what would write it is left out and told ([`rule::IN_THE_WAY`]), and so is what
/// must not come without it. Looks only where something is to be written.
pub fn plan(store: &Store, stack: &Stack, look: &Look, options: &Options<'_>) -> Plan {
    let mut obstacles = Obstacles::new();
    loop {
        let (inventory, delivered) = (&look.inventory, &look.state.delivered);
        let plan = plan::plan_around(stack, inventory, delivered, options, &obstacles);
        let written = plan.written(stack).into_iter();
        let written: Vec<&TreePath> = written.filter(|p| !obstacles.contains_key(*p)).collect();
        let found = store.obstacles(&written);
        if found.is_empty() {
            return plan;
        }
        let found = found.into_iter();
        obstacles.extend(found.map(|(path, obstacle)| (path.clone(), told(&obstacle))));
    }
}

/// An obstacle with what makes room.
fn told(obstacle: &Obstacle) -> Finding {
    let (path, found, expected, fix) = match obstacle {
        Obstacle::Fixed { path, mounted } => {
            let word = shell::path(path);
            let (found, fix) = if *mounted {
                ("is a mount point", format!("umount {word} && pki apply"))
            } else {
                let fix = format!("chattr -i -a {word} && pki apply");
                ("is marked immutable or append-only", fix)
            };
            let expected = "a file that can be replaced";
            (path, format!("`{}` {found}", path.display()), expected, fix)
        }
        Obstacle::Closed { path, why } => {
            let place = Some(path.as_path()).filter(|path| !path.as_os_str().is_empty());
            let word = shell::path(place.unwrap_or(Path::new(".")));
            let fix = if why.kind() == io::ErrorKind::ReadOnlyFilesystem {
                format!("`findmnt -T {word}` shows what is mounted read-only: mount it writable")
            } else {
                format!(
                    "`ls -ld {word}; lsattr -d {word}` shows why: let pki write there, or run it as who may"
                )
            };
            let expected = "a folder that pki may write in";
            (
                path,
                format!("no file can be made in `{word}`: {why}"),
                expected,
                fix,
            )
        }
        Obstacle::Folder { path } => return reason::stage_barred(path),
    };
    rule::IN_THE_WAY
        .at(Locator::File(path.clone()))
        .found(found)
        .expected(expected)
        .fix(fix)
}
