//! Vectors were signed by the Python SDK's own signer (azure-storage-blob 12.31.1).

use azure_core::http::Method;

use super::*;

const KEY: &str = "c2VjcmV0IGtleSBmb3IgdmVjdG9ycw==";
const DATE: &str = "Fri, 13 Nov 2026 08:49:37 GMT";

fn signed(
    account: &str,
    method: Method,
    url: &str,
    headers: &[(&'static str, &'static str)],
) -> Request {
    let mut request = Request::new(url.parse().unwrap(), method);
    for (name, value) in headers {
        request.insert_header(*name, *value);
    }
    let policy = SharedKeyPolicy::new(account.to_owned(), AccountKey::parse(KEY).unwrap());
    policy.sign(&mut request, httpdate::parse_http_date(DATE).unwrap());
    request
}

fn check(request: &Request, expect: &str) {
    let headers = request.headers();
    assert_eq!(headers.get_optional_str(&MS_DATE), Some(DATE));
    assert_eq!(headers.get_optional_str(&VERSION), Some(SERVICE_VERSION));
    assert_eq!(headers.get_optional_str(&AUTHORIZATION), Some(expect));
}

#[test]
fn a_put_with_metadata() {
    let request = signed(
        "contoso",
        Method::Put,
        "https://contoso.blob.core.windows.net/apps/windows%20server/a%2Bb.exe",
        &[
            ("content-length", "11"),
            ("content-type", "application/octet-stream"),
            ("x-ms-blob-type", "BlockBlob"),
            ("x-ms-meta-longshore_sha256", "aa"),
            ("x-ms-meta-longshore_blake3", "bb"),
            ("x-ms-meta-longshore2", "cc"),
            ("x-ms-content-crc64", "AAAAAAAAAAA="),
            ("if-none-match", "*"),
        ],
    );
    check(
        &request,
        "SharedKey contoso:J0hM9aLfHHMxJiwGWmiTknierC4L27f/gIKF1/RF9Ms=",
    );
}

#[test]
fn a_list_at_a_path_style_endpoint() {
    // The prefix as the SDK writes it, with `+` for a space, must sign as `%20` does.
    for prefix in ["a%20b%2F", "a+b%2F"] {
        let request = signed(
            "devstoreaccount1",
            Method::Get,
            &format!(
                "http://127.0.0.1:10000/devstoreaccount1/apps?restype=container&comp=list&include=metadata&prefix={prefix}"
            ),
            &[("accept", "application/xml")],
        );
        check(
            &request,
            "SharedKey devstoreaccount1:YnPrq8yb38Xe/aGMSE21GI/oeyeU4K5siWEOznxK1Xg=",
        );
    }
}

#[test]
fn an_empty_body_has_no_length() {
    let url = "https://contoso.blob.core.windows.net/apps/b?comp=block&blockid=QUFB";
    let expect = "SharedKey contoso:areiEa1vtWe4emjnj3hw6A/3PreSlxHDlGZxs7CTfYM=";
    check(
        &signed("contoso", Method::Put, url, &[("content-length", "0")]),
        expect,
    );
    check(&signed("contoso", Method::Put, url, &[]), expect);
}

#[test]
fn a_length_comes_from_the_body_where_no_header_says_it() {
    let mut request = Request::new(
        "https://contoso.blob.core.windows.net/c/b".parse().unwrap(),
        Method::Put,
    );
    request.set_body(b"hello".to_vec());
    let text = string_to_sign(&request, "contoso");
    assert!(text.starts_with("PUT\n\n\n5\n"), "{text:?}");
}

#[test]
fn header_names_sort_as_the_service_sorts_them() {
    let mut names = [
        "x-ms-meta-a1",
        "x-ms-meta-a_",
        "x-ms-meta-ab",
        "x-ms-meta-a-b",
        "x-ms-meta-a",
    ];
    names.sort_by(|left, right| collate(left, right));
    assert_eq!(
        names,
        [
            "x-ms-meta-a",
            "x-ms-meta-a_",
            "x-ms-meta-a1",
            "x-ms-meta-ab",
            "x-ms-meta-a-b"
        ]
    );
}
