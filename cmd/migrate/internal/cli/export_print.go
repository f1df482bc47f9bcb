package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/subferry/subferry/migrate/export"
)

// showManifest shows what has been exported.
func (s *source) showManifest(o export.Options, m *export.Manifest) error {
	if !s.textMode() {
		return s.printJSON(m)
	}
	for _, k := range o.Kinds {
		r := m.Result(k.Name)
		if r.Skipped != nil {
			s.print("%-20s  skipped: %s\n", r.Kind, r.Skipped)
			continue
		}
		text := fmt.Sprintf("%-20s  %9s  %s", r.Kind, thousands(r.Objects), filepath.Join(o.Dir, r.File))
		if r.CSV != "" {
			text += ", " + filepath.Join(o.Dir, r.CSV)
		}
		if n := len(r.Ranges); n > 1 {
			text += fmt.Sprintf(", in %d ranges", n)
		}
		if o.Incremental {
			text += fmt.Sprintf("; %d new, %d changed, %d deleted so far", r.Added, r.Changed, r.Deleted)
		}
		s.print("%s\n", text)
		if r.Again != "" {
			s.print("%-20s  read again, because %s\n", "", r.Again)
		}
	}
	s.print("%-20s  what the files hold, with ranges and hashes: %s\n", "manifest", filepath.Join(o.Dir, export.ManifestName))
	return nil
}

// thousands writes a number with commas.
func thousands(n int) string {
	text := fmt.Sprint(n)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}

// preview shows the newest objects of each kind.
func (s *source) preview(ctx context.Context, o export.Options, n int) error {
	if n > 100 {
		return &usageError{"--preview takes a number from 1 to 100, which is a page"}
	}
	until := o.Until
	if until.IsZero() {
		until = s.clock.Now().AddDate(0, 0, 1)
	}
	all := map[string][]json.RawMessage{}
	for _, k := range o.Kinds {
		objects, more, err := s.exporter.Preview(ctx, k, n, o.Formula.Span(o.Since, until))
		if err != nil {
			if len(o.Kinds) == 1 {
				return err
			}
			s.say("%s: %v", k.Name, err)
			continue
		}
		all[k.Name] = []json.RawMessage{}
		for _, raw := range objects {
			all[k.Name] = append(all[k.Name], raw)
		}
		if !s.textMode() {
			continue
		}
		count := fmt.Sprint(len(objects))
		if more {
			count = "the newest " + count
		}
		s.print("%s: %s\n", k.Name, count)
		for _, raw := range objects {
			s.print("  %s\n", shortened(raw))
		}
	}
	if !s.textMode() {
		return s.printJSON(all)
	}
	return nil
}

// shortened returns an object as a line of its fields that are neither empty nor objects.
func shortened(raw []byte) string {
	var fields map[string]any
	if json.Unmarshal(raw, &fields) != nil {
		return string(raw)
	}
	var parts []string
	for name, value := range fields {
		switch v := value.(type) {
		case string:
			if v != "" && name != "id" && name != "object" {
				parts = append(parts, name+"="+v)
			}
		case float64:
			parts = append(parts, fmt.Sprintf("%s=%.0f", name, v))
		}
	}
	slices.Sort(parts)
	text := fmt.Sprint(fields["id"], " ", strings.Join(parts, " "))
	if letters := []rune(text); len(letters) > 180 {
		text = string(letters[:179]) + "…"
	}
	return text
}

// prove counts the account's objects again.
func (s *source) prove(ctx context.Context, o export.Options) error {
	m, err := export.ReadManifest(o.Dir)
	if err != nil {
		return err
	}
	if m != nil { // all means what has been exported
		o.Kinds = slices.DeleteFunc(o.Kinds, func(k export.Kind) bool { return m.Result(k.Name) == nil && !slices.Contains(s.named, k.Name) })
	}
	end := s.progress.start("Counting again")
	proofs, err := s.exporter.Prove(ctx, o.Dir, o.Kinds)
	end()
	if err != nil {
		return s.stopped(err, false)
	}
	differing := 0
	for _, p := range proofs {
		if !p.OK() {
			differing++
		}
		if s.textMode() {
			s.showProof(p)
		}
	}
	if !s.textMode() {
		if err := s.printJSON(proofs); err != nil {
			return err
		}
	}
	if differing > 0 {
		return &alreadyPrinted{&differencesError{fmt.Sprintf("%d of %d kinds are not what the account has now: export again with --incremental, or into another directory", differing, len(proofs))}}
	}
	if s.textMode() {
		s.say("The export is what the account has: every object, by its ID, and the files are as they were written.")
	}
	return nil
}

// showProof shows what was found when a kind was counted again.
func (s *source) showProof(p export.Proof) {
	switch {
	case p.Skipped != "":
		s.print("%-20s  skipped then and now: %s\n", p.Kind, p.Skipped)
		return
	case p.OK():
		s.print("%-20s  %9s  the same\n", p.Kind, thousands(p.Objects))
		return
	}
	s.print("%-20s  %9s in the file, %s in the account\n", p.Kind, thousands(p.Objects), thousands(p.Account))
	if p.File != "ok" {
		s.print("  the file is %s\n", p.File)
	}
	if p.NMissing > 0 {
		s.print("  %d not in the file: %s\n", p.NMissing, firstOf(p.Missing, p.NMissing))
	}
	if p.Late > 0 {
		s.print("  %d of them were created in the last minutes before the export: --incremental brings them\n", p.Late)
	}
	if p.NGone > 0 {
		s.print("  %d not in the account any more: %s\n", p.NGone, firstOf(p.Gone, p.NGone))
	}
}

func firstOf(ids []string, n int) string {
	text := strings.Join(ids, ", ")
	if n > len(ids) {
		text += ", …"
	}
	return text
}
