package disk

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
)

// The write-ahead log's format is documented at https://sqlite.org/fileformat2.html#walformat.
const (
	walHeader   = 32
	frameHeader = 24
	frameSize   = frameHeader + pageSize
)

// wal is what a write-ahead log holds: where the newest committed content of each page stands in it.
type wal struct {
	pages map[uint32]int64 // the offset of the content, by page
	count uint32           // of the database's pages after the last commit; 0 when nothing was committed
	size  int64            // of the file
}

// readWAL reads a log as SQLite would after a crash, or trusts it, when this process has written all of it without an
// error.
//
// SQLite takes the first frame with a wrong checksum for the end, as one is that a process left half written when it
// was killed. That is at most the last one: when frames of the same log follow, what was committed is damaged, and
// SQLite would quietly forget it.
func readWAL(path string, trusted bool) (*wal, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return &wal{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	w := &wal{pages: map[uint32]int64{}, size: info.Size()}
	if w.size < walHeader {
		return w, nil // killed while the header was written: nothing was committed yet
	}
	in := io.NewSectionReader(f, 0, w.size)
	header := make([]byte, walHeader)
	if _, err := io.ReadFull(in, header); err != nil {
		return nil, err
	}
	order, err := walOrder(header)
	if err != nil {
		return nil, err
	}
	sum := checksum{order: order}
	sum.add(header[:24])
	if trusted {
		return w, w.trust(f, header[16:24])
	}
	if !sum.is(header[24:32]) {
		return nil, errors.New("the header of its write-ahead log does not match its checksum")
	}
	return w, w.frames(in, header[16:24], sum)
}

// walOrder is the byte order of the checksums, which the header's first word says.
func walOrder(header []byte) (binary.ByteOrder, error) {
	if size := binary.BigEndian.Uint32(header[8:]); size != pageSize {
		return nil, fmt.Errorf("the pages of its write-ahead log have %d bytes instead of %d", size, pageSize)
	}
	switch binary.BigEndian.Uint32(header) {
	case 0x377f0682:
		return binary.LittleEndian, nil
	case 0x377f0683:
		return binary.BigEndian, nil
	}
	return nil, errors.New("its write-ahead log is none")
}

// frames reads the frames of the log whose salt is given.
func (w *wal) frames(in io.Reader, salt []byte, sum checksum) error {
	frame := make([]byte, frameSize)
	open := map[uint32]int64{} // pages of a transaction whose end has not been seen
	broken := int64(0)         // where the first wrong frame stands
	for at := int64(walHeader); at+frameHeader <= w.size; at += frameSize {
		clear(frame)
		if _, err := io.ReadFull(in, frame); err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			return err
		}
		same := string(frame[8:16]) == string(salt)
		if broken > 0 {
			if same {
				return fmt.Errorf("frame %d of its write-ahead log does not match its checksum, and more follow", (broken-walHeader)/frameSize+1)
			}
			continue
		}
		if same {
			sum.add(frame[:8])
			sum.add(frame[frameHeader:])
		}
		if !same || !sum.is(frame[16:24]) {
			broken = at
			continue
		}
		open[binary.BigEndian.Uint32(frame)] = at + frameHeader
		if count := binary.BigEndian.Uint32(frame[4:]); count != 0 {
			w.count = count
			for page, where := range open {
				w.pages[page] = where
			}
			clear(open)
		}
	}
	return nil
}

// trust reads the heads of the frames alone.
func (w *wal) trust(in io.ReaderAt, salt []byte) error {
	frame := make([]byte, frameHeader)
	for at := int64(walHeader); at+frameSize <= w.size; at += frameSize {
		if _, err := in.ReadAt(frame, at); err != nil {
			return err
		}
		if string(frame[8:16]) != string(salt) {
			return nil // of an earlier log in the same file
		}
		w.pages[binary.BigEndian.Uint32(frame)] = at + frameHeader
		if count := binary.BigEndian.Uint32(frame[4:]); count != 0 {
			w.count = count
		}
	}
	return nil
}

// checksum is the running checksum of a log.
type checksum struct {
	order binary.ByteOrder
	a, b  uint32
}

func (c *checksum) add(data []byte) {
	a, b := c.a, c.b
	if c.order == binary.LittleEndian { // without a call for each word: every opening and checkpoint reads the whole log
		for ; len(data) >= 8; data = data[8:] {
			a += binary.LittleEndian.Uint32(data) + b
			b += binary.LittleEndian.Uint32(data[4:]) + a
		}
	}
	for ; len(data) >= 8; data = data[8:] {
		a += c.order.Uint32(data) + b
		b += c.order.Uint32(data[4:]) + a
	}
	c.a, c.b = a, b
}

// is compares the checksum with one in the log.
func (c *checksum) is(stored []byte) bool {
	return binary.BigEndian.Uint32(stored) == c.a && binary.BigEndian.Uint32(stored[4:]) == c.b
}
