//! The `typ` header: which kind of token this claims to be.

/// The kinds of token that one verifier takes, so that no other kind passes for them (RFC 8725 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TypRule {
    accepted: &'static [&'static str],
    absent: bool,
}

impl TypRule {
    /// Takes these kinds; the header must be there. Written without `application/`.
    pub const fn only(accepted: &'static [&'static str]) -> Self {
        Self { accepted, absent: false }
    }

    /// Takes these kinds, and tokens that do not name theirs.
    pub const fn or_absent(accepted: &'static [&'static str]) -> Self {
        Self { accepted, absent: true }
    }

    /// Whether a token with this header is of an accepted kind.
    pub fn accepts(&self, typ: Option<&str>) -> bool {
        let Some(typ) = typ else { return self.absent };
        // SPEC: RFC 7515 4.1.9: `application/` may be left out; RFC 6838 4.2: media types are case-insensitive
        let subtype = match typ.split_at_checked("application/".len()) {
            Some((prefix, subtype)) if prefix.eq_ignore_ascii_case("application/") => subtype,
            _ => typ,
        };
        self.accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(subtype))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rfc8725_s3_11_other_kinds_are_refused() {
        let rule = TypRule::only(&["at+jwt"]);
        for typ in
            [None, Some(""), Some("JWT"), Some("at+jwt "), Some("application/"), Some("text/at+jwt"), Some("at+jw")]
        {
            assert!(!rule.accepts(typ), "{typ:?}");
        }
        assert!(!TypRule::or_absent(&["JWT"]).accepts(Some("")));
    }

    #[test]
    fn rfc7515_s4_1_9_prefix_and_case_do_not_matter() {
        let rule = TypRule::only(&["at+jwt"]);
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert!(rule.accepts(Some(typ)), "{typ}");
        }
        assert!(TypRule::or_absent(&["JWT"]).accepts(None));
    }
}
