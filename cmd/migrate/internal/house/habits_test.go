package house

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	longestFile     = 400 // lines
	longestFunction = 60  // lines
)

// clocks are the files that may ask the machine for the time: everybody else is handed a clock. Measuring how long
// something took (gateway, sandbox) decides nothing.
var clocks = map[string]bool{
	"migrate/clock.go": true, "migrate/gateway/transport.go": true,
	"migrate/sandbox/server.go": true, "migrate/sandbox/serve.go": true,
}

func TestHabits(t *testing.T) {
	all := sources(t)
	variables := variablesOf(all)
	var found []string
	for _, s := range all {
		if !s.test && !outside(s.pkg) {
			found = append(found, complaints(s, variables[s.pkg])...)
		}
	}
	require.Empty(t, strings.Join(found, "\n"))
}

// complaints lists what a file does against the house's habits.
func complaints(s source, variables map[string]bool) []string {
	var all []string
	say := func(n ast.Node, format string, args ...any) {
		all = append(all, s.at(n)+": "+fmt.Sprintf(format, args...))
	}
	if s.lines > longestFile {
		say(s.file, "the file has %d lines, %d is the most", s.lines, longestFile)
	}
	for _, d := range s.file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok {
			function(s, f, say)
		}
	}
	changes(s.file, variables, say)
	if !clocks[s.name] && !within(s.pkg, "cmd/migrate") {
		readsClock(s.file, say)
	}
	return all
}

type complain func(n ast.Node, format string, args ...any)

func function(s source, f *ast.FuncDecl, say complain) {
	if f.Name.Name == "init" && f.Recv == nil {
		say(f, "init() runs for everybody who imports the package: make it a function that is called")
	}
	if n := s.set.Position(f.End()).Line - s.set.Position(f.Pos()).Line + 1; n > longestFunction && !isTable(f) {
		say(f, "%s has %d lines, %d is the most", f.Name.Name, n, longestFunction)
	}
	if !f.Name.IsExported() || f.Recv != nil && !exportedReceiver(f) {
		return
	}
	for _, p := range f.Type.Params.List {
		id, ok := p.Type.(*ast.Ident)
		if ok && id.Name == "bool" && !strings.HasPrefix(f.Name.Name, "Bool") { // whose subject is a bool
			say(p, "%s takes a bool, which says nothing where it is called: give it a type or an option", f.Name.Name)
		}
	}
}

// isTable tells whether a function only returns a literal: a list of values with a name is data, however long.
func isTable(f *ast.FuncDecl) bool {
	if f.Body == nil || len(f.Body.List) != 1 {
		return false
	}
	ret, ok := f.Body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) != 1 {
		return false
	}
	_, ok = ret.Results[0].(*ast.CompositeLit)
	return ok
}

func exportedReceiver(f *ast.FuncDecl) bool {
	t := f.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	id, ok := t.(*ast.Ident)
	return ok && id.IsExported()
}

// readsClock finds time.Now and its like.
func readsClock(f *ast.File, say complain) {
	ast.Inspect(f, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if ok && pkg.Name == "time" && strings.Contains(" Now Since Until After Sleep Tick NewTimer NewTicker ", " "+sel.Sel.Name+" ") {
			say(n, "time.%s: the clock is handed in", sel.Sel.Name)
		}
		return true
	})
}

// variablesOf returns the names of each package's variables.
func variablesOf(all []source) map[string]map[string]bool {
	found := map[string]map[string]bool{}
	for _, s := range all {
		for _, d := range s.file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok || g.Tok != token.VAR || s.test {
				continue
			}
			for _, spec := range g.Specs {
				for _, name := range spec.(*ast.ValueSpec).Names {
					if found[s.pkg] == nil {
						found[s.pkg] = map[string]bool{}
					}
					found[s.pkg][name.Name] = true
				}
			}
		}
	}
	return found
}

func TestBrokenHabitsAreSeen(t *testing.T) {
	for text, want := range map[string]string{
		"func init() {}":                                   "init()",
		"func Do(really bool) {}":                          "takes a bool",
		"var v int; func f() { v = 1 }":                    "v is changed",
		"var v int; func f() { v++ }":                      "v is changed",
		"var v map[string]int; func f() { v[``] = 1 }":     "v is changed",
		"var v struct{ a []int }; func f() { v.a[0] = 1 }": "v is changed",
		"var v int; func f() *int { return &v }":           "v is changed",
		"var v map[int]int; func f() { delete(v, 1) }":     "v is changed",
		"import \"time\"\nfunc f() { _ = time.Now() }":     "the clock is handed in",
		"func f() {" + strings.Repeat("\n", 60) + "}":      "61 lines",
		strings.Repeat("\n", 400):                          "401 lines",
	} {
		s, err := parse("migrate/x.go", "x.go", "package migrate\n"+text)
		require.NoError(t, err)
		require.Contains(t, strings.Join(complaints(s, variablesOf([]source{s})["migrate"]), "\n"), want, text)
	}
	s, err := parse("migrate/x.go", "x.go", "package migrate\nvar _, v = 0, 1\nfunc F(v int, w struct{ v int }) { v = 2; w.v = 3; x := v; x++; _, x = 1, 2 }")
	require.NoError(t, err)
	require.Empty(t, complaints(s, variablesOf([]source{s})["migrate"]), "a parameter of the same name is not the variable")
}
