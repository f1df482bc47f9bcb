package export

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
)

// shownIDs is how many IDs of a difference are named.
const shownIDs = 20

// Proof is what was found when a kind was counted again.
type Proof struct {
	Kind     string   `json:"kind"`
	Objects  int      `json:"objects"` // of the file
	Account  int      `json:"account"` // of the account, in the same time
	File     string   `json:"file"`    // "ok", or what is wrong with it
	Missing  []string `json:"missing"` // in the account and not in the file; the first of them
	Gone     []string `json:"gone"`    // in the file and not in the account any more; the first of them
	Late     int      `json:"late"`    // of the missing ones, how many --incremental will bring: they were shown after they were asked for
	NMissing int      `json:"missing_count"`
	NGone    int      `json:"gone_count"`
	Skipped  string   `json:"skipped,omitempty"`
}

// OK tells whether the file is what the account has.
func (p *Proof) OK() bool { return p.File == "ok" && p.NMissing == 0 && p.NGone == 0 }

// Prove reads the lists of an export once more and compares them with its files, object by object.
func (e *Exporter) Prove(ctx context.Context, dir string, kinds []Kind) ([]Proof, error) {
	m, err := ReadManifest(dir)
	if err != nil {
		return nil, err
	}
	if m == nil {
		return nil, fmt.Errorf("%s has no %s: export into it first", dir, ManifestName)
	}
	account, created, err := e.account(ctx)
	if err != nil {
		return nil, err
	}
	if m.Account != account && m.Account != "" && account != "" {
		return nil, &OtherExportError{dir, "account", m.Account, account}
	}
	var proofs []Proof
	for _, k := range kinds {
		r := m.Result(k.Name)
		if r == nil {
			return proofs, fmt.Errorf("%s has no finished export of %s: export it first", dir, k.Name)
		}
		p, err := e.prove(ctx, dir, k, r, created)
		if err != nil {
			return proofs, fmt.Errorf("%s: %w", k.Name, err)
		}
		proofs = append(proofs, p)
	}
	return proofs, nil
}

func (e *Exporter) prove(ctx context.Context, dir string, k Kind, r *Result, floor int64) (Proof, error) {
	p := Proof{Kind: k.Name, Objects: r.Objects, File: "ok", Missing: []string{}, Gone: []string{}}
	if r.Skipped != nil {
		return p, e.proveSkipped(ctx, k, r, &p)
	}
	name := filepath.Join(dir, r.File)
	ids := map[string]bool{}
	if err := eachOld(name, k, func(o object) error { ids[o.id] = true; return nil }); err != nil {
		return p, err
	}
	sum, err := hashOf(name)
	switch {
	case err != nil:
		return p, err
	case sum != r.SHA256:
		p.File = "changed since it was written: its SHA-256 is " + sum
	case len(ids) != r.Objects:
		p.File = fmt.Sprintf("has %d different objects", len(ids))
	}
	temp, err := os.MkdirTemp(dir, ".prove-*")
	if err != nil {
		return p, err
	}
	found := func(o object) {
		p.Account++
		if ids[o.id] {
			delete(ids, o.id)
			return
		}
		p.NMissing++
		if o.at >= int64(r.Settled) {
			p.Late++
		}
		if len(p.Missing) < shownIDs {
			p.Missing = append(p.Missing, o.id)
		}
	}
	err = errors.Join(e.again(ctx, temp, k, r, floor, found), os.RemoveAll(temp))
	p.NGone = len(ids)
	for id := range ids {
		p.Gone = append(p.Gone, id)
	}
	slices.Sort(p.Gone)
	p.Gone = p.Gone[:min(len(p.Gone), shownIDs)]
	return p, err
}

// again reads a list once more, into a directory that is thrown away.
func (e *Exporter) again(ctx context.Context, temp string, k Kind, r *Result, floor int64, found func(object)) error {
	x := &exporting{Exporter: e, opts: Options{Dir: temp}, floor: floor,
		manifest: &Manifest{Run: Run{Began: Moment(e.cfg.Clock.Now().Unix()), Since: r.Since, Until: r.Until}}}
	if k.Single {
		one, err := x.single(ctx, k)
		if err == nil {
			err = eachOld(filepath.Join(temp, one.File), k, func(o object) error { found(o); return nil })
		}
		return err
	}
	s, err := x.collect(ctx, k, x.span())
	if err != nil {
		return err
	}
	for _, p := range s.parts {
		if err := eachOld(s.store.name(p), k, func(o object) error { found(o); return nil }); err != nil {
			return err
		}
	}
	return s.store.remove()
}

// proveSkipped asks whether a list that was skipped is still not given.
func (e *Exporter) proveSkipped(ctx context.Context, k Kind, r *Result, p *Proof) error {
	_, err := e.client.get(ctx, k.Path, url.Values{"limit": {"1"}})
	switch {
	case skippable(err) != nil:
		p.Skipped = r.Skipped.String()
		return nil
	case err != nil:
		return err
	}
	p.File = "missing: the list was skipped, and Stripe gives it now. Export it with --incremental"
	return nil
}

func hashOf(name string) (string, error) {
	f, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer f.Close()
	hash := sha256.New()
	_, err = io.Copy(hash, f)
	return hex.EncodeToString(hash.Sum(nil)), err
}

// Preview returns the newest objects of a kind, at most n and one page, and whether there are more.
func (e *Exporter) Preview(ctx context.Context, k Kind, n int, of Span) (objects [][]byte, more bool, err error) {
	if k.Single {
		raw, err := e.client.get(ctx, k.Path, nil)
		return [][]byte{raw}, false, err
	}
	q := k.query(of, "")
	q.Set("limit", fmt.Sprint(min(n, pageSize)))
	raw, err := e.client.get(ctx, k.Path, q)
	if err != nil {
		return nil, false, err
	}
	p, err := readPage(k, raw)
	for _, o := range p.objects {
		objects = append(objects, o.raw)
	}
	return objects, p.more, err
}

// All returns every object of a list, one page after the other: for lists that are short, such as those of prices.
func (e *Exporter) All(ctx context.Context, k Kind) (all []json.RawMessage, err error) {
	for cursor := ""; ; {
		raw, err := e.client.get(ctx, k.Path, k.query(Span{}, cursor))
		if err != nil {
			return nil, err
		}
		p, err := readPage(k, raw)
		if err != nil {
			return nil, err
		}
		for _, o := range p.objects {
			all, cursor = append(all, json.RawMessage(o.raw)), o.id
		}
		if !p.more || len(p.objects) == 0 {
			return all, nil
		}
	}
}

// Lines visits the objects of a kind in the directory of an export, as lines of JSON that are valid until the next one.
func Lines(dir string, k Kind, visit func(line []byte) error) error {
	return eachOld(filepath.Join(dir, k.Name+".ndjson"), k, func(o object) error { return visit(o.raw) })
}
