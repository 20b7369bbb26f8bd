//! What goes over a pipe: the length of a body in four bytes, little end first, one byte that says what it is, and the body.

use std::io::{self, Read, Write};

/// Writes a message. Nothing is flushed.
pub fn write_message(to: &mut impl Write, kind: u8, body: &[u8]) -> io::Result<()> {
    let too_long = |_| io::Error::new(io::ErrorKind::InvalidData, "a message beyond four gigabytes");
    let length = u32::try_from(body.len()).map_err(too_long)?;
    let [a, b, c, d] = length.to_le_bytes();
    to.write_all(&[a, b, c, d, kind])?;
    to.write_all(body)
}

/// The next message: what it is, and its body. None at the end; one that is cut short is an error.
pub fn read_message(from: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut head = [0; 5];
    if from.read(&mut head[..1])? == 0 {
        return Ok(None);
    }
    from.read_exact(&mut head[1..])?;
    let [a, b, c, d, kind] = head;
    let length = u64::from(u32::from_le_bytes([a, b, c, d]));
    let mut body = Vec::new();
    let read = from.take(length).read_to_end(&mut body)?;
    if (read as u64) < length {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(Some((kind, body)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_come_back_in_order_and_one_that_is_cut_short_is_an_error() {
        let mut bytes = Vec::new();
        write_message(&mut bytes, b'A', b"one").unwrap();
        write_message(&mut bytes, b'B', b"").unwrap();
        let mut from = bytes.as_slice();
        assert_eq!(read_message(&mut from).unwrap(), Some((b'A', b"one".to_vec())));
        assert_eq!(read_message(&mut from).unwrap(), Some((b'B', Vec::new())));
        assert_eq!(read_message(&mut from).unwrap(), None);
        for length in (1..8).chain(9..13) {
            let mut from = &bytes[..length];
            let last = std::iter::from_fn(|| read_message(&mut from).transpose()).last();
            assert_eq!(last.unwrap().unwrap_err().kind(), io::ErrorKind::UnexpectedEof, "{length}");
        }
    }
}
