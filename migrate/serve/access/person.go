// Package access knows who somebody is and what he may do: by a token that is used once, where the service listens on this
// computer only, and by an OpenID Connect provider everywhere else.
package access

import (
	"context"
	"fmt"
)

// Role is what somebody may do. Each role may do what the ones before it may.
type Role uint8

// The roles.
const (
	Nobody   Role = iota // may not even look
	Viewer               // sees everything and changes nothing
	Operator             // uploads, starts, pauses and cancels
	Approver             // approves what somebody else has uploaded and started
)

// Roles returns the roles that can be given to somebody, the least first.
func Roles() []Role { return []Role{Viewer, Operator, Approver} }

// String returns the role's name.
func (r Role) String() string { return [...]string{"nobody", "viewer", "operator", "approver"}[r] }

// ParseRole returns the role of a name.
func ParseRole(name string) (Role, error) {
	for _, r := range Roles() {
		if r.String() == name {
			return r, nil
		}
	}
	return Nobody, fmt.Errorf("%q is no role: expected viewer, operator or approver", name)
}

// Person is somebody who has signed in.
type Person struct {
	ID   string // stable: what the provider calls the subject; Local for whoever sits at this computer
	Name string // to be shown
	Role Role
}

// Local is the ID of the one person there is where nobody has to sign in at a provider.
const Local = "local"

// May tells whether the person has a role, or one above it.
func (p Person) May(r Role) bool { return p.Role >= r }

type personKey struct{}

// With returns a context of somebody's request.
func With(ctx context.Context, p Person) context.Context {
	return context.WithValue(ctx, personKey{}, p)
}

// From returns whose request it is; the zero Person when nobody has signed in.
func From(ctx context.Context) Person {
	p, _ := ctx.Value(personKey{}).(Person)
	return p
}
