//! A server that has a child of its own program say something again, once it is told to; and that child.

use signet_children::{Children, Program, read_message, write_message};
use std::io::{self, Write as _};

#[tokio::main(flavor = "current_thread")]
async fn main() -> io::Result<()> {
    if std::env::args().nth(1).is_some() {
        return child();
    }
    let children = Children::new(Program::this(["child"])?, 1);
    println!("ready");
    io::stdin().read_line(&mut String::new())?;
    let said = children.work(|pipes| {
        pipes.send(b'S', b"said again")?;
        pipes.receive()
    });
    let (_, said) = said.await.map_err(io::Error::other)?;
    println!("{}", String::from_utf8_lossy(&said));
    Ok(())
}

fn child() -> io::Result<()> {
    while let Some((kind, body)) = read_message(&mut io::stdin().lock())? {
        let mut to = io::stdout().lock();
        write_message(&mut to, kind, &body)?;
        to.flush()?;
    }
    Ok(())
}
