package house

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/subferry/subferry"

// root is the module's directory, seen from this package.
var root = filepath.Join("..", "..", "..", "..")

// source is one Go file of the project, for whatever platform it is meant.
type source struct {
	name  string // relative to the module, with slashes
	pkg   string // its directory
	test  bool
	set   *token.FileSet
	file  *ast.File
	lines int
}

// sources parses every Go file of the module, those of dot-directories (benchmarks) included.
func sources(t *testing.T) []source {
	t.Helper()
	var all []source
	require.NoError(t, filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == ".git" || d.Name() == "node_modules"):
			return filepath.SkipDir
		case d.IsDir() || filepath.Ext(name) != ".go":
			return nil
		}
		relative, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		s, err := parse(filepath.ToSlash(relative), name, nil)
		if err == nil && s.pkg != "." {
			all = append(all, s)
		}
		return err
	}))
	require.Greater(t, len(all), 100, "the project's files were not found")
	return all
}

// parse reads one file; text replaces the file's content when it is not nil.
func parse(name, file string, text any) (source, error) {
	set := token.NewFileSet()
	tree, err := parser.ParseFile(set, file, text, parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	return source{
		name: name, pkg: path.Dir(name), test: strings.HasSuffix(name, "_test.go"),
		set: set, file: tree, lines: set.File(tree.Pos()).LineCount(),
	}, nil
}

// imports returns the paths that a file imports, those of the project without the module's name.
func (s source) imports() []string {
	var all []string
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err == nil {
			all = append(all, strings.TrimPrefix(p, module+"/"))
		}
	}
	return all
}

// at returns the place of a node as file:line.
func (s source) at(n ast.Node) string {
	return s.name + ":" + strconv.Itoa(s.set.Position(n.Pos()).Line)
}

// within tells whether a package is dir or lies below it.
func within(pkg, dir string) bool { return pkg == dir || strings.HasPrefix(pkg, dir+"/") }
