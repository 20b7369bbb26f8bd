//! Decimals as every format here writes them: one text for each number.

/// Text that is not a canonical decimal from 0 to 2^63 - 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NotADecimal;

/// Reads digits without sign or leading zeros.
pub(crate) fn parse(text: &str) -> Result<u64, NotADecimal> {
    let canonical = text == "0" || !text.starts_with('0');
    if !canonical || text.len() > 19 || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(NotADecimal);
    }
    // Within i64, as other implementations keep sizes: no sum of two overflows.
    text.parse::<i64>().map(i64::cast_unsigned).map_err(|_| NotADecimal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_canonical_decimals_within_63_bits_are_read() {
        for text in
            ["", "00", "01", "+1", "-1", " 1", "1 ", "1_0", "0x1", "9223372036854775808", "99999999999999999999"]
        {
            assert_eq!(parse(text), Err(NotADecimal), "{text:?}");
        }
        assert_eq!((parse("0"), parse("20852163")), (Ok(0), Ok(20_852_163)));
        assert_eq!(parse("9223372036854775807"), Ok(i64::MAX.cast_unsigned()));
    }
}
