package form

import (
	"fmt"
	"net/url"
	"testing"

	"github.com/stretchr/testify/require"
)

func ExampleParse() {
	root, err := Parse("customer=cus_1&phases[0][items][0][price]=price_1&metadata%5Bold%20id%5D=a%26b&expand[]=customer&expand[]=subscription")
	if err != nil {
		panic(err)
	}
	fmt.Println(root.String("customer"))
	fmt.Println(root.List("phases")[0].List("items")[0].Get("price").Path)
	fmt.Println(root.Get("metadata").String("old id"))
	fmt.Println(len(root.List("expand")), root.List("expand")[1].Text)
	// Output:
	// cus_1
	// phases[0][items][0][price]
	// a&b
	// 2 subscription
}

func TestListsAreInIndexOrder(t *testing.T) {
	root, err := Parse("a[10]=k&a[2]=c&a[0]=a")
	require.NoError(t, err)
	var got []string
	for _, element := range root.List("a") {
		got = append(got, element.Text)
	}
	require.Equal(t, []string{"a", "c", "k"}, got)
	_, ok := root.Get("a").Elements()
	require.True(t, ok)
	root, err = Parse("a[x]=1")
	require.NoError(t, err)
	_, ok = root.Get("a").Elements()
	require.False(t, ok, "a name is no index")
}

func TestCanonicalIgnoresOrderOnly(t *testing.T) {
	canonical := func(text string) string {
		root, err := Parse(text)
		require.NoError(t, err)
		return root.Canonical()
	}
	require.Equal(t, canonical("a=1&b[c]=2&b[d]=3"), canonical("b[d]=3&a=1&b[c]=2"))
	for _, other := range []string{"a=1&b[c]=2", "a=1&b[c]=2&b[d]=", "a=1&b[c]=3&b[d]=2", "a=1%0Ab[c]=2&b[d]=3"} {
		require.NotEqual(t, canonical("a=1&b[c]=2&b[d]=3"), canonical(other))
	}
}

func TestValues(t *testing.T) {
	root, err := Parse("n=7&t=true&empty=&word=x&in[side]=1")
	require.NoError(t, err)
	require.EqualValues(t, 7, root.IntOr("n", 9))
	require.EqualValues(t, 9, root.IntOr("none", 9))
	require.True(t, root.Bool("t"))
	require.True(t, root.BoolOr("none", true))
	require.False(t, root.BoolOr("word", true))
	require.True(t, root.Has("empty"))
	require.False(t, root.Has("none"))
	_, ok := root.Int("word")
	require.False(t, ok)
	require.Equal(t, "in[more]", root.Get("in").PathOf("more"))
	var none *Node
	require.False(t, none.Has("x"))
	require.Empty(t, none.List("x"))
}

func TestBadEscapes(t *testing.T) {
	for _, text := range []string{"%zz=1", "a=%zz"} {
		_, err := Parse(text)
		require.Error(t, err)
	}
}

// FuzzParse reads anything and finds every flat key again.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"a=1", "a[b][0]=c&a[b][]=d", "a[b=1&]=2&[]=3", "=", "a[]=1&a[]=2", "%5B%5D="} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		root, err := Parse(text)
		if err != nil {
			return
		}
		_ = root.Canonical()
		again, err := Parse("plain=" + url.QueryEscape(text))
		require.NoError(t, err)
		require.Equal(t, text, again.String("plain"))
	})
}
