//! A short name of a device, derived from its user agent, by which its user recognises it.

/// Browsers by a part of their user agents. Those that also contain the part of another one come first.
const BROWSERS: &[(&str, &str)] = &[
    ("Edg/", "Edge"),
    ("EdgA/", "Edge"),
    ("EdgiOS/", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

/// Operating systems in the same way.
const SYSTEMS: &[(&str, &str)] = &[
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// The maximum length of the name of another program.
const PROGRAM_CHARS_MAX: usize = 64;

/// Returns browser and system, or the program that the user agent starts with (RFC 9110, section 10.1.5).
pub(super) fn device_name(user_agent: &str) -> Option<String> {
    // All browsers start with this for historical reasons.
    if !user_agent.starts_with("Mozilla/") {
        return program(user_agent);
    }
    let known = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    match (known(BROWSERS), known(SYSTEMS)) {
        (Some(browser), Some(system)) => Some(format!("{browser} on {system}")),
        (Some(only), None) | (None, Some(only)) => Some(only.to_owned()),
        (None, None) => None,
    }
}

fn program(user_agent: &str) -> Option<String> {
    let name = user_agent.split_whitespace().next()?;
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.+/".contains(&byte));
    let begins_well = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (is_plain && begins_well && name.len() <= PROGRAM_CHARS_MAX).then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_named_with_their_system() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (user_agent, name) in [
            ("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".to_owned(), "Firefox on Linux"),
            (format!("Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/138.0.0.0 Safari/537.36"), "Chrome on Windows"),
            (format!("Mozilla/5.0 (Windows NT 10.0) {webkit} Chrome/138.0 Safari/537.36 Edg/138.0"), "Edge on Windows"),
            (
                format!("Mozilla/5.0 (Linux; Android 15; SM-S921B) {webkit} Chrome/138.0 Mobile Safari/537.36"),
                "Chrome on Android",
            ),
            (format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) {webkit} Safari/605.1"), "Safari on macOS"),
            (
                format!("Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) {webkit} FxiOS/140.0 Safari/605.1"),
                "Firefox on iPhone",
            ),
        ] {
            assert_eq!(device_name(&user_agent).as_deref(), Some(name), "{user_agent}");
        }
    }

    #[test]
    fn browser_or_system_alone_is_a_name() {
        assert_eq!(device_name("Mozilla/5.0 Firefox/140.0").as_deref(), Some("Firefox"));
        assert_eq!(device_name("Mozilla/5.0 (X11; Linux x86_64)").as_deref(), Some("Linux"));
    }

    #[test]
    fn other_programs_are_named_by_their_first_product() {
        assert_eq!(device_name("curl/8.5.0").as_deref(), Some("curl/8.5.0"));
        assert_eq!(device_name("python-requests/2.32.3 extra").as_deref(), Some("python-requests/2.32.3"));
        assert_eq!(device_name("pager").as_deref(), Some("pager"));
    }

    #[test]
    fn an_unknown_or_unsafe_user_agent_has_no_name() {
        let long = "a".repeat(65);
        for user_agent in ["", "  ", "Mozilla/5.0", "Mozilla/5.0 (compatible)", "<script>", "\"quoted\"", "/1", &long] {
            assert_eq!(device_name(user_agent), None, "{user_agent}");
        }
    }
}
