package store

import (
	"context"
	"io"

	"github.com/subferry/subferry/csvspec"
)

// Artifact is a file that a job has made of a move, to be downloaded.
type Artifact struct {
	Move      string            `json:"move"`
	Name      string            `json:"name"` // ready.csv, findings.json …
	MediaType string            `json:"media_type"`
	Blob      string            `json:"sha256"`
	Size      int64             `json:"size"`
	MadeAt    csvspec.Timestamp `json:"made_at"`
}

// maxArtifact is far above what a job writes about a file of the largest size.
const maxArtifact = 4 << 30

// PutArtifact stores an artifact in place of the one with this name.
func (s *Store) PutArtifact(ctx context.Context, move, name, mediaType string, r io.Reader) (Artifact, error) {
	a := Artifact{Move: move, Name: name, MediaType: mediaType, MadeAt: s.now()}
	var err error
	if a.Blob, a.Size, err = s.PutBlob(ctx, r, maxArtifact); err != nil {
		return a, err
	}
	_, err = s.exec(ctx, s.db, `INSERT INTO serve_artifacts (move, name, media_type, blob, size, made_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (move, name) DO UPDATE SET media_type = excluded.media_type, blob = excluded.blob, size = excluded.size, made_at = excluded.made_at`,
		a.Move, a.Name, a.MediaType, a.Blob, a.Size, int64(a.MadeAt))
	return a, err
}

// Artifacts returns what was made of a move, by name.
func (s *Store) Artifacts(ctx context.Context, move string) ([]Artifact, error) {
	return collect(ctx, s, readArtifact, "SELECT move, name, media_type, blob, size, made_at FROM serve_artifacts WHERE move = $1 ORDER BY name", move)
}

// OpenArtifact returns an artifact and its content, or ErrNotFound.
func (s *Store) OpenArtifact(ctx context.Context, move, name string) (Artifact, io.ReadSeekCloser, error) {
	var a Artifact
	err := s.scan(ctx, s.db, name+" of "+move, "SELECT move, name, media_type, blob, size, made_at FROM serve_artifacts WHERE move = $1 AND name = $2",
		[]any{move, name}, &a.Move, &a.Name, &a.MediaType, &a.Blob, &a.Size, (*int64)(&a.MadeAt))
	if err != nil {
		return a, nil, err
	}
	content, _, err := s.OpenBlob(ctx, a.Blob)
	return a, content, err
}

// DropArtifact removes an artifact that is not true any more; there may be none.
func (s *Store) DropArtifact(ctx context.Context, move, name string) error {
	_, err := s.exec(ctx, s.db, "DELETE FROM serve_artifacts WHERE move = $1 AND name = $2", move, name)
	return err
}

func readArtifact(row scanner) (a Artifact, err error) {
	err = row.Scan(&a.Move, &a.Name, &a.MediaType, &a.Blob, &a.Size, (*int64)(&a.MadeAt))
	return a, err
}
