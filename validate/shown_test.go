package validate_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
)

// manyMistakes returns a file of several blocks in which findings of all severities alternate, alone and together.
func manyMistakes() string {
	rows := []string{
		"cus_%d,1830297600,price_Pro,1,none,send_invoice,30,,external:zuora\n",           // nothing
		"cus_%d,1830297600,price_Pro,0,none,send_invoice,0,,external:zuora\n",            // two warnings
		"cus_%d,1798765200,price_Pro,-1,None,send_invoice,,,internal:stripe\n",           // three errors, one with a suggestion, and a warning with one
		"cus_%d,1798765200,price_Pro,1,none,charge_automatically,,,external:zuora\n",     // deferred
		"cus_%d,1830297600,price_Pro,1,none,charge_automatically,30,1798675200,null\n",   // errors; a placeholder in the place of a warning
		"ada%d@example.com,2027-05-01,prod_Pro,many,none,charge_automatically,,,\n",      // errors with guesses
		"cus_%d,1830297600,price_Pro,1,none,charge_automatically,,,external:zuora,a,b\n", // too many cells
		"cus_%d,1830297600,price_Pro,1,none,charge_automatically,,,external:zuora,,\n",   // too many blank cells
		"Total %d,,,2,,,,,\n", // no row
		"cus_%d,price_Pro,1830297600,none,1,charge_automatically,,,external:zuora\n",        // shifted
		"\"cus_\n%d\",1830297600,price_Pro,0, none,charge_automatically,,,external:zuora\n", // a line end in a cell, and spaces
	}
	chance := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("customer,start_date,price,quantity,proration_behavior,collection_method,days_until_due,trial_end,metadata.source\n")
	for i := range 12_000 {
		fmt.Fprintf(&b, rows[chance.IntN(len(rows))], i)
	}
	return b.String()
}

// TestShown says that the first findings of each severity are in full, and that all others can still be counted.
func TestShown(t *testing.T) {
	files := map[string]string{"many.csv": manyMistakes()}
	dirty, err := filepath.Glob("testdata/dirty/*.csv")
	require.NoError(t, err)
	require.NotEmpty(t, dirty)
	for _, path := range dirty {
		text, err := os.ReadFile(path)
		require.NoError(t, err)
		files[path] = string(text)
	}
	for name, text := range files {
		for _, strict := range []bool{false, true} {
			o := validate.Options{Now: time.Unix(1798761600, 0), Unit: csvspec.UnitMinor, Strict: strict}
			all, full := scan(t, text, o)
			for _, shown := range []int{1, 20, 1000} {
				o.Shown = shown
				some, report := scan(t, text, o)
				require.Equal(t, full, report, name)
				requireShown(t, all, some, shown)
			}
		}
	}
}

func scan(t *testing.T, text string, o validate.Options) (validate.Findings, *validate.Report) {
	t.Helper()
	var all validate.Findings
	report, err := validate.Scan(context.Background(), "f.csv", strings.NewReader(text), o, func(found validate.Findings) error {
		all = append(all, found...)
		return nil
	})
	require.NoError(t, err)
	return all, report
}

func requireShown(t *testing.T, all, some validate.Findings, shown int) {
	t.Helper()
	require.Len(t, some, len(all))
	type rank struct {
		severity validate.Severity
		deferred bool
	}
	seen := map[rank]int{}
	brief := 0
	for i, want := range all {
		r := rank{want.Severity, want.Deferred}
		if seen[r]++; seen[r] <= shown {
			require.Equal(t, want, some[i])
			continue
		}
		got := some[i]
		require.Equal(t, [...]any{want.Code, want.Severity, want.Deferred, want.Row, want.Column, want.ColumnNumber, want.Suggestion, want.Mend},
			[...]any{got.Code, got.Severity, got.Deferred, got.Row, got.Column, got.ColumnNumber, got.Suggestion, got.Mend})
		if got.Excerpt == (validate.Excerpt{}) {
			brief++
		}
	}
	if seen[rank{severity: validate.Error}] > 10*1000 { // more than the blocks that are at work at once hold
		require.Positive(t, brief)
	}
}

// TestScanWithoutSink returns the report that Scan returns otherwise.
func TestScanWithoutSink(t *testing.T) {
	o := validate.Options{Now: time.Unix(1798761600, 0), Unit: csvspec.UnitMinor}
	_, want := scan(t, manyMistakes(), o)
	got, err := validate.Scan(context.Background(), "f.csv", strings.NewReader(manyMistakes()), o, nil)
	require.NoError(t, err)
	require.Equal(t, want, got)
}
