use super::{Kind, Lexer};

const UNITS: &[&str] = &[
    "d",
    "day",
    "days",
    "h",
    "hr",
    "hrs",
    "hour",
    "hours",
    "m",
    "min",
    "minute",
    "minutes",
    "s",
    "sec",
    "second",
    "seconds",
    "ms",
    "milli",
    "millis",
    "millisecond",
    "milliseconds",
    "micro",
    "micros",
    "microsecond",
    "microseconds",
    "nano",
    "nanos",
    "nanosecond",
    "nanoseconds",
    "tick",
    "ticks",
];

fn digits(text: &str) -> usize {
    text.bytes().take_while(u8::is_ascii_digit).count()
}

impl Lexer<'_> {
    pub(super) fn number(&mut self) -> Kind {
        let rest = self.rest();
        if rest.starts_with("0x") || rest.starts_with("0X") {
            let hex = rest.bytes().skip(2).take_while(u8::is_ascii_hexdigit).count();
            return Kind::Long(self.take(2 + hex));
        }
        let mut length = digits(rest);
        let mut real = false;
        let fraction = rest.get(length..).and_then(|tail| tail.strip_prefix('.')).map_or(0, digits);
        if fraction > 0 {
            length += 1 + fraction;
            real = true;
        }
        let exponent = exponent(rest.get(length..).unwrap_or(""));
        if exponent > 0 {
            return Kind::Real(self.take(length + exponent));
        }
        let tail = rest.get(length..).unwrap_or("");
        let letters = tail.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(tail.len());
        if tail.get(..letters).is_some_and(|unit| UNITS.contains(&unit)) {
            return Kind::Timespan(self.take(length + letters));
        }
        if letters > 0 && !real {
            return Kind::Word(self.take(length + letters));
        }
        if real { Kind::Real(self.take(length)) } else { Kind::Long(self.take(length)) }
    }

    fn take(&mut self, length: usize) -> String {
        let text = self.rest().get(..length).unwrap_or("").to_owned();
        self.at += length;
        text
    }
}

fn exponent(text: &str) -> usize {
    let Some(after) = text.strip_prefix(['e', 'E']) else { return 0 };
    let sign = usize::from(after.starts_with(['+', '-']));
    match digits(after.get(sign..).unwrap_or("")) {
        0 => 0,
        count => 1 + sign + count,
    }
}
