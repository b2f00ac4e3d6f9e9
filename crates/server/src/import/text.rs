//! Decodes the text of a file: UTF-8, UTF-16, or an encoding that the caller names.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};
use thiserror::Error;

/// The number of bytes that are read at a time.
const CHUNK_BYTES: usize = 64 * 1024;

/// Formats that are not text, by the bytes with which they begin, and what to do with them.
const SIGNATURES: [(&[u8], &str); 6] = [
    (b"PK\x03\x04", "is a ZIP archive or an Excel workbook; export the log as CSV, or unpack it"),
    (b"\xd0\xcf\x11\xe0", "is an Excel workbook; export the log as CSV"),
    (b"\x1f\x8b", "is compressed with gzip; unpack it first"),
    (b"%PDF-", "is a PDF document; export the log as CSV"),
    (b"\xff\xfe\0\0", "is text in UTF-32; save it as UTF-8"),
    (b"\0\0\xfe\xff", "is text in UTF-32; save it as UTF-8"),
];

/// Why a file is not text.
#[derive(Debug, Error)]
pub enum InvalidText {
    /// The file has another format.
    #[error("the file {0}")]
    OtherFormat(&'static str),
    /// The file contains NUL, which text does not.
    #[error("the file is not text: byte {offset} is NUL")]
    Binary {
        /// The position in the decoded text.
        offset: u64,
    },
    /// The file has another encoding.
    #[error(
        "the file is not text in {encoding}: byte {offset} is not part of a character; save it as UTF-8, or name its \
         encoding, for example with --encoding windows-1252"
    )]
    Encoding {
        /// The name of the expected encoding.
        encoding: &'static str,
        /// The position in the file.
        offset: u64,
    },
}

/// Reads a file as UTF-8, in bounded memory. A byte order mark selects the encoding and is removed. Every line break becomes
/// a line feed.
pub struct TextReader<R> {
    source: R,
    decoder: Decoder,
    /// Bytes that are not decoded yet.
    input: Vec<u8>,
    /// The number of bytes that were decoded.
    decoded: u64,
    source_ended: bool,
    /// Decoded text that was not read yet starts at `output_start`.
    output: Vec<u8>,
    output_start: usize,
    /// The number of bytes of text that were decoded.
    text_bytes: u64,
    last_byte: Option<u8>,
    after_carriage_return: bool,
    finished: bool,
}

impl<R: Read> TextReader<R> {
    /// Starts to read a file. Without an encoding, it is that of the byte order mark, otherwise UTF-8.
    pub fn open(mut source: R, encoding: Option<&'static Encoding>) -> io::Result<Self> {
        let mut input = Vec::new();
        source.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut input)?;
        if let Some((_, description)) = SIGNATURES.iter().find(|(signature, _)| input.starts_with(signature)) {
            return Err(io::Error::other(InvalidText::OtherFormat(description)));
        }
        let encoding = encoding.or_else(|| utf16_without_mark(&input)).unwrap_or(UTF_8);
        Ok(Self {
            source,
            decoder: encoding.new_decoder(),
            input,
            decoded: 0,
            source_ended: false,
            output: Vec::new(),
            output_start: 0,
            text_bytes: 0,
            last_byte: None,
            after_carriage_return: false,
            finished: false,
        })
    }

    /// Returns the beginning of the text, without consuming it: `bytes_max` bytes or a little more, unless it is shorter.
    pub fn peek(&mut self, bytes_max: usize) -> io::Result<&[u8]> {
        while !self.finished && self.output.len() - self.output_start < bytes_max {
            self.decode()?;
        }
        Ok(&self.output[self.output_start..])
    }

    /// Returns true if the text that was decoded until now ends with a line break.
    pub fn ends_with_line_break(&self) -> bool {
        self.last_byte.is_some_and(|byte| byte == b'\n' || byte == b'\r')
    }

    /// Decodes the next bytes of the file.
    fn decode(&mut self) -> io::Result<()> {
        if self.input.is_empty() && !self.source_ended {
            self.source.by_ref().take(CHUNK_BYTES as u64).read_to_end(&mut self.input)?;
            self.source_ended = self.input.is_empty();
        }
        self.output.drain(..self.output_start);
        self.output_start = 0;
        let before = self.output.len();
        self.output.resize(before + CHUNK_BYTES, 0);
        let (result, read, written) =
            self.decoder.decode_to_utf8_without_replacement(&self.input, &mut self.output[before..], self.source_ended);
        self.output.truncate(before + written);
        self.input.drain(..read);
        self.decoded += read as u64;
        if let DecoderResult::Malformed(bytes, after) = result {
            let offset = self.decoded.saturating_sub(u64::from(bytes) + u64::from(after));
            let encoding = self.decoder.encoding().name();
            return Err(io::Error::other(InvalidText::Encoding { encoding, offset }));
        }
        let fresh = &self.output[before..];
        if let Some(position) = fresh.iter().position(|byte| *byte == 0) {
            return Err(io::Error::other(InvalidText::Binary { offset: self.text_bytes + position as u64 }));
        }
        self.text_bytes += fresh.len() as u64;
        self.last_byte = fresh.last().copied().or(self.last_byte);
        self.unify_line_breaks(before);
        self.finished = self.source_ended && matches!(result, DecoderResult::InputEmpty);
        Ok(())
    }

    /// Replaces CR LF, and CR alone, by LF, so that lines are counted alike.
    fn unify_line_breaks(&mut self, start: usize) {
        if !self.after_carriage_return && !self.output[start..].contains(&b'\r') {
            return;
        }
        let mut end = start;
        for index in start..self.output.len() {
            let byte = self.output[index];
            let is_second_half = byte == b'\n' && self.after_carriage_return;
            self.after_carriage_return = byte == b'\r';
            if !is_second_half {
                self.output[end] = if self.after_carriage_return { b'\n' } else { byte };
                end += 1;
            }
        }
        self.output.truncate(end);
    }
}

impl<R: Read> Read for TextReader<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut unread = self.peek(1)?;
        let count = unread.read(buffer)?;
        self.output_start += count;
        Ok(count)
    }
}

/// Returns the encoding of text in UTF-16 without a byte order mark, which begins with characters of ASCII.
fn utf16_without_mark(bytes: &[u8]) -> Option<&'static Encoding> {
    let is_ascii = |byte: &u8| byte.is_ascii_graphic();
    match bytes {
        [first, 0, second, 0, ..] if is_ascii(first) && is_ascii(second) => Some(UTF_16LE),
        [0, first, 0, second, ..] if is_ascii(first) && is_ascii(second) => Some(UTF_16BE),
        _ => None,
    }
}
