//! PEM, the text form of DER (RFC 7468): every block of a file with its place.
//!
//! The servers that read these files differ in what they tolerate around a
//! block (a second block, a comment, a blank line), so a reader here keeps the
//! place of everything and leaves the judgement to its caller.

use std::fmt;
use std::ops::Range;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::secret::Secret;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
/// U+FEFF in UTF-8, which editors of Windows put before a text.
const MARK: &[u8] = b"\xef\xbb\xbf";

/// The most blocks that are read of one file: the bundles of whole systems have
/// 150, and a file of 16 MiB has room for hundreds of thousands.
pub const MAX_BLOCKS: usize = 3_000;

/// What a program that does not skip it is told to look for.
pub const MARKED: &str = "a byte order mark before the first line";

/// Why a block does not give DER.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PemFault {
    /// `BEGIN` without its `END`.
    #[error("the block `{label}` that begins at line {line} has no `END` line")]
    Truncated {
        /// The label of the `BEGIN` line.
        label: String,
        /// The line of `BEGIN`, counted from 1.
        line: usize,
    },
    /// The `END` line carries another label.
    #[error("the block `{label}` that begins at line {line} ends as `{end}`")]
    Labels {
        /// The label of the `BEGIN` line.
        label: String,
        /// The line of `BEGIN`, counted from 1.
        line: usize,
        /// The label of the `END` line.
        end: String,
    },
    /// What stands between the two lines is no base64, or nothing.
    #[error("the block `{label}` that begins at line {line} holds no base64 data: {why}")]
    Data {
        /// The label of the `BEGIN` line.
        label: String,
        /// The line of `BEGIN`, counted from 1.
        line: usize,
        /// What the decoder says; never the data.
        why: &'static str,
    },
    /// The file has more than [`MAX_BLOCKS`]; this is the rest of it.
    #[error("more than {MAX_BLOCKS} blocks: what begins at line {line} is not read")]
    TooMany {
        /// The line of the first `BEGIN` that is not read, counted from 1.
        line: usize,
    },
}

/// One block: from its `BEGIN` line to its `END` line.
///
/// `Debug` shows nothing of the data, which may be a key.
pub struct Block {
    /// Octets of the file, the line end after `END` included as Go's
    /// `pem.Decode` counts it: white space on that line and one newline.
    pub range: Range<usize>,
    /// The line of `BEGIN`, counted from 1.
    pub line: usize,
    /// The words of the `BEGIN` line, such as `CERTIFICATE`.
    pub label: String,
    /// RFC 1421 headers in order, such as `Proc-Type`.
    pub headers: Vec<(String, String)>,
    /// The decoded octets (not checked to be DER), or why there are none.
    pub der: Result<Zeroizing<Vec<u8>>, PemFault>,
}

impl Block {
    /// The value of the header `name`, compared without case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }
}

impl fmt::Debug for Block {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Block")
            .field("range", &self.range)
            .field("line", &self.line)
            .field("label", &self.label)
            .field("fault", &self.der.as_ref().err())
            .finish_non_exhaustive()
    }
}

/// A file as blocks and the text around them.
#[derive(Debug, Default)]
pub struct Pem {
    /// Every block in order, those that do not decode included.
    pub blocks: Vec<Block>,
    /// The stretches outside of blocks that are not empty, in order.
    pub text: Vec<Range<usize>>,
}

impl Pem {
    /// The blocks with this label.
    pub fn labelled(&self, label: &str) -> impl Iterator<Item = &Block> {
        self.blocks.iter().filter(move |block| block.label == label)
    }

    /// The labels of all blocks in order.
    pub fn labels(&self) -> impl Iterator<Item = &str> {
        self.blocks.iter().map(|block| block.label.as_str())
    }
}

/// Whether any line of `input` begins a block.
pub fn is_pem(input: &[u8]) -> bool {
    lines(input).any(|(line, _)| begin_label(line).is_some())
}

/// Whether `input` has more blocks than are read.
pub fn is_cut(input: &[u8]) -> bool {
    let mut begun = lines(input).filter(|(line, _)| begin_label(line).is_some());
    begun.nth(MAX_BLOCKS).is_some()
}

/// Whether `input` begins with a byte order mark. Python's ssl takes such a file;
/// Go does not see its first block (`pem.Decode`: a line begins with `BEGIN`).
pub fn is_marked(input: &[u8]) -> bool {
    input.starts_with(MARK)
}

/// Finds every block of `input`, in time linear in its length.
///
/// Tolerated: a byte order mark, CRLF, white space at line ends, no final newline, any text or
/// octets around blocks. A block begins where a line begins with its `BEGIN`
/// (RFC 7468 2; OpenSSL and Go too). After [`MAX_BLOCKS`] the rest of the file is
/// one more block that gives no DER. The length of `input` is not limited here.
pub fn blocks(input: &[u8]) -> Pem {
    let mut pem = Pem::default();
    let mut text_from = 0;
    let mut open: Option<Open> = None;
    for (number, (line, range)) in (1..).zip(lines(input)) {
        if let Some(label) = begin_label(line) {
            if let Some(truncated) = open.take() {
                pem.blocks.push(truncated.truncated(range.start));
            } else if range.start > text_from {
                pem.text.push(text_from..range.start);
            }
            let begun = Open {
                start: range.start,
                line: number,
                label,
            };
            if pem.blocks.len() == MAX_BLOCKS {
                let fault = PemFault::TooMany { line: number };
                pem.blocks
                    .push(begun.block(input.len(), Vec::new(), Err(fault)));
                return pem;
            }
            open = Some(begun);
            text_from = range.start;
        } else if let Some(end) = end_label(line)
            && let Some(begun) = open.take()
        {
            text_from = range.end;
            pem.blocks.push(begun.closed(input, range.end, end));
        }
    }
    if let Some(truncated) = open {
        pem.blocks.push(truncated.truncated(input.len()));
    } else if input.len() > text_from {
        pem.text.push(text_from..input.len());
    }
    pem
}

/// A block whose `BEGIN` was read.
struct Open {
    start: usize,
    line: usize,
    label: String,
}

impl Open {
    fn truncated(self, end: usize) -> Block {
        let fault = PemFault::Truncated {
            label: self.label.clone(),
            line: self.line,
        };
        self.block(end, Vec::new(), Err(fault))
    }

    fn closed(self, input: &[u8], end: usize, end_label: String) -> Block {
        if end_label != self.label {
            let fault = PemFault::Labels {
                label: self.label.clone(),
                line: self.line,
                end: end_label,
            };
            return self.block(end, Vec::new(), Err(fault));
        }
        match decode(&input[self.start..end]) {
            Ok((headers, der)) => self.block(end, headers, Ok(der)),
            Err(why) => {
                let fault = PemFault::Data {
                    label: self.label.clone(),
                    line: self.line,
                    why,
                };
                self.block(end, Vec::new(), Err(fault))
            }
        }
    }

    fn block(
        self,
        end: usize,
        headers: Vec<(String, String)>,
        der: Result<Zeroizing<Vec<u8>>, PemFault>,
    ) -> Block {
        Block {
            range: self.start..end,
            line: self.line,
            label: self.label,
            headers,
            der,
        }
    }
}

type Decoded = (Vec<(String, String)>, Zeroizing<Vec<u8>>);

/// Decodes one block. The error is a fixed word: the decoder's own message
/// could quote the data.
fn decode(block: &[u8]) -> Result<Decoded, &'static str> {
    if let Some(der) = regular(block) {
        return Ok((Vec::new(), der));
    }
    // The decoder takes what stands before an empty line for headers: such
    // lines go, as in Go and OpenSSL, where there is no header.
    let headers = block.contains(&b':');
    let mut tidy = Zeroizing::new(Vec::with_capacity(block.len() + 1));
    for (line, _) in lines(block) {
        if headers || !line.is_empty() {
            tidy.extend_from_slice(line);
            tidy.push(b'\n');
        }
    }
    // The decoder ends at the first `END`, wherever it stands.
    let dashes = tidy.iter().enumerate().filter(|(_, octet)| **octet == b'-');
    if dashes
        .filter(|(at, _)| tidy[*at..].starts_with(END))
        .count()
        != 1
    {
        return Err("an `END` within a line");
    }
    let parsed = pem::parse(&*tidy).map_err(|error| match error {
        pem::PemError::InvalidData(_) => "a character or a length that base64 does not have",
        pem::PemError::NotUtf8(_) => "octets that are no text",
        pem::PemError::InvalidHeader(_) => "a header line without a colon",
        _ => "the framing is malformed",
    })?;
    let headers = parsed
        .headers()
        .iter()
        .map(|(key, value)| (key.trim().to_owned(), value.trim().to_owned()))
        .collect();
    let der = Zeroizing::new(parsed.into_contents());
    if der.is_empty() {
        return Err("it is empty");
    }
    Ok((headers, der))
}

/// What a block holds that has no headers and whole groups of base64 in each
/// line, as nearly every one has: nothing is copied but what comes out.
fn regular(block: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let mut der = Zeroizing::new(Vec::with_capacity(block.len() / 4 * 3));
    let mut is_padded = false;
    let mut body = lines(block).map(|(line, _)| line).skip(1);
    loop {
        let line = body.next()?;
        if line.starts_with(END) {
            break;
        }
        if is_padded || !line.len().is_multiple_of(4) {
            return None;
        }
        is_padded = line.ends_with(b"=");
        let from = der.len();
        der.resize(from + line.len() / 4 * 3, 0);
        let made = STANDARD.decode_slice(line, &mut der[from..]).ok()?;
        der.truncate(from + made);
    }
    (body.next().is_none() && !der.is_empty()).then_some(der)
}

/// Lines with the range they take, their newline included in the range only.
fn lines(input: &[u8]) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    let mut at = if is_marked(input) { MARK.len() } else { 0 };
    input[at..]
        .split_inclusive(|&octet| octet == b'\n')
        .map(move |line| {
            let range = at..at + line.len();
            at = range.end;
            (line.trim_ascii_end(), range)
        })
}

fn begin_label(line: &[u8]) -> Option<String> {
    label(line, BEGIN)
}

fn end_label(line: &[u8]) -> Option<String> {
    label(line, END)
}

fn label(line: &[u8], start: &[u8]) -> Option<String> {
    let words = line.strip_prefix(start)?.strip_suffix(DASHES)?;
    let plain = !words.is_empty()
        && words.iter().all(|b| (b' '..=b'~').contains(b))
        && !words.windows(2).any(|pair| pair == b"--");
    plain.then(|| String::from_utf8_lossy(words).into_owned())
}

/// One block: lines of 64 characters, LF, one final newline (RFC 7468 2).
///
/// Not for keys: [`encode_secret`] leaves no copies behind.
pub fn encode(label: &str, der: &[u8]) -> String {
    let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
    pem::encode_config(&pem::Pem::new(label, der), config)
}

/// As [`encode`], in constant time and with nothing of it left in memory.
///
/// (A label that RFC 7468 3 does not allow goes the way of [`encode`].)
pub fn encode_secret(label: &str, der: &[u8]) -> Secret {
    use pkcs8::der::pem::{LineEnding, encode_string};
    let text = encode_string(label, LineEnding::LF, der).unwrap_or_else(|_| encode(label, der));
    Secret::new(text.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const A: &str = "-----BEGIN A-----\nAQID\n-----END A-----\n";
    const B: &str = "-----BEGIN B C-----\nBAU=\n-----END B C-----\n";

    fn octets(block: &Block) -> &[u8] {
        block.der.as_ref().unwrap()
    }

    #[test]
    fn finds_blocks_and_the_text_around_them() {
        for (input, labels, text) in [
            (String::new(), vec![], vec![]),
            ("no block\n".into(), vec![], vec![(0, 9)]),
            (A.into(), vec!["A"], vec![]),
            (format!("{A}{B}"), vec!["A", "B C"], vec![]),
            (
                format!("# a\n{A}\n{B}end"),
                vec!["A", "B C"],
                vec![(0, 4), (43, 44), (87, 90)],
            ),
            (A.trim_end().into(), vec!["A"], vec![]),
            (A.replace('\n', "\r\n"), vec!["A"], vec![]),
            (A.replace('\n', " \t\n"), vec!["A"], vec![]),
            (A.replace("AQID", "\nAQ\n\n ID\n"), vec!["A"], vec![]),
            (format!("x{A}"), vec![], vec![(0, 40)]),
            (format!("\u{feff}{A}{B}"), vec!["A", "B C"], vec![(0, 3)]),
            (format!("{A}\u{feff}{B}"), vec!["A"], vec![(39, 85)]),
            ("-----END A-----\n".into(), vec![], vec![(0, 16)]),
        ] {
            let pem = blocks(input.as_bytes());
            assert_eq!(pem.labels().collect::<Vec<_>>(), labels, "{input:?}");
            let found: Vec<_> = pem.text.iter().map(|r| (r.start, r.end)).collect();
            assert_eq!(found, text, "{input:?}");
            for block in &pem.blocks {
                let want: &[u8] = if block.label == "A" {
                    &[1, 2, 3]
                } else {
                    &[4, 5]
                };
                assert_eq!(octets(block), want, "{input:?}");
            }
            assert_eq!(is_pem(input.as_bytes()), !labels.is_empty());
        }
    }

    #[test]
    fn tells_why_a_block_does_not_decode() {
        for (input, line, message) in [
            ("-----BEGIN A-----\nAQID\n", 1, "has no `END` line"),
            ("\n\n-----BEGIN A-----", 3, "line 3 has no `END` line"),
            (
                "-----BEGIN A-----\nAQID\n-----END B-----\n",
                1,
                "ends as `B`",
            ),
            (
                "-----BEGIN A-----\nAQ!D\n-----END A-----\n",
                1,
                "that base64 does not have",
            ),
            (
                "-----BEGIN A-----\nAQI\n-----END A-----\n",
                1,
                "that base64 does not have",
            ),
            ("-----BEGIN A-----\n-----END A-----\n", 1, "it is empty"),
            (
                "-----BEGIN A-----\nAQID-----END A-----\n-----END A-----\n",
                1,
                "within a line",
            ),
        ] {
            let pem = blocks(input.as_bytes());
            assert_eq!(pem.blocks.len(), 1, "{input:?}");
            let block = &pem.blocks[0];
            assert_eq!(block.line, line, "{input:?}");
            let error = block.der.as_ref().unwrap_err().to_string();
            assert!(error.contains(message), "{input:?}: {error}");
        }
    }

    #[test]
    fn a_truncated_block_ends_where_the_next_begins() {
        let input = format!("-----BEGIN A-----\nAQID\n{B}");
        let pem = blocks(input.as_bytes());
        assert_eq!(pem.blocks[0].range, 0..23);
        assert!(matches!(
            pem.blocks[0].der,
            Err(PemFault::Truncated { line: 1, .. })
        ));
        assert_eq!(octets(&pem.blocks[1]), [4, 5]);
        assert!(pem.text.is_empty());
    }

    #[test]
    fn headers_are_read() {
        for end in ["\n", "\r\n"] {
            let text = "-----BEGIN A-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-256-CBC,00\n\nAQID\n-----END A-----\n"
                .replace('\n', end);
            let pem = blocks(text.as_bytes());
            let block = &pem.blocks[0];
            assert_eq!(block.header("proc-type"), Some("4,ENCRYPTED"));
            assert_eq!(block.headers[1].1, "AES-256-CBC,00");
            assert_eq!(octets(block), [1, 2, 3]);
        }
    }

    #[test]
    fn debug_shows_no_data() {
        let shown = format!("{:?}", blocks(A.as_bytes()));
        assert!(
            !shown.contains("AQID") && !shown.contains("1, 2, 3"),
            "{shown}"
        );
    }

    #[test]
    fn of_very_many_blocks_the_first_are_read() {
        let mut input = A.repeat(MAX_BLOCKS);
        assert!(!is_cut(input.as_bytes()));
        assert_eq!(blocks(input.as_bytes()).blocks.len(), MAX_BLOCKS);
        input.push_str(&"-----BEGIN A-----\n".repeat(200_000));
        assert!(is_cut(input.as_bytes()));
        let found = blocks(input.as_bytes()).blocks;
        assert_eq!(found.len(), MAX_BLOCKS + 1);
        let (last, line) = (&found[MAX_BLOCKS], 3 * MAX_BLOCKS + 1);
        assert_eq!(last.der, Err(PemFault::TooMany { line }));
        assert_eq!(last.range.end, input.len());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(der in prop::collection::vec(any::<u8>(), 1..400)) {
            let text = encode("CERTIFICATE", &der);
            let secret = encode_secret("CERTIFICATE", &der);
            prop_assert_eq!(text.as_bytes(), secret.expose());
            prop_assert!(text.ends_with("-----END CERTIFICATE-----\n"));
            prop_assert!(text.lines().all(|line| line.len() <= 64));
            let pem = blocks(text.as_bytes());
            prop_assert_eq!(octets(&pem.blocks[0]), &der[..]);
            prop_assert_eq!(&pem.blocks[0].range, &(0..text.len()));
        }

        #[test]
        fn every_octet_is_in_one_place(
            parts in prop::collection::vec(prop_oneof![
                Just(A.to_owned()), Just(B.to_owned()), Just("-----BEGIN A-----\n".to_owned()),
                Just("-----END A-----\r\n".to_owned()), Just("\n".to_owned()), ".{0,8}",
            ], 0..12)
        ) {
            let input = parts.concat();
            let pem = blocks(input.as_bytes());
            let mut ranges: Vec<_> = pem.blocks.iter().map(|b| b.range.clone()).collect();
            ranges.extend(pem.text.iter().cloned());
            ranges.sort_by_key(|range| range.start);
            let mut at = 0;
            for range in ranges {
                prop_assert_eq!(range.start, at);
                prop_assert!(range.end > at);
                at = range.end;
            }
            prop_assert_eq!(at, input.len());
        }
    }
}
