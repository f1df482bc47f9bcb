// Package house holds the rules of this code base as tests, so that "go test ./..." keeps them on every machine:
// which package may import which, that no package has an init function or a variable that changes, that the clock is
// handed in, and how long a function or a file may be.
//
// The linter's configuration (.golangci.yml) says the same to an editor; where the two differ, these tests are right.
package house
