package sandbox

import "errors"

// ErrInUse is returned by Open when another process, or another Server in
// this one, owns the directory.
var ErrInUse = errors.New("the sandbox directory is in use by another process")

// ErrClosed is returned by calls on a Server that has been closed.
var ErrClosed = errors.New("the sandbox is closed")
