// Package page draws the pages of the service: templates, style, a little script, and the words of the page's own in
// English and Japanese, all embedded. It knows no request and no database: it is handed what a page shows.
package page

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"golang.org/x/text/language"
)

//go:embed templates/*.html
var templates embed.FS

//go:embed static
var static embed.FS

// Frame is what every page has around its content.
type Frame struct {
	Title    string // of the page, in the reader's language
	Lang     language.Tag
	Path     string // of this page, with its query, for the switch of the language
	Section  string // of the navigation that the page belongs to
	Person   string // "" when nobody has signed in
	Role     string // "" where there are no roles
	Leave    bool   // there is a session that can be ended
	Livemode bool   // the page is about real money
	Reload   int    // seconds after which a page without script is read again; 0 is never
	GoTo     string // where a page goes on to by itself; "" is nowhere
	Now      time.Time
}

// Pages draws pages. It is safe for concurrent use.
type Pages struct {
	words  *words
	sets   map[language.Tag]map[string]*template.Template // by language and name
	assets map[string]asset                               // by the path that pages name them with
}

type asset struct {
	content   []byte
	mediaType string
	forGood   bool // its address names this content and no other
}

// New reads everything that is embedded.
func New() (*Pages, error) {
	w, err := newWords()
	if err != nil {
		return nil, err
	}
	p := &Pages{words: w, sets: map[language.Tag]map[string]*template.Template{}, assets: map[string]asset{}}
	urls, err := p.loadAssets()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		return nil, err
	}
	for _, lang := range w.languages {
		funcs := w.funcs(lang)
		funcs["asset"] = func(name string) (string, error) {
			if urls[name] == "" {
				return "", errors.New("there is no " + name)
			}
			return urls[name], nil
		}
		// What begins with an underscore is part of every page.
		frame, err := template.New("frame").Funcs(funcs).ParseFS(templates, "templates/_*.html")
		if err != nil {
			return nil, err
		}
		set := map[string]*template.Template{}
		for _, name := range names {
			base := strings.TrimSuffix(path.Base(name), ".html")
			if strings.HasPrefix(base, "_") {
				continue
			}
			t, err := frame.Clone()
			if err == nil {
				t, err = t.ParseFS(templates, name)
			}
			if err != nil {
				return nil, err
			}
			set[base] = t
		}
		p.sets[lang] = set
	}
	return p, nil
}

// loadAssets reads the static files. The addresses that it returns hold a hash of the content, so that browsers may keep it
// for good.
func (p *Pages) loadAssets() (urls map[string]string, err error) {
	types := map[string]string{".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
	urls = map[string]string{}
	return urls, fs.WalkDir(static, "static", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := static.ReadFile(name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		base, ext := path.Base(name), path.Ext(name)
		url := "/static/" + strings.TrimSuffix(base, ext) + "." + hex.EncodeToString(sum[:6]) + ext
		urls[base], p.assets[url] = url, asset{content, types[ext], true}
		p.assets["/static/"+base] = asset{content, types[ext], false} // for pages that are drawn elsewhere: package connect has some
		return nil
	})
}

// Static serves the style, the script and the icon below /static/.
func (p *Pages) Static(w http.ResponseWriter, r *http.Request) {
	a, ok := p.assets[r.URL.Path]
	if !ok {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.mediaType)
	if a.forGood {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	_, _ = w.Write(a.content)
}

// Render returns the page of a name, with data as what it shows.
func (p *Pages) Render(name string, f Frame, data any) (string, error) {
	t := p.sets[f.Lang][name]
	if t == nil {
		return "", fmt.Errorf("there is no page %s in %s", name, f.Lang)
	}
	var b strings.Builder
	err := t.ExecuteTemplate(&b, "page", struct {
		Frame
		Data any
	}{f, data})
	return b.String(), err
}

// Text returns one of the page's own sentences in a language. The English one is its key.
func (p *Pages) Text(lang language.Tag, key string, args ...any) string {
	return p.words.printer(lang).Sprintf(key, args...)
}

// Language returns the language to answer in: the one that was chosen, or the first of Accept-Language that there is.
func (p *Pages) Language(chosen, accept string) language.Tag {
	for _, l := range p.words.languages {
		if chosen == l.String() {
			return l
		}
	}
	asked, _, _ := language.ParseAcceptLanguage(accept) // what cannot be read asks for nothing
	_, i, _ := language.NewMatcher(p.words.languages).Match(asked...)
	return p.words.languages[i]
}
