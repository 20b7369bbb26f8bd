//! Which addresses the server may connect to.

mod special;

use ipnet::IpNet;
use std::collections::BTreeSet;
use std::net::IpAddr;
use url::{Host, Url};

use crate::FetchError;

/// What is allowed beside https to ordinary addresses. The default allows nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AddressRules {
    hosts: BTreeSet<String>,
    networks: Vec<IpNet>,
    plain_http: BTreeSet<String>,
}

/// A rule that is neither a host name nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither a host name nor an address nor a network such as 10.1.0.0/16")]
pub struct ParseRuleError(String);

impl AddressRules {
    /// Special addresses are allowed for the hosts, addresses and networks in `special`, plain http for the hosts in
    /// `plain_http`.
    pub fn parse<S: AsRef<str>>(special: &[S], plain_http: &[S]) -> Result<Self, ParseRuleError> {
        let mut rules = Self::default();
        for rule in special.iter().map(AsRef::as_ref) {
            match rule.parse::<IpNet>().or_else(|_| rule.parse::<IpAddr>().map(IpNet::from)) {
                Ok(network) => rules.networks.push(network),
                Err(_) => drop(rules.hosts.insert(host_name(rule)?)),
            }
        }
        for host in plain_http {
            rules.plain_http.insert(host_name(host.as_ref())?);
        }
        Ok(rules)
    }

    /// Whether `url` may be asked for at all. An address written in it is checked here, in whatever form it was
    /// written; a name's addresses are checked when it is resolved.
    pub fn check_url(&self, url: &Url) -> Result<(), FetchError> {
        let host = url.host().ok_or(FetchError::UrlRefused("it names no host"))?;
        match url.scheme() {
            "https" => {}
            "http" if self.plain_http.contains(&host.to_string()) => {}
            "http" => return Err(FetchError::UrlRefused("plain http is allowed for configured hosts only")),
            _ => return Err(FetchError::UrlRefused("only https is allowed")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(FetchError::UrlRefused("it carries a user name or a password"));
        }
        match host {
            Host::Domain(_) => Ok(()),
            Host::Ipv4(address) => self.check(&host.to_string(), address.into()),
            Host::Ipv6(address) => self.check(&host.to_string(), address.into()),
        }
    }

    /// Whether `host`, which is at `address`, may be connected to.
    pub fn check(&self, host: &str, address: IpAddr) -> Result<(), FetchError> {
        // A mapped IPv4 address goes where the IPv4 address goes.
        let address = address.to_canonical();
        let allowed = !special::is_special(address)
            || self.networks.iter().any(|network| network.contains(&address))
            || self.hosts.contains(&host.to_ascii_lowercase());
        if allowed { Ok(()) } else { Err(FetchError::AddressRefused { host: host.to_owned(), address }) }
    }
}

fn host_name(text: &str) -> Result<String, ParseRuleError> {
    let wrong = || ParseRuleError(text.to_owned());
    // An address or a network that was mistyped must not end up as a name that never matches.
    if text.contains('/') {
        return Err(wrong());
    }
    Host::parse(text).map(|host| host.to_string()).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(rules: &AddressRules, url: &str) -> Result<(), FetchError> {
        rules.check_url(&Url::parse(url).unwrap())
    }

    #[test]
    fn an_address_is_refused_in_every_spelling() {
        for url in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://0x7f.1/",
            "https://2130706433/",
            "https://0177.0.0.1/",
            "https://127.0.0.1./",
            "https://１２７.0.0.1/",
            "https://0.0.0.0/",
            "https://169.254.169.254/latest/meta-data",
            "https://[::]/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://[fe80::1]/",
            "https://[fd00:ec2::254]/",
        ] {
            assert!(matches!(check(&AddressRules::default(), url), Err(FetchError::AddressRefused { .. })), "{url}");
        }
    }

    #[test]
    fn only_https_without_credentials() {
        for url in ["http://example.com/", "ftp://example.com/", "https://u@example.com/", "https://:p@example.com/"] {
            assert!(matches!(check(&AddressRules::default(), url), Err(FetchError::UrlRefused(_))), "{url}");
        }
        assert_eq!(check(&AddressRules::default(), "https://example.com:8443/x"), Ok(()));
        assert_eq!(check(&AddressRules::default(), "https://8.8.8.8/x"), Ok(()));
    }

    #[test]
    fn what_is_configured_is_allowed_and_nothing_beside_it() {
        let rules = AddressRules::parse(&["Issuer.Internal", "10.1.0.0/16", "::1"], &["issuer.internal"]).unwrap();
        let private = "192.168.1.1".parse().unwrap();
        assert_eq!(rules.check("issuer.internal", private), Ok(()));
        assert!(rules.check("other.internal", private).is_err());
        assert_eq!(rules.check("any", "10.1.2.3".parse().unwrap()), Ok(()));
        assert_eq!(rules.check("any", "::ffff:10.1.2.3".parse().unwrap()), Ok(()));
        assert!(rules.check("any", "10.2.0.1".parse().unwrap()).is_err());
        assert_eq!(check(&rules, "http://issuer.internal/"), Ok(()));
        assert_eq!(check(&rules, "https://[::1]:8443/"), Ok(()));
        assert!(check(&rules, "http://[::1]:8443/").is_err());
    }

    #[test]
    fn a_mistyped_rule_is_refused() {
        for rule in ["10.0.0.0/33", "10.0.0/8", "", "a b", "https://issuer"] {
            assert!(AddressRules::parse(&[rule], &[]).is_err(), "{rule}");
        }
    }
}
