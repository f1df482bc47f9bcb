package csvspec

// Note is something about a file as a whole that reading it took care of.
type Note struct {
	Kind   NoteKind
	Line   int    // where it was first seen, from 1
	Offset int64  // byte of the file where it was first seen, from 0
	Text   string // what a note of some kinds speaks of; "" for the others
}

// NoteKind is what a note is about.
type NoteKind uint8

// The notes.
const (
	NoteEmpty           NoteKind = iota + 1 // the file has no record at all, not even a header
	NoteNoRows                              // the file has a header and no row below it
	NoteBOM                                 // a UTF-8 byte order mark stands in front; it is not part of the first cell
	NoteUTF16                               // the file is UTF-16 (Excel's "Unicode text") and was decoded
	NoteWindows1252                         // the file is Windows-1252 (Excel's "CSV") and was decoded
	NoteSemicolon                           // cells are separated by semicolons
	NoteSeparatorLine                       // a line sep=; stands above the header; it was skipped
	NoteTab                                 // cells are separated by tabs
	NoteCarriageReturns                     // lines end with a carriage return alone, as on old Macs
	NoteSheetDates                          // cells of a workbook that hold dates were read as Unix seconds, their wall time taken as UTC
	NoteSheetTitle                          // rows of a worksheet that stand above its header were skipped; Text is the first of them
	NoteSheetFound                          // the worksheet was found by its header, and is not the first one; Text is its name
	NoteSheetsOther                         // other worksheets hold something and were not read; Text names them
	NoteBlankLines                          // the file has blank lines, which were skipped
)
