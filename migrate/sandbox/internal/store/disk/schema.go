package disk

import "fmt"

// version is the layout that this package reads and writes, kept in the file's user_version.
const version = 1

// pageSize is the size of the database's pages, which the checksums are of.
const pageSize = 4096

// head is what a new file holds besides the tables of the kinds of object.
//
// The events are a ring: event n is in slot n modulo the number of events that are kept. The body of an answer is empty
// while the object it names is still what was answered. The notes are what has been committed and is not in the other
// tables yet.
const head = `
CREATE TABLE head (only INTEGER PRIMARY KEY, state BLOB NOT NULL);
CREATE TABLE event (slot INTEGER PRIMARY KEY, n INTEGER NOT NULL, head BLOB NOT NULL, body BLOB NOT NULL);
CREATE TABLE answer (key BLOB PRIMARY KEY, request BLOB NOT NULL, at INTEGER NOT NULL, status INTEGER NOT NULL,
	kind TEXT NOT NULL, id TEXT NOT NULL, body BLOB) WITHOUT ROWID;
CREATE TABLE note (n INTEGER PRIMARY KEY, content BLOB NOT NULL, bodies BLOB NOT NULL);
`

// table is the table of one kind of object. seq is the order in which the objects were created, due the second at which
// the clock has something to do with the object (0: never), answer the idempotency key that was answered with the body
// as it is. Only what is asked for is in an index: each costs a page for every row written.
func table(kind string) string {
	return fmt.Sprintf(`
CREATE TABLE %[1]s (seq INTEGER PRIMARY KEY, id TEXT NOT NULL, owner TEXT NOT NULL, clock TEXT NOT NULL,
	created INTEGER NOT NULL, due INTEGER NOT NULL, answer BLOB, body BLOB NOT NULL);
CREATE UNIQUE INDEX %[2]s ON %[1]s (id);
CREATE INDEX %[3]s ON %[1]s (owner) WHERE owner != '';
CREATE INDEX %[4]s ON %[1]s (clock) WHERE clock != '';
CREATE INDEX %[5]s ON %[1]s (seq, created);
CREATE INDEX %[6]s ON %[1]s (clock, due) WHERE due != 0;
`, quote(kind), quote(kind+" id"), quote(kind+" owner"), quote(kind+" clock"), quote(kind+" created"), quote(kind+" due"))
}

// quote makes an identifier of a kind, which is one of the program's own words and holds no quote.
func quote(name string) string { return `"` + name + `"` }
