//! Mail: one for each alert.

mod session;

use super::{Sink, Undelivered};
use crate::config::Mail;
use crate::event::Event;
use crate::exports::Outside;
use async_trait::async_trait;
use lettre::Message;
use lettre::message::header::ContentType;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use std::time::{Duration, SystemTime};

const WITHIN: Duration = Duration::from_mins(1);

pub(super) struct Mailer {
    outside: Outside,
    config: Mail,
}

impl Mailer {
    pub(super) fn new(outside: Outside, config: Mail) -> Self {
        Self { outside, config }
    }

    async fn send_each(&self, events: &[Event]) -> Result<(), Undelivered> {
        let mut connection = self.connect().await?;
        let mut refused = Vec::new();
        for (number, event) in events.iter().enumerate() {
            let mail = self.mail(event).map_err(Undelivered::not_now)?;
            match connection.send(mail.envelope(), &mail.formatted()).await {
                Ok(_) => {}
                // SPEC: RFC 5321 4.2.1: the server says that the same will be refused again.
                Err(error) if error.is_permanent() => refused.push((number, error.to_string())),
                Err(error) => return Err(Undelivered::not_now(error)),
            }
        }
        // Each mail was answered for: what becomes of the farewell changes nothing.
        let _ = connection.quit().await;
        if refused.is_empty() { Ok(()) } else { Err(Undelivered::Some(refused)) }
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, Undelivered> {
        let (stream, hello) = session::open(self.outside.dial.as_ref(), &self.config.server).await?;
        let opened = AsyncSmtpConnection::connect_with_transport(Box::new(stream), &hello).await;
        let mut connection = opened.map_err(Undelivered::not_now)?;
        if let (Some(user), Some(password)) = (&self.config.user, &self.config.password_file) {
            let password = password.read().map_err(Undelivered::not_now)?;
            let credentials = Credentials::new(user.clone(), password.to_string());
            connection.auth(DEFAULT_MECHANISMS, &credentials).await.map_err(Undelivered::not_now)?;
        }
        Ok(connection)
    }

    fn mail(&self, event: &Event) -> Result<Message, lettre::error::Error> {
        let severity = event.detail("AlertSeverity").unwrap_or("alert");
        let title = event.detail("AlertTitle").or(event.text("OperationName")).unwrap_or("Alert");
        let since = Duration::from_micros(u64::try_from(event.at.micros()).unwrap_or(0));
        let mut mail = Message::builder()
            .from(self.config.sender.clone())
            .subject(one_line(&format!("[{severity}] {title}")))
            // The same for the same alert: mailboxes know a repetition by it.
            .message_id(Some(format!("<{}@{}>", event.id, self.config.sender.email.domain())))
            .date(SystemTime::UNIX_EPOCH + since)
            .header(ContentType::TEXT_PLAIN);
        for recipient in &self.config.recipients {
            mail = mail.to(recipient.clone());
        }
        mail.body(text(event, &self.outside.source))
    }
}

#[async_trait]
impl Sink for Mailer {
    async fn send(&self, events: &[Event]) -> Result<(), Undelivered> {
        let done = tokio::time::timeout(WITHIN, self.send_each(events)).await;
        done.unwrap_or_else(|_| Err(Undelivered::not_now("the mail server did not take the mails in time")))
    }

    // People mind repetitions more than machines do.
    fn most(&self) -> usize {
        1
    }
}

fn one_line(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}

fn text(event: &Event, source: &str) -> String {
    let detail = |key: &str| event.detail(key).unwrap_or_default();
    format!(
        "{}\n\nSeverity: {}\nCategory: {}\nRaised:   {}\nTenant:   {}\nAlert:    {source}/v1.0/security/alerts/{}\n",
        detail("Alert"),
        detail("AlertSeverity"),
        detail("AlertCategory"),
        event.at,
        event.tenant,
        detail("AlertId"),
    )
}
