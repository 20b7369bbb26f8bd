//! `docs/configuration.md`, made from the table of keys.

use super::key::KEYS;

pub(super) fn markdown() -> String {
    let mut text = String::from(
        "# Configuration\n\nMade from the table of keys in `apps/signet/src/config/key.rs`; a test checks that it is current.\n\n\
         Values come from the file that `--config` or `SIGNET_CONFIG` names, then from the environment, then from flags; the\n\
         later wins. A key that is not listed here stops the start. `signet serve --print-config` shows the effective values\n\
         and where each comes from. Relative paths start at the working directory. No key holds a secret.\n\n\
         Besides these keys, each table `[exports.NAME]` of the file is a sink that records are sent to; docs/operations/exports.md\n\
         lists what stands in it.\n\n\
         After `kill -HUP` the server takes over what is marked *live* and the TLS files, and names other keys that changed.\n\n\
         | key | environment | default | what it is for |\n|---|---|---|---|\n",
    );
    for key in KEYS {
        let default = key.default.filter(|default| !default.is_empty()).map(|default| format!("`{default}`"));
        let live = if key.live { " *Live.*" } else { "" };
        let (name, variable, about) = (key.name, key.variable(), key.about);
        text += &format!("| `{name}` | `{variable}` | {} | {about}{live} |\n", default.unwrap_or_default());
    }
    text
}
