package scan

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"
)

const (
	// sniffed is how many bytes of the beginning of a file are looked at for UTF-16 without a byte order mark.
	sniffed = 64
	// window is how many bytes, counted from the first that is not ASCII, decide between UTF-8 and Windows-1252.
	window = 64 << 10
)

// Input turns the bytes of a file into UTF-8, whatever they are.
type Input struct {
	src    io.Reader
	enc    Encoding
	offset int64 // of the file, where the text begins

	BOM, UTF16  bool   // what was met at the beginning and taken care of
	Windows1252 *Place // where the first byte that is not ASCII stands, in a file of this encoding; nil in others
}

// NewInput looks at the beginning of the file.
func NewInput(r io.Reader) *Input {
	buffered := bufio.NewReader(r)
	head, _ := buffered.Peek(sniffed)
	in := &Input{src: buffered}
	switch {
	case in.skipped(buffered, head, "\xEF\xBB\xBF"):
		in.BOM = true
	case in.skipped(buffered, head, "\xFF\xFE"):
		in.utf16(utf16LE, unicode.LittleEndian)
	case in.skipped(buffered, head, "\xFE\xFF"):
		in.utf16(utf16BE, unicode.BigEndian)
	case zerosAt(head, 1):
		in.utf16(utf16LE, unicode.LittleEndian)
	case zerosAt(head, 0):
		in.utf16(utf16BE, unicode.BigEndian)
	}
	return in
}

// PlainInput returns text that is UTF-8 already.
func PlainInput(r io.Reader) *Input { return &Input{src: r, enc: utf8Text} }

// skipped drops a byte order mark, and tells whether there was one. A file that passed through two programs may have
// two.
func (in *Input) skipped(r *bufio.Reader, head []byte, mark string) bool {
	for bytes.HasPrefix(head[in.offset:], []byte(mark)) {
		in.offset += int64(len(mark))
	}
	_, _ = r.Discard(int(in.offset)) // they were peeked, so they are there
	return in.offset > 0
}

func (in *Input) utf16(enc Encoding, order unicode.Endianness) {
	in.enc = enc
	in.decode(unicode.UTF16(order, unicode.IgnoreBOM).NewDecoder())
	in.UTF16 = true
}

// decode puts a decoder in front of what has not been read yet. A decoder asks for 4 KiB at a time, a file for more.
func (in *Input) decode(decoder transform.Transformer) {
	in.src = transform.NewReader(bufio.NewReaderSize(in.src, window), decoder)
}

// zerosAt tells whether every second byte, from the given one, is zero and no other is: ASCII written as UTF-16.
func zerosAt(head []byte, first int) bool {
	for i, b := range head {
		if (b == 0) != (i%2 == first) {
			return false
		}
	}
	return len(head) >= 4
}

// more appends text to buf: at least one byte, or an error. Free capacity of buf is what one call reads at most,
// but for the call that meets the first byte that is not ASCII.
func (in *Input) more(buf []byte) ([]byte, error) {
	old := len(buf)
	n, err := in.src.Read(buf[old:cap(buf)])
	buf = buf[:old+n]
	if in.enc != ascii {
		return buf, err
	}
	if high := firstHigh(buf[old:]); high >= 0 {
		return in.settle(buf, old+high, err)
	}
	return buf, err
}

// settle decides between UTF-8 and Windows-1252 when the first byte that is not ASCII has been met.
func (in *Input) settle(buf []byte, high int, err error) ([]byte, error) {
	for err == nil && len(buf)-high < window {
		buf = append(buf, 0)[:len(buf)] // makes room when there is none
		var n int
		n, err = in.src.Read(buf[len(buf):min(cap(buf), high+window)])
		buf = buf[:len(buf)+n]
	}
	if !isWindows1252(buf[high:min(len(buf), high+window)], err == nil) {
		in.enc = utf8Text
		return buf, err
	}
	in.enc = windows1252
	decoder := charmap.Windows1252.NewDecoder()
	tail, _ := decoder.Bytes(buf[high:]) // this decoder replaces what it does not know and never fails
	in.decode(charmap.Windows1252.NewDecoder())
	return append(buf[:high], tail...), err
}

// isWindows1252 tells whether text has bytes that are not ASCII, none of which belong together as UTF-8 and all of
// which mean something in Windows-1252. cut tells that the text may end within a character.
func isWindows1252(text []byte, cut bool) bool {
	strange := false
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == utf8.RuneError && size == 1:
			if cut && !utf8.FullRune(text) {
				return strange
			}
			switch text[0] {
			case 0x81, 0x8D, 0x8F, 0x90, 0x9D:
				return false // Windows-1252 has no characters for these
			}
			strange = true
		case size > 1:
			return false
		}
		text = text[size:]
	}
	return strange
}
