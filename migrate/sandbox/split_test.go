package sandbox

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestSplit: each part has the account, its customers with their cards, and goes on by itself; what parts could not
// share keeps the sandbox whole.
func TestSplit(t *testing.T) {
	load := func(account string) *Server {
		s, err := Open(Options{Seed: "split"})
		require.NoError(t, err)
		t.Cleanup(func() { require.NoError(t, s.Close()) })
		require.NoError(t, s.Load(strings.NewReader(account)))
		return s
	}
	byLetter := func(customer string) int { return strings.Index("ab", customer[len("cus_"):]) }
	const customers = `"customers": [
		{"id": "cus_a", "invoice_settings": {"default_payment_method": "pm_card_visa"}},
		{"id": "cus_b", "invoice_settings": {"default_payment_method": "pm_b"}}, {"id": "cus_c"}]`

	s := load(`{"account": {"id": "acct_1"}, "products": [{"id": "prod_1"}], ` + customers + `}`)
	parts, err := s.Split(2, byLetter)
	require.NoError(t, err)
	require.Len(t, parts, 2)
	require.Equal(t, 3, len(s.store.Customers.All()), "the whole stays what it was")
	seen := map[string]bool{}
	for i, part := range parts {
		require.Equal(t, "acct_1", part.Account())
		require.Equal(t, s.Now(), part.Now())
		require.Equal(t, 1, len(part.store.Products.All()))
		require.Equal(t, 1, len(part.store.Customers.All()))
		require.NotNil(t, part.store.Customers.Get([]string{"cus_a", "cus_b"}[i]))
		require.Equal(t, 1, len(part.store.Methods.All()))
		id := part.store.IDs.Next("in")
		require.False(t, seen[id])
		seen[id] = true
		require.NoError(t, part.Close())
	}

	for name, one := range map[string]*Server{
		"a coupon with a limit": load(`{"coupons": [{"id": "half", "percent_off": 50, "duration": "forever", "max_redemptions": 7}], ` + customers + `}`),
		"a directory": func() *Server {
			s, err := Open(Options{Dir: t.TempDir()})
			require.NoError(t, err)
			t.Cleanup(func() { require.NoError(t, s.Close()) })
			return s
		}(),
	} {
		parts, err := one.Split(2, byLetter)
		require.NoError(t, err)
		require.Equal(t, []*Server{one}, parts, name)
	}
	require.NoError(t, s.Close())
	_, err = s.Split(2, byLetter)
	require.ErrorIs(t, err, ErrClosed)
}
