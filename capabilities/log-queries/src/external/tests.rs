use super::*;
use async_trait::async_trait;
use bytes::Bytes;
use parking_lot::Mutex;
use signet_fetch::FetchError;
use signet_kql::{Column, Type, Value};

/// Notes what it is asked for, and with which limit.
#[derive(Default)]
struct Noted(Mutex<Vec<(String, usize)>>, Option<Bytes>);

#[async_trait]
impl Get for Noted {
    async fn get(&self, url: &Url, options: &FetchOptions) -> Result<Bytes, FetchError> {
        self.0.lock().push((url.to_string(), options.limit));
        self.1.clone().ok_or(FetchError::Status(404))
    }
}

fn sources(get: Noted, allowed: &[&str]) -> (ExternalSources, Arc<Noted>) {
    let get = Arc::new(get);
    (ExternalSources::new(get.clone(), allowed).unwrap(), get)
}

fn data(addresses: &[String]) -> ExternalData {
    let arguments: Vec<Value> = addresses.iter().map(|address| Value::text(address.as_str())).collect();
    ExternalData::of(&arguments, &[Column::new("a", Type::String)]).unwrap()
}

fn one(address: &str) -> Vec<ExternalData> {
    vec![data(&[address.to_owned()])]
}

const WITHIN: Duration = Duration::from_secs(1);

#[tokio::test]
async fn an_address_that_is_not_on_the_list_is_not_asked_for() {
    let allowed = ["https://lists.example/a/", "https://lists.example/b.csv", "http://plain.example:8080/"];
    let (sources, noted) = sources(Noted::default(), &allowed);
    for address in [
        "https://lists.example/",
        "https://lists.example/aa/x",
        "https://lists.example/b.csv/x",
        "https://lists.example/b.csvx",
        "https://lists.example/a/../b",
        "https://lists.example/a/%2e%2e/b",
        "https://lists.example/a/..%2fb",
        "https://lists.example/a/..%5Cb",
        "https://lists.example/a\\..\\b",
        "https://lists.example:444/a/x",
        "https://u@lists.example/a/x",
        "https://:p@lists.example/a/x",
        "https://lists.example@evil.example/a/x",
        "https://lists.example.evil.example/a/x",
        "https://evil.example/https://lists.example/a/",
        "http://lists.example/a/x",
        "https://plain.example:8080/x",
        "http://plain.example/x",
        "file:///etc/passwd",
        "/a/x",
        "",
    ] {
        let refused = sources.documents(&one(address), WITHIN).await.unwrap_err();
        assert!(matches!(refused, QueryRefused::Source(SourceRefused::NotListed(_))), "{address}: {refused:?}");
        assert!(sources.check(&one(address)).is_err());
    }
    let with_key = sources.check(&one("https://lists.example/a/x;key"));
    assert_eq!(with_key, Err(SourceRefused::Key));
    assert!(ExternalSources::default().check(&one("https://lists.example/a/x")).is_err());
    assert!(noted.0.lock().is_empty());
}

#[tokio::test]
async fn what_is_on_the_list_is_asked_for_once() {
    let allowed = ["https://lists.example/a/", "https://lists.example/b.csv", "http://plain.example:8080/"];
    let (sources, noted) = sources(Noted(Mutex::default(), Some(Bytes::from_static(b"x\n"))), &allowed);
    for address in [
        "https://lists.example/a/x?sig=1",
        "https://LISTS.example:443/a/b/../c.csv",
        "https://lists.example/b.csv?x",
        "http://plain.example:8080/y",
    ] {
        let read = [one(address), one(address)].concat();
        let documents = sources.documents(&read, WITHIN).await.unwrap();
        assert_eq!(documents, BTreeMap::from([(address.to_owned(), "x\n".to_owned())]));
    }
    let asked: Vec<String> = noted.0.lock().iter().map(|(url, _)| url.clone()).collect();
    assert_eq!(asked[1], "https://lists.example/a/c.csv");
    assert_eq!(asked.len(), 4);
}

#[tokio::test]
async fn what_documents_take_is_bounded() {
    let body = Bytes::from(vec![b'x'; 3 << 20]);
    let (sources, noted) = sources(Noted(Mutex::default(), Some(body)), &["https://lists.example/"]);
    let named = |many: usize| (0..many).map(|number| format!("https://lists.example/{number}")).collect::<Vec<_>>();
    sources.documents(&[data(&named(3))], WITHIN).await.unwrap();
    let limits: Vec<usize> = noted.0.lock().iter().map(|(_, limit)| *limit).collect();
    assert_eq!(limits, [4 << 20, 4 << 20, 2 << 20]);
    assert_eq!(sources.check(&[data(&named(9))]), Err(SourceRefused::TooMany));
}

#[tokio::test]
async fn a_document_that_cannot_be_had_or_read_is_named_without_its_key() {
    let (missing, _) = sources(Noted::default(), &["https://lists.example/"]);
    let (no_text, _) = sources(Noted(Mutex::default(), Some(Bytes::from_static(&[0xFF]))), &["https://lists.example/"]);
    for sources in [missing, no_text] {
        let failed = sources.documents(&one("https://lists.example/x?sig=secret"), WITHIN).await.unwrap_err();
        let QueryRefused::Run(RunError::Source { table, why }) = failed else { unreachable!("{failed:?}") };
        assert!(table == "externaldata" && why.contains("lists.example/x") && !why.contains("secret"), "{why}");
    }
}

#[test]
fn a_list_that_says_more_than_where_is_refused() {
    for wrong in [
        "lists.example/",
        "ftp://lists.example/",
        "https://u@lists.example/",
        "https://lists.example/?x",
        "https://lists.example/#x",
        "",
    ] {
        let refused = ExternalSources::new(Arc::new(Noted::default()), &[wrong]).unwrap_err();
        assert_eq!(refused, WrongPrefix(wrong.to_owned()));
    }
}
