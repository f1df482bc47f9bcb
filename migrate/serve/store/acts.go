package store

import (
	"context"
	"database/sql"

	"github.com/subferry/subferry/csvspec"
)

// Act is something that a person has asked for and that changes nothing: verify, who_bills, monitor, report, plan. What comes of it
// is an artifact.
type Act struct {
	ID       string            `json:"id"` // act_…
	Move     string            `json:"move"`
	Kind     string            `json:"kind"`
	State    ActState          `json:"state"`
	Error    string            `json:"error,omitempty"` // why it failed
	Actor    string            `json:"actor"`
	AskedAt  csvspec.Timestamp `json:"asked_at"`
	EndedAt  csvspec.Timestamp `json:"ended_at,omitempty"` // 0 while it has not
	Artifact string            `json:"artifact,omitempty"` // the name of what it has made first
}

// ActState is how far an act has come.
type ActState string

// The states of an act.
const (
	ActQueued  ActState = "queued"
	ActWorking ActState = "working"
	ActDone    ActState = "done"
	ActFailed  ActState = "failed"
)

const actColumns = "id, move, kind, state, error, actor, asked_at, ended_at, artifact"

func readAct(row scanner) (a Act, err error) {
	err = row.Scan(&a.ID, &a.Move, &a.Kind, (*string)(&a.State), &a.Error, &a.Actor, (*int64)(&a.AskedAt), (*int64)(&a.EndedAt), &a.Artifact)
	return a, err
}

// CreateAct records that an act was asked for, and returns it with its ID.
func (s *Store) CreateAct(ctx context.Context, move, kind, actor string) (Act, error) {
	a := Act{ID: NewID("act"), Move: move, Kind: kind, State: ActQueued, Actor: actor, AskedAt: s.now()}
	_, err := s.exec(ctx, s.db, "INSERT INTO serve_acts ("+actColumns+") VALUES ($1, $2, $3, $4, '', $5, $6, 0, '')",
		a.ID, a.Move, a.Kind, string(a.State), a.Actor, int64(a.AskedAt))
	return a, err
}

// Act returns an act, or ErrNotFound.
func (s *Store) Act(ctx context.Context, id string) (Act, error) { return s.act(ctx, s.db, id, "") }

func (s *Store) act(ctx context.Context, q querier, id, lock string) (a Act, err error) {
	err = s.scan(ctx, q, "the act "+id, "SELECT "+actColumns+" FROM serve_acts WHERE id = $1 "+lock, []any{id},
		&a.ID, &a.Move, &a.Kind, (*string)(&a.State), &a.Error, &a.Actor, (*int64)(&a.AskedAt), (*int64)(&a.EndedAt), &a.Artifact)
	return a, err
}

// Acts returns the acts of a move, the newest first.
func (s *Store) Acts(ctx context.Context, move string) ([]Act, error) {
	return collect(ctx, s, readAct, "SELECT "+actColumns+" FROM serve_acts WHERE move = $1 ORDER BY number DESC", move)
}

// OpenActs returns the acts of all moves that have not ended, the oldest first.
func (s *Store) OpenActs(ctx context.Context) ([]Act, error) {
	return collect(ctx, s, readAct, "SELECT "+actColumns+" FROM serve_acts WHERE state IN ('queued', 'working') ORDER BY number")
}

// UpdateAct changes an act while nobody else does, and returns it as it is then.
func (s *Store) UpdateAct(ctx context.Context, id string, change func(*Act) error) (a Act, err error) {
	err = s.tx(ctx, func(tx *sql.Tx) error {
		if a, err = s.act(ctx, tx, id, "FOR UPDATE"); err != nil {
			return err
		}
		if err := change(&a); err != nil {
			return err
		}
		_, err := s.exec(ctx, tx, "UPDATE serve_acts SET state = $2, error = $3, ended_at = $4, artifact = $5 WHERE id = $1",
			id, string(a.State), a.Error, int64(a.EndedAt), a.Artifact)
		return err
	})
	return a, err
}
