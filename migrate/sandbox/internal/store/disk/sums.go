package disk

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
)

// sums are the checksums of the database's pages: SQLite has none, and a byte that changed on the disk would otherwise
// show much later, as a wrong amount, or not at all, as an object that is not found.
//
// They are written before a checkpoint moves the write-ahead log's pages into the database, and say what the pages will
// be then. So at any moment, also in the middle of a checkpoint, a page either matches its sum or is in the log, which
// has checksums of its own.
type sums []uint32

// sumsBegin is what a file of sums begins with; a number of the format's version follows.
const sumsBegin = "subferry sandbox sums "

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// readSums reads a file of sums.
func readSums(path string) (sums, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("the checksums of its pages are missing, the file %s", path)
	}
	if err != nil {
		return nil, err
	}
	begin := fmt.Appendf(nil, "%s%d\n", sumsBegin, version)
	body := len(text) - 4
	var written int
	if n, _ := fmt.Sscanf(string(text[:min(len(text), 40)]), sumsBegin+"%d\n", &written); n == 1 && written > version {
		return nil, fmt.Errorf("%w: its format is version %d and this program reads up to %d; use a newer program", errNewer, written, version)
	}
	if !bytes.HasPrefix(text, begin) || body < len(begin) || (body-len(begin))%4 != 0 ||
		binary.BigEndian.Uint32(text[body:]) != crc32.Checksum(text[:body], castagnoli) {
		return nil, fmt.Errorf("the checksums of its pages are damaged, the file %s", path)
	}
	var all sums
	for rest := text[len(begin):body]; len(rest) > 0; rest = rest[4:] {
		all = append(all, binary.BigEndian.Uint32(rest))
	}
	return all, nil
}

// write puts the sums in place of those in a file. A crash leaves either.
func (s sums) write(path string) error {
	text := fmt.Appendf(nil, "%s%d\n", sumsBegin, version)
	for _, one := range s {
		text = binary.BigEndian.AppendUint32(text, one)
	}
	text = binary.BigEndian.AppendUint32(text, crc32.Checksum(text, castagnoli))
	f, err := os.OpenFile(path+newSuffix, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path+newSuffix))
	}
	return os.Rename(path+newSuffix, path)
}

// eachPage reads a database's pages; the last one may be short.
func eachPage(path string, each func(number uint32, page []byte) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	block := make([]byte, 256*pageSize)
	for number := uint32(1); ; {
		n, err := io.ReadFull(f, block)
		for rest := block[:n]; len(rest) > 0; number++ {
			page := rest[:min(pageSize, len(rest))]
			if err := each(number, page); err != nil {
				return err
			}
			rest = rest[len(page):]
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// sumsOf computes the sums of a database's pages.
func sumsOf(path string) (all sums, err error) {
	err = eachPage(path, func(_ uint32, page []byte) error {
		all = append(all, crc32.Checksum(page, castagnoli))
		return nil
	})
	return all, err
}

// verify compares a database with the sums of its pages. Pages that the log holds do not count: a checkpoint may have
// been cut short while it wrote them.
func (s sums) verify(path string, log *wal) error {
	read := uint32(0)
	err := eachPage(path, func(number uint32, page []byte) error {
		read = number
		if _, newer := log.pages[number]; newer {
			return nil
		}
		if int(number) > len(s) {
			return fmt.Errorf("it is longer than its %d pages", len(s))
		}
		if s[number-1] != crc32.Checksum(page, castagnoli) {
			return fmt.Errorf("page %d of %d does not match its checksum", number, len(s))
		}
		return nil
	})
	if err != nil {
		return err
	}
	for number := read + 1; int(number) <= len(s); number++ {
		if _, newer := log.pages[number]; !newer {
			return fmt.Errorf("it ends after %d of its %d pages", read, len(s))
		}
	}
	return nil
}

// after returns the sums as they will be when a log's pages are in the database.
func (s sums) after(log *wal, path string) (sums, error) {
	if log.count == 0 {
		return s, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	next := make(sums, log.count)
	copy(next, s)
	page := make([]byte, pageSize)
	for number, at := range log.pages {
		if number > log.count {
			continue
		}
		if _, err := f.ReadAt(page, at); err != nil {
			return nil, err
		}
		next[number-1] = crc32.Checksum(page, castagnoli)
	}
	return next, nil
}
