//! `parse_user_agent( )`: which browser, system and device a user agent names.

use std::sync::Arc;

use super::{Run, at, cached_regex, text};
use crate::{Value, value::to_text};

pub(super) fn run(name: &str) -> Option<Run> {
    (name == "parse_user_agent").then_some(parse as Run)
}

/// A pattern whose groups are the version, and what it stands for. The first that matches counts.
type Known = (&'static str, &'static str);

const BROWSERS: &[Known] = &[
    (r"(?:Edg|Edge|EdgA|EdgiOS)/(\d+)\.(\d+)(?:\.(\d+))?", "Edge"),
    (r"(?:OPR|Opera)/(\d+)\.(\d+)(?:\.(\d+))?", "Opera"),
    (r"SamsungBrowser/(\d+)\.(\d+)(?:\.(\d+))?", "Samsung Internet"),
    (r"YaBrowser/(\d+)\.(\d+)(?:\.(\d+))?", "Yandex Browser"),
    (r"Vivaldi/(\d+)\.(\d+)(?:\.(\d+))?", "Vivaldi"),
    (r"HeadlessChrome/(\d+)\.(\d+)(?:\.(\d+))?", "HeadlessChrome"),
    (r"(?:FxiOS)/(\d+)\.(\d+)(?:\.(\d+))?", "Firefox iOS"),
    (r"(?:CriOS)/(\d+)\.(\d+)(?:\.(\d+))?", "Chrome Mobile iOS"),
    (r"Android.*Firefox/(\d+)\.(\d+)(?:\.(\d+))?", "Firefox Mobile"),
    (r"Firefox/(\d+)\.(\d+)(?:\.(\d+))?", "Firefox"),
    (r"Chrome/(\d+)\.(\d+)(?:\.(\d+))?.* Mobile", "Chrome Mobile"),
    (r"Chromium/(\d+)\.(\d+)(?:\.(\d+))?", "Chromium"),
    (r"Chrome/(\d+)\.(\d+)(?:\.(\d+))?", "Chrome"),
    (r"Version/(\d+)\.(\d+)(?:\.(\d+))?.*Mobile.*Safari/", "Mobile Safari"),
    (r"Version/(\d+)\.(\d+)(?:\.(\d+))?.*Safari/", "Safari"),
    (r"MSIE (\d+)\.(\d+)", "IE"),
    (r"Trident/.*rv:(\d+)\.(\d+)", "IE"),
    (r"WindowsPowerShell/(\d+)\.(\d+)(?:\.(\d+))?", "PowerShell"),
    (r"(?i)\bPowerShell/(\d+)\.(\d+)(?:\.(\d+))?", "PowerShell"),
    (r"python-requests/(\d+)\.(\d+)(?:\.(\d+))?", "Python Requests"),
    (r"Python-urllib/(\d+)\.(\d+)", "Python-urllib"),
    (r"aiohttp/(\d+)\.(\d+)(?:\.(\d+))?", "aiohttp"),
    (r"axios/(\d+)\.(\d+)(?:\.(\d+))?", "axios"),
    (r"curl/(\d+)\.(\d+)(?:\.(\d+))?", "curl"),
    (r"Wget/(\d+)\.(\d+)(?:\.(\d+))?", "Wget"),
    (r"Go-http-client/(\d+)\.(\d+)", "Go-http-client"),
    (r"okhttp/(\d+)\.(\d+)(?:\.(\d+))?", "okhttp"),
    (r"Java/(\d+)\.(\d+)(?:\.(\d+))?", "Java"),
];

/// The same for systems, with the version where the pattern does not hold it.
const SYSTEMS: &[(&str, &str, &str)] = &[
    (r"Windows Phone(?: OS)? (\d+)\.(\d+)", "Windows Phone", ""),
    (r"Windows NT 10\.0", "Windows", "10"),
    (r"Windows NT 6\.3", "Windows", "8.1"),
    (r"Windows NT 6\.2", "Windows", "8"),
    (r"Windows NT 6\.1", "Windows", "7"),
    (r"Windows NT 6\.0", "Windows", "Vista"),
    (r"Windows NT 5\.[12]", "Windows", "XP"),
    (r"Windows", "Windows", ""),
    (r"(?:iPhone|iPad|iPod).*? OS (\d+)_(\d+)(?:_(\d+))?", "iOS", ""),
    (r"Mac OS X (\d+)[_.](\d+)(?:[_.](\d+))?", "Mac OS X", ""),
    (r"Android (\d+)(?:\.(\d+))?(?:\.(\d+))?", "Android", ""),
    (r"CrOS \S+ (\d+)\.(\d+)(?:\.(\d+))?", "Chrome OS", ""),
    (r"Ubuntu(?:/(\d+)\.(\d+))?", "Ubuntu", ""),
    (r"Linux", "Linux", ""),
];

/// Pattern, family, brand; the model is the first group, or the family.
const DEVICES: &[(&str, &str, &str)] = &[
    (r"(?i)bot\b|crawler|spider|slurp", "Spider", "Spider"),
    ("iPhone", "iPhone", "Apple"),
    ("iPad", "iPad", "Apple"),
    ("iPod", "iPod", "Apple"),
    ("Macintosh", "Mac", "Apple"),
    (r"Android [\d.]+; (?:[a-z]{2}-[a-z]{2}; )?(SM-[A-Z0-9]+)", "Samsung", "Samsung"),
    (r"Android [\d.]+; (?:[a-z]{2}-[a-z]{2}; )?(Pixel[^;)]*?)(?: Build|\)|;)", "Pixel", "Google"),
    (r"Android [\d.]+; (?:[a-z]{2}-[a-z]{2}; )?([^;)]+?)(?: Build|\)|;)", "Generic Smartphone", "Generic"),
];

fn parse(args: &[Value]) -> Value {
    let agent = text(args, 0);
    let wanted: Vec<String> = match at(args, 1) {
        Value::Array(parts) => parts.iter().map(|part| to_text(part).to_ascii_lowercase()).collect(),
        Value::Null => ["browser", "os", "device"].map(str::to_owned).to_vec(),
        one => vec![to_text(one).to_ascii_lowercase()],
    };
    let asked = |name: &str| wanted.iter().any(|wanted| wanted == name);
    let mut parts: Vec<(Arc<str>, Value)> = Vec::new();
    if asked("browser") {
        parts.push((Arc::from("Browser"), browser(&agent)));
    }
    if asked("os") {
        parts.push((Arc::from("OperatingSystem"), system(&agent)));
    }
    if asked("device") {
        parts.push((Arc::from("Device"), device(&agent)));
    }
    Value::bag(parts)
}

/// What the groups of a pattern hold, if it matches.
fn groups(agent: &str, pattern: &str) -> Option<[String; 3]> {
    let regex = cached_regex(pattern)?;
    let captures = regex.captures(agent)?;
    Some([1, 2, 3].map(|index| captures.get(index).map_or(String::new(), |part| part.as_str().to_owned())))
}

fn bag<const N: usize>(pairs: [(&str, &str); N]) -> Value {
    Value::bag(pairs.map(|(name, value)| (Arc::from(name), Value::text(value))))
}

fn browser(agent: &str) -> Value {
    let found = BROWSERS.iter().find_map(|(pattern, family)| Some((*family, groups(agent, pattern)?)));
    let (family, [major, minor, patch]) = found.unwrap_or(("Other", Default::default()));
    bag([("Family", family), ("MajorVersion", &*major), ("MinorVersion", &*minor), ("Patch", &*patch)])
}

fn system(agent: &str) -> Value {
    let found = SYSTEMS.iter().find_map(|(pattern, family, version)| {
        let [major, minor, patch] = groups(agent, pattern)?;
        let major = if version.is_empty() { major } else { (*version).to_owned() };
        Some((*family, [major, minor, patch]))
    });
    let (family, [major, minor, patch]) = found.unwrap_or(("Other", Default::default()));
    bag([
        ("Family", family),
        ("MajorVersion", &*major),
        ("MinorVersion", &*minor),
        ("Patch", &*patch),
        ("PatchMinor", ""),
    ])
}

fn device(agent: &str) -> Value {
    let found = DEVICES.iter().find_map(|(pattern, family, brand)| {
        let [model, ..] = groups(agent, pattern)?;
        Some((*family, *brand, if model.is_empty() { (*family).to_owned() } else { model }))
    });
    let (family, brand, model) = found.unwrap_or(("Other", "", String::new()));
    bag([("Family", family), ("Brand", brand), ("Model", &*model)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_known_is_other() {
        let parsed = parse(&[Value::text("x"), Value::text("browser")]);
        assert_eq!(parsed.member("Browser").member("Family"), Value::text("Other"));
        assert_eq!(parsed.member("Device"), Value::Null);
    }

    #[test]
    fn browsers_and_systems() {
        let edge = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36 Edg/120.0.2210.91";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.1 Mobile/15E148 Safari/604.1";
        for (agent, browser, major, system, device) in [
            (edge, "Edge", "120", "Windows", "Other"),
            (phone, "Mobile Safari", "17", "iOS", "iPhone"),
            ("python-requests/2.31.0", "Python Requests", "2", "Other", "Other"),
        ] {
            let parsed = parse(&[Value::text(agent)]);
            let part = |one: &str, two: &str| parsed.member(one).member(two).to_text();
            assert_eq!(part("Browser", "Family"), browser);
            assert_eq!(part("Browser", "MajorVersion"), major);
            assert_eq!(part("OperatingSystem", "Family"), system);
            assert_eq!(part("Device", "Family"), device);
        }
    }
}
