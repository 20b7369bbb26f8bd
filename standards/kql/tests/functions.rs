//! Functions, each by what it gives for what: those that cannot be first.

#![expect(clippy::panic, reason = "a test may stop where it stands")]

use signet_kql::{Catalog, Column, Environment, Limits, Patience, RunError, Script, SourceRows, Tables, Value};

struct Nothing;

impl Tables for Nothing {
    fn rows(&self, _: &str, _: &[Value], _: &[Column]) -> Result<SourceRows<'_>, RunError> {
        Ok(Box::new(std::iter::empty()))
    }
}

impl Patience for Nothing {
    fn goes_on(&self) -> bool {
        true
    }
}

fn value(expression: &str) -> String {
    let environment = Environment {
        tables: &Nothing,
        now: 638_678_304_000_000_000,
        limits: Limits { rows: 10, memory: 50_000_000 },
        patience: &Nothing,
    };
    let query = format!("print {expression}");
    let plan = Script::parse(&query).and_then(|script| script.bind(&Catalog::default()));
    let plan = plan.unwrap_or_else(|error| panic!("{query}: {error}"));
    let answer = plan.run(environment).unwrap_or_else(|error| panic!("{query}: {error}"));
    let rows = answer.collect::<Result<Vec<_>, _>>().unwrap_or_else(|error| panic!("{query}: {error}"));
    rows.iter().flatten().map(Value::to_text).collect::<Vec<_>>().join("|")
}

fn all(expected: &[(&str, &str)]) {
    for (expression, wanted) in expected {
        assert_eq!(value(expression), *wanted, "{expression}");
    }
}

#[test]
fn what_cannot_be_is_null_or_empty() {
    all(&[
        ("base64_decode_tostring('x')", ""),
        ("base64_decode_toarray('U3RyaW5n0KHR0tGA0L7Rh9C60LA')", ""),
        ("zlib_decompress_from_base64_string('x0x0x0')", ""),
        ("gzip_decompress_from_base64_string('eJwLSS0uUSguKcrMS1cwNDIGACxqBQ4=')", ""),
        ("parse_version('1.2.3.4.5')", ""),
        ("parse_xml('<a>')", ""),
        ("datetime_utc_to_local(datetime(2024-01-01), 'Nowhere')", ""),
        ("convert_length(1, 'Meter', 'Metre')", ""),
        ("beta_cdf(2.0, 1.0, 1.0)", "NaN"),
        ("series_add(dynamic([1]), dynamic(['x']))", "[null]"),
        ("series_fft(dynamic(1))", "|"),
        ("indexof_regex('abc', 'b', -1)", ""),
        ("has_ipv4('a 10.0.0.256', '10.0.0.256')", "false"),
        ("ipv4_range_to_cidr_list('10.0.0.0', 'x')", ""),
        ("geo_distance_2points(300, 1, 1, 1)", ""),
        ("geo_point_to_h3cell(1, 1, 16)", ""),
        ("geo_s2cell_to_polygon('zz')", ""),
        ("geo_geohash_to_polygon('a')", ""),
        ("geo_from_wkt('LINESTRING')", ""),
        ("geo_line_length(dynamic({'type':'LineString','coordinates':[[1,1]]}))", ""),
    ]);
}

#[test]
fn texts_as_bytes_and_back() {
    all(&[
        ("base64_encode_tostring('Kusto'), base64_decode_tostring('S3VzdG8=')", "S3VzdG8=|Kusto"),
        ("base64_encode_fromguid(guid(ae3133f2-6e22-49ae-b06a-16e6a9b212eb))", "8jMxriJurkmwahbmqbIS6w=="),
        ("zlib_decompress_from_base64_string(zlib_compress_to_base64_string('abcabc'))", "abcabc"),
        ("gzip_decompress_from_base64_string(gzip_compress_to_base64_string('é'))", "é"),
        ("unicode_codepoints_to_string(dynamic([75, 117]), 33)", "Ku!"),
        ("punycode_from_string('académie-française')", "acadmie-franaise-npb1a"),
        ("punycode_to_string('acadmie-franaise-npb1a')", "académie-française"),
        ("hash('Hello'), hash('Hello', 10)", "753694413698530628|8"),
        ("hash(datetime(2015-01-01))", "1380966698541616202"),
        ("hash_md5('World')", "f5a7924e621e84c9280a9a27e1bcb7f6"),
        ("hash_sha1('World')", "70c07ec18ef89c5309bbb0937f3a6342411e1fdd"),
        ("hash_sha256('World')", "78ae647dc5544d227130a0682a51e30bc7777fbb6d8a8f17007463a3ecd1d524"),
    ]);
}

#[test]
fn texts_of_known_shapes() {
    all(&[
        ("parse_csv('a,\"b,c\"')", r#"["a","b,c"]"#),
        ("parse_version('1.2') > parse_version('1.1.9')", "true"),
        ("parse_path(@'C:\\temp\\a.tar.gz').Extension", "gz"),
        ("parse_command_line('a \"b c\"', 'windows')", r#"["a","b c"]"#),
        ("parse_xml('<a><b>1</b><b>2</b></a>')", r#"{"a":{"b":["1","2"]}}"#),
        ("parse_user_agent('curl/8.1.2', 'browser').Browser.Family", "curl"),
        ("format_bytes(10332, 1), format_bytes(564)", "10.1 KB|564 Bytes"),
        ("indexof('abcdefgabcdefg', 'cde', 1, 10, 2)", "9"),
        ("tohex(-256), tohex(toint(-256), 8)", "ffffffffffffff00|ffffff00"),
        ("has_any_ipv4('GET from 10.1.2.3.', dynamic(['10.1.2.3']))", "false"),
        ("has_ipv4_prefix('GET 10.1.2.3 now', '10.1.')", "true"),
        ("ipv4_range_to_cidr_list('1.1.128.0', '1.1.140.255')", r#"["1.1.128.0/21","1.1.136.0/22","1.1.140.0/24"]"#),
    ]);
}

#[test]
fn numbers_times_and_units() {
    all(&[
        ("gamma(5), round(loggamma(5), 6)", "24|3.178054"),
        ("round(erf(0.5), 6), round(beta_inv(0.1, 10.0, 20.0), 6)", "0.5205|0.226415"),
        ("round(welch_test(5.0, 1.0, 20, 5.0, 2.0, 20), 6)", "1"),
        ("convert_length(1, 'Mile', 'Meter'), convert_temperature(0, 'DegreeCelsius', 'Kelvin')", "1609.344|273.15"),
        ("round(convert_temperature(32, 'DegreeFahrenheit', 'DegreeCelsius'), 6)", "0"),
        ("datetime_utc_to_local(datetime(2024-07-01), 'Europe/Vienna') == datetime(2024-07-01 02:00)", "true"),
        ("datetime_local_to_utc(datetime(2024-07-01 02:00), 'Europe/Vienna') == datetime(2024-07-01)", "true"),
        ("array_length(datetime_list_timezones()) > 400", "true"),
        ("around(5, 4, 1), around(6, 4, 1)", "true|false"),
        ("make_timespan(1, 2, 3.5)", "01:02:03.5000000"),
    ]);
}

#[test]
fn arrays_and_bags() {
    all(&[
        ("array_sort_asc(dynamic([2, 1]), dynamic(['b', 'a']))", r#"[1,2]|["a","b"]"#),
        ("array_split(dynamic([1, 2, 3]), dynamic([1, -1]))", "[[1],[2],[3]]"),
        ("bag_remove_keys(pack_all(true), dynamic([]))", "{}"),
        ("estimate_data_size(1, 'abc')", "11"),
    ]);
}

#[test]
fn series_of_numbers() {
    all(&[
        ("series_add(dynamic([1, 2]), 1), series_divide(dynamic([1, 2]), dynamic([2, 2]))", "[2,3]|[0.5,1.0]"),
        ("series_fill_linear(dynamic([1, null, 3])), series_fill_forward(dynamic([1, null]))", "[1,2,3]|[1,1]"),
        ("series_fir(dynamic([1, 2, 3]), dynamic([1, 1]), false)", "[1.0,3.0,5.0]"),
        ("series_iir(dynamic([1, 1, 1]), dynamic([1]), dynamic([1, -1]))", "[1.0,2.0,3.0]"),
        ("series_fft(dynamic([1, 1, 1, 1]))", "[4.0,0.0,0.0,0.0]|[0.0,0.0,0.0,0.0]"),
        ("series_dot_product(dynamic([1, 2]), dynamic([3, 4]))", "11"),
        ("round(todouble(series_fit_line_dynamic(dynamic([1, 3, 5])).slope), 6)", "2"),
        ("round(todouble(series_fit_2lines_dynamic(dynamic([1, 2, 3, 9, 9, 9])).right.slope), 6)", "0"),
        ("array_length(series_decompose_anomalies(dynamic([1, 1, 1, 1, 50, 1, 1, 1, 1, 1, 1, 1]))[0])", "12"),
        ("series_outliers(dynamic([1, 2, 3, 4, 5, 6, 7, 8, 9, 90]))[9] > 1", "true"),
    ]);
}

#[test]
fn places_on_the_earth() {
    all(&[
        ("round(geo_distance_2points(-122.407628, 47.578557, -118.275287, 34.019056))", "1546754"),
        ("geo_point_to_geohash(-80.195829, 25.802215, 8)", "dhwfz15h"),
        ("geo_point_to_h3cell(-74.04450446039874, 40.689250859314974, 6)", "862a1072fffffff"),
        ("geo_point_to_s2cell(-80.195829, 25.802215, 8)", "88d9b"),
        (
            "geo_h3cell_parent('862a1072fffffff'), array_length(geo_h3cell_neighbors('862a1072fffffff'))",
            "852a1073fffffff|6",
        ),
        ("geo_point_in_polygon(1, 1, dynamic({'type':'Polygon','coordinates':[[[0,0],[3,0],[0,3],[0,0]]]}))", "true"),
        ("geo_point_in_polygon(2, 2, dynamic({'type':'Polygon','coordinates':[[[0,0],[3,0],[0,3],[0,0]]]}))", "false"),
        (
            "geo_intersects_2lines(dynamic({'type':'LineString','coordinates':[[0,0],[2,2]]}), \
             dynamic({'type':'LineString','coordinates':[[0,2],[2,0]]}))",
            "true",
        ),
        (
            "round(geo_polygon_area(dynamic({'type':'MultiPolygon','coordinates':[[[[0,0],[1,0],[1,1],[0,1],[0,0]]],\
             [[[0,0],[1,0],[1,1],[0,1],[0,0]]]]})) / 1e9, 2)",
            "12.36",
        ),
        ("geo_from_wkt('POINT (1 2.5)')", r#"{"type":"Point","coordinates":[1,2.5]}"#),
        (
            "array_length(geo_line_densify(dynamic({'type':'LineString','coordinates':[[50,50],[51,51]]})).coordinates)",
            "9",
        ),
    ]);
}
