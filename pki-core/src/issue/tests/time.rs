//! Validity: backdated, clamped, in UTC.

use super::*;
use crate::der::{self, tag};

/// A root valid from `from` until `until`.
fn root_of(from: Timestamp, until: Timestamp) -> Ca {
    use crate::cert::{oid, tests::make};
    let party = make::party("CN=Root");
    let certificate = make::ca(&party, &party, |body| {
        body.remove(oid::AUTHORITY_KEY_ID);
        body.valid(from, until);
    });
    Ca {
        certificate,
        key: party.key,
    }
}

fn leaf_of(lifetime: i64, key: &PrivateKey) -> Request {
    let lifetime = Lifetime::from_seconds(lifetime);
    let key = key.public().clone();
    Request::leaf(
        Profile::Server,
        dn("CN=leaf"),
        sans(&["a.b"]),
        lifetime,
        key,
    )
    .unwrap()
}

#[test]
fn a_leaf_stays_within_its_issuer() {
    let key = new_key();
    let at = |seconds| NOW.plus_seconds(seconds);
    // The root's start and end, the leaf's life; what comes out, from NOW.
    for (from, until, life, start, end, clamped) in [
        (-100 * DAY, 900 * DAY, 90 * DAY, -BACKDATE, 90 * DAY, false),
        (-BACKDATE, 900 * DAY, 90 * DAY, -BACKDATE, 90 * DAY, false),
        (-60, 900 * DAY, 90 * DAY, -60, 90 * DAY, false),
        (0, 900 * DAY, 90 * DAY, 0, 90 * DAY, false),
        (-DAY, 90 * DAY, 90 * DAY, -BACKDATE, 90 * DAY, false),
        (-DAY, 90 * DAY - 1, 90 * DAY, -BACKDATE, 90 * DAY - 1, true),
        (-DAY, DAY, 90 * DAY, -BACKDATE, DAY, true),
        (-DAY, 2 * DAY, 3600, -BACKDATE, 3600, false),
    ] {
        let ca = root_of(at(from), at(until));
        let issued = issue(&leaf_of(life, &key), &ca.issuer(), NOW, &serial(2)).unwrap();
        let validity = issued.certificate.validity();
        assert_eq!(
            (validity.not_before, validity.not_after),
            (at(start), at(end))
        );
        assert_eq!(issued.clamped, clamped.then_some(at(life)));
        openssl_accepts(&["-x509_strict"], &ca, None, &[issued.certificate]);
    }
}

#[test]
fn an_issuer_that_does_not_hold_issues_nothing() {
    let key = new_key();
    let at = |seconds| NOW.plus_seconds(seconds);
    let refused = |from, until| {
        let ca = root_of(at(from), at(until));
        issue(&leaf_of(DAY, &key), &ca.issuer(), NOW, &serial(2)).unwrap_err()
    };
    for (from, until) in [(1, 900 * DAY), (-DAY, -1)] {
        let error = refused(from, until);
        assert!(matches!(error, IssueError::IssuerTime { .. }), "{error}");
    }
    for until in [0, 1, DAY - 1] {
        let error = refused(-DAY, until);
        assert!(matches!(&error, IssueError::IssuerEnds { end, .. } if *end == at(until)));
        let error = Error::from(error);
        assert!(error.message().contains("in less than a day"));
        assert!(error.hint_text().is_some());
    }
}

#[test]
fn times_are_written_as_the_rfc_says() {
    let key = new_key();
    let start = |text| Timestamp::parse(text).unwrap();
    for (now, life, first, last) in [
        (
            "2026-11-21T00:00:00Z",
            365 * DAY,
            "261120235500Z",
            "271121000000Z",
        ),
        (
            "2049-12-30T23:59:58Z",
            DAY,
            "491230235458Z",
            "491231235958Z",
        ),
        (
            "2049-12-30T23:59:59Z",
            DAY,
            "491230235459Z",
            "491231235959Z",
        ),
        (
            "2049-12-31T00:00:00Z",
            DAY,
            "491230235500Z",
            "20500101000000Z",
        ),
        (
            "2050-01-01T00:00:00Z",
            DAY,
            "491231235500Z",
            "20500102000000Z",
        ),
        (
            "2050-01-01T00:05:00Z",
            DAY,
            "20500101000000Z",
            "20500102000500Z",
        ),
        // A clock with an offset: the same moments in UTC.
        (
            "2050-01-01T01:30:00+02:00",
            3600,
            "491231232500Z",
            "20500101003000Z",
        ),
        (
            "2049-12-31T22:00:00-03:00",
            3600,
            "20500101005500Z",
            "20500101020000Z",
        ),
        // RFC 5280 4.1.2.5: no later moment can be told.
        (
            "2026-11-21T00:00:00Z",
            9000 * 365 * DAY,
            "261120235500Z",
            "99991231235959Z",
        ),
    ] {
        let request = Request::authority(
            dn("CN=Root"),
            Lifetime::from_seconds(life),
            key.public().clone(),
            None,
            Vec::new(),
        )
        .unwrap();
        let root = self_sign(&request, &key, start(now), &serial(3)).unwrap();
        let mut tbs = der::only(root.tbs(), tag::SEQUENCE).unwrap().reader();
        for _ in 0..4 {
            tbs.any().unwrap();
        }
        let mut validity = tbs.element(tag::SEQUENCE).unwrap().reader();
        for expected in [first, last] {
            let found = validity.any().unwrap();
            let kind = if expected.len() == 13 {
                tag::UTC_TIME
            } else {
                tag::GENERALIZED_TIME
            };
            assert_eq!(
                (found.tag, found.value),
                (kind, expected.as_bytes()),
                "{now}"
            );
        }
        assert_eq!(root.faults(), []);
    }
}
