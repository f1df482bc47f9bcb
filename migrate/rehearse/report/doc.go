// Package report shows a rehearsal: as text for a terminal, as JSON for programs, and as one page for finance. It
// knows nothing of files, flags or sandboxes.
package report
