package conformance

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/schedule"
	"github.com/subferry/subferry/validate"
)

// scenario is one file of testdata.
//
// Its comment begins with lines "Name: value", of which Now, Until and Strategy are required; Direct is a mode of direct
// subscriptions. Then come the sections
// subs.csv (in which @2027-01-31T09:00:00Z stands for that moment in Unix seconds), account.json (the format of
// --sandbox-data, with one customer), and invoices.txt (as render writes them, and comments after #).
type scenario struct {
	name     string
	head     map[string][]string
	now      time.Time
	until    time.Time
	direct   schedule.Direct
	csv      string
	account  string
	invoices string
}

func scenarios(t *testing.T) []scenario {
	t.Helper()
	files, err := filepath.Glob("testdata/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	all := make([]scenario, 0, len(files))
	for _, file := range files {
		one, err := read(file)
		require.NoError(t, err, file)
		all = append(all, one)
	}
	return all
}

var (
	headLine = regexp.MustCompile(`(?m)^(Use case|Strategy|Direct|Now|Until|Proves|Needs): *(.+)$`)
	moment   = regexp.MustCompile(`@(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)`)
)

func read(file string) (scenario, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return scenario{}, err
	}
	archive := txtar.Parse(text)
	s := scenario{name: strings.TrimSuffix(filepath.Base(file), ".txtar"), head: map[string][]string{}}
	for _, line := range headLine.FindAllStringSubmatch(string(archive.Comment), -1) {
		s.head[line[1]] = append(s.head[line[1]], strings.TrimSpace(line[2]))
	}
	for _, section := range archive.Files {
		switch section.Name {
		case "subs.csv":
			s.csv = moment.ReplaceAllStringFunc(string(section.Data), seconds)
		case "account.json":
			s.account = string(section.Data)
		case "invoices.txt":
			s.invoices = withoutComments(string(section.Data))
		default:
			return s, fmt.Errorf("no scenario has a section %s", section.Name)
		}
	}
	if s.now, err = s.moment("Now"); err == nil {
		s.until, err = s.moment("Until")
	}
	if mode := s.head["Direct"]; err == nil && len(mode) > 0 {
		s.direct, err = validate.ParseDirect(mode[0])
	}
	if err == nil && (s.csv == "" || s.account == "" || s.invoices == "" || len(s.head["Strategy"]) != 1) {
		err = fmt.Errorf("it lacks subs.csv, account.json, invoices.txt or its Strategy")
	}
	return s, err
}

func (s scenario) moment(name string) (time.Time, error) {
	if len(s.head[name]) != 1 {
		return time.Time{}, fmt.Errorf("it needs one line %q, found %d", name+": 2027-01-31T09:00:00Z", len(s.head[name]))
	}
	return time.Parse(time.RFC3339, s.head[name][0])
}

// seconds turns @2027-01-31T09:00:00Z into Unix seconds; the pattern lets nothing else through.
func seconds(text string) string {
	t, err := time.Parse(time.RFC3339, text[1:])
	if err != nil {
		return text
	}
	return fmt.Sprint(t.Unix())
}

func withoutComments(text string) string {
	var kept []string
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		if line = strings.TrimRight(line, " \n"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n") + "\n"
}

// row returns the scenario's only row, with IDs replaced by those of the account it is played in.
func (s scenario) row(ids map[string]string) (*csvspec.Row, error) {
	rows, err := csvspec.Unmarshal(strings.NewReader(s.csv), csvspec.ReadOptions{Unit: csvspec.UnitMinor})
	if err != nil || len(rows) != 1 {
		return nil, errors.Join(err, fmt.Errorf("a scenario has one row, found %d", len(rows)))
	}
	row := &rows[0]
	actual := func(id *string) {
		if one, ok := ids[*id]; ok {
			*id = one
		}
	}
	for _, id := range []*string{&row.Customer, &row.Price, &row.Coupon, &row.DefaultTaxRate} {
		actual(id)
	}
	for i := range row.Items {
		actual(&row.Items[i].Price)
	}
	for i := range row.AdhocItems {
		actual(&row.AdhocItems[i].Product)
	}
	for i := range row.AddInvoiceItems {
		actual(&row.AddInvoiceItems[i].Product)
	}
	return row, nil
}

// TestEveryUseCaseAndStrategyHasAScenario compares the scenarios with the two lists that they have to cover.
func TestEveryUseCaseAndStrategyHasAScenario(t *testing.T) {
	var useCases, strategies []string
	for _, s := range scenarios(t) {
		useCases = append(useCases, s.head["Use case"]...)
		strategies = append(strategies, s.head["Strategy"]...)
	}
	for _, one := range documentedUseCases {
		require.Contains(t, useCases, one)
	}
	for _, one := range useCases {
		require.Contains(t, documentedUseCases, one)
	}
	for _, one := range strategyNames() {
		require.True(t, slices.Contains(strategies, one), "no scenario has the strategy %s", one)
	}
}

// documentedUseCases are those of the toolkit's guide, in its order.
var documentedUseCases = []string{
	"flat monthly price with quantity",
	"flat yearly price with quantity",
	"two prices on one subscription",
	"one-off fee on the first invoice",
	"ad-hoc amount",
	"automatic charge",
	"invoice with 30 days",
	"due for renewal",
	"paid and in the middle of a period",
	"in trial",
	"past due",
	"to be canceled at the end of the cycle",
	"Stripe Tax",
	"manual tax rate",
	"external tax provider",
	"forever discount",
	"Stripe-to-Stripe",
}
