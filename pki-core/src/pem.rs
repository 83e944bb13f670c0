//! PEM, the text form of DER (RFC 7468): every block of a file with its place.
//!
//! The servers that read these files differ in what they tolerate around a
//! block (a second block, a comment, a blank line), so a reader here keeps the
//! place of everything and leaves the judgement to its caller.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::secret::Secret;

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";

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
    der: Result<Zeroizing<Vec<u8>>, PemFault>,
}

impl Block {
    /// The decoded octets (not checked to be DER), or why there are none.
    pub fn der(&self) -> Result<&[u8], &PemFault> {
        self.der.as_ref().map(|der| der.as_slice())
    }

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
            .field("fault", &self.der().err())
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

/// Finds every block of `input`, in time linear in its length.
///
/// Tolerated: CRLF, white space at line ends, no final newline, any text or
/// octets around blocks. A block begins where a line begins with its `BEGIN`
/// (RFC 7468 2; OpenSSL and Go too). The length of `input` is not limited here.
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
            open = Some(Open {
                start: range.start,
                line: number,
                label,
            });
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
    let parsed = pem::parse(block).map_err(|error| match error {
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

/// Lines with the range they take, their newline included in the range only.
fn lines(input: &[u8]) -> impl Iterator<Item = (&[u8], Range<usize>)> {
    let mut at = 0;
    input.split_inclusive(|&octet| octet == b'\n').map(move |line| {
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
    let plain = !words.is_empty() && words.iter().all(|b| (b' '..=b'~').contains(b));
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
/// `None` when `label` has characters that RFC 7468 3 does not allow.
pub fn encode_secret(label: &str, der: &[u8]) -> Option<Secret> {
    use pkcs8::der::pem::{LineEnding, encode_string};
    let text = encode_string(label, LineEnding::LF, der).ok()?;
    Some(Secret::new(text.into_bytes()))
}
