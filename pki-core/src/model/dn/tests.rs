use super::*;

#[test]
fn reads_and_prints() {
    let dn = Dn::parse("CN=MinIO Root CA, O=MinIO, L=SF, ST=CA, C=US").unwrap();
    assert_eq!(dn.to_string(), "CN=MinIO Root CA,O=MinIO,L=SF,ST=CA,C=US");
    assert_eq!(Dn::from_der(dn.raw()).unwrap(), dn);
}
