package house

import (
	"cmp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rooms are the project's rooms in the order of its arrows: a package imports from its own room or from an earlier one.
//
//	csvspec <- validate <- migrate <- cmd/migrate
var rooms = []string{"csvspec", "validate", "migrate", "cmd/migrate"}

// doors are the narrower arrows inside a room: all that these packages may import of the project. The longest name
// that fits a package counts.
var doors = map[string][]string{
	"csvspec":                   {"csvspec/internal"},
	"csvspec/internal/scan":     {},
	"csvspec/xlsx":              {"csvspec"},
	"csvspec/words":             {"csvspec"},
	"validate":                  {"csvspec", "validate"},
	"validate/account":          {"csvspec"},
	"validate/internal/dedupe":  {"csvspec", "validate/internal"},
	"migrate":                   {"csvspec", "validate", "migrate/schedule", "migrate/ledger", "migrate/pace", "migrate/internal/workers"},
	"migrate/internal/workers":  {},
	"migrate/schedule":          {"csvspec", "validate"}, // pure: a row into a schedule
	"migrate/pace":              {},
	"migrate/ledger":            {"csvspec"},
	"migrate/ledger/ledgertest": {"csvspec", "migrate/ledger"},
	"migrate/ledger/sqlite":     {"csvspec", "migrate/ledger"},
	"migrate/ledger/postgres":   {"csvspec", "migrate/ledger", "migrate/pace"},
	"migrate/gateway":           {"csvspec", "validate", "migrate", "migrate/schedule", "migrate/usage"},
	"migrate/usage":             {"csvspec", "validate", "migrate", "migrate/ledger", "migrate/internal/workers"},
	"validate/usage":            {"csvspec", "validate"},
	// api -> engine -> store -> object. Of the client only the table of currencies: both are written from Stripe's
	// documents alone.
	"migrate/sandbox":                      {"csvspec", "migrate/sandbox/internal"},
	"migrate/sandbox/internal/accountfile": {"csvspec", "migrate/sandbox/internal/api", "migrate/sandbox/internal/engine", "migrate/sandbox/internal/store", "migrate/sandbox/internal/object", "migrate/sandbox/internal/billing"},
	"migrate/sandbox/internal/api":         {"csvspec", "migrate/sandbox/internal/engine", "migrate/sandbox/internal/store", "migrate/sandbox/internal/object", "migrate/sandbox/internal/billing", "migrate/sandbox/internal/form", "migrate/sandbox/internal/shape", "migrate/sandbox/internal/apierr"},
	"migrate/sandbox/internal/engine":      {"csvspec", "migrate/sandbox/internal/store", "migrate/sandbox/internal/object", "migrate/sandbox/internal/billing"},
	"migrate/sandbox/internal/store":       {"migrate/sandbox/internal/store/disk", "migrate/sandbox/internal/object"},
	"migrate/sandbox/internal/store/disk":  {},
	"migrate/sandbox/internal/object":      {},
	"migrate/sandbox/internal/billing":     {},
	"migrate/sandbox/internal/shape":       {"migrate/sandbox/internal/form", "migrate/sandbox/internal/apierr"},
	"migrate/sandbox/internal/form":        {},
	"migrate/sandbox/internal/apierr":      {},

	"migrate/forecast":          {"csvspec", "validate", "migrate/schedule"}, // not the sandbox, with which it has to agree by itself
	"migrate/internal/page":     {"csvspec", "migrate/forecast", "migrate/internal/sums"},
	"migrate/internal/sums":     {"csvspec"},
	"migrate/internal/standing": {"csvspec", "validate/period", "migrate", "migrate/ledger"},
	"migrate/crashtest":         {"csvspec", "migrate/ledger", "migrate/sandbox"},
	"migrate/cutover":           {"csvspec", "migrate", "migrate/ledger", "migrate/schedule", "migrate/verify", "migrate/internal/standing", "migrate/internal/workers"},
	"migrate/monitor":           {"csvspec", "migrate", "migrate/ledger", "migrate/internal/standing", "migrate/internal/page"},
	"migrate/export":            {"csvspec", "validate", "migrate", "migrate/pace", "migrate/export"},
	"migrate/verify":            {"csvspec", "validate", "migrate", "migrate/schedule", "migrate/ledger", "migrate/forecast", "migrate/internal/standing"},
	"migrate/plan":              {"csvspec", "validate", "migrate", "migrate/schedule", "migrate/forecast", "migrate/internal/sums"},
	"migrate/plan/report":       {"csvspec", "validate/report", "migrate", "migrate/schedule", "migrate/forecast", "migrate/plan", "migrate/internal"},
	"migrate/rehearse": {"csvspec", "validate", "migrate", "migrate/schedule", "migrate/forecast", "migrate/plan", "migrate/gateway",
		"migrate/ledger", "migrate/pace", "migrate/sandbox", "migrate/rehearse", "migrate/internal"},
	"migrate/serve":             {"csvspec", "validate", "migrate", "migrate/ledger", "migrate/plan", "migrate/internal", "migrate/serve"},
	"migrate/serve/access":      {}, // who somebody is, and nothing about migrations
	"migrate/serve/page":        {"csvspec", "migrate/forecast", "migrate/internal/page"},
	"migrate/serve/store":       {"csvspec", "migrate", "migrate/ledger/postgres"},
	"migrate/serve/accounts":    {"csvspec", "validate", "migrate", "migrate/gateway", "migrate/ledger", "migrate/pace", "migrate/sandbox"},
	"migrate/serve/health":      {"csvspec", "migrate", "migrate/ledger", "migrate/serve/accounts", "migrate/serve/jobs", "migrate/serve/store"},
	"migrate/serve/app":         {"csvspec", "migrate", "migrate/serve/access", "migrate/serve/app/connect", "migrate/serve/jobs", "migrate/serve/store", "migrate/serve/webhooks"},
	"migrate/serve/app/connect": {"migrate", "migrate/serve/access", "migrate/serve/store"},
	"migrate/serve/cron":        {"csvspec", "migrate", "migrate/serve/store"},
	"migrate/serve/webhooks":    {"csvspec", "migrate", "migrate/cutover", "migrate/internal/standing", "migrate/ledger", "migrate/monitor", "migrate/schedule", "migrate/serve/store", "migrate/usage"},
	"migrate/serve/jobs": {"csvspec", "validate", "migrate", "migrate/cutover", "migrate/forecast", "migrate/gateway", "migrate/ledger", "migrate/monitor", "migrate/plan",
		"migrate/rehearse", "migrate/schedule", "migrate/verify", "migrate/serve/accounts", "migrate/serve/store"},
}

// keepers are the only packages that may import something, outside of tests: what is swapped or audited has one door.
var keepers = map[string][]string{
	"github.com/stripe/stripe-go":        {"migrate/gateway", "migrate/serve/webhooks"},
	"github.com/stripe/stripe-mock":      {},
	"github.com/gocarina/gocsv":          {"csvspec"},
	"github.com/go-playground/validator": {"validate"},
	"github.com/robfig/cron":             {"migrate/serve/cron"},
	"github.com/spf13/cobra":             {"cmd/migrate"},
	"go.yaml.in/yaml":                    {"cmd/migrate"},
	"github.com/schollz/progressbar":     {"cmd/migrate"},
	"golang.org/x/term":                  {"cmd/migrate"},
	"modernc.org/sqlite":                 {"migrate/ledger/sqlite", "migrate/sandbox/internal/store/disk", "migrate/serve/store"},
	"github.com/jackc/pgx":               {"migrate/ledger/postgres", "migrate/serve/store"},
	"github.com/go-oauth2/oauth2":        {"migrate/serve/app/connect"},
	"github.com/alexedwards/scs":         {"migrate/serve/access"},
	"github.com/coreos/go-oidc":          {"migrate/serve/access"},
	"golang.org/x/oauth2":                {"migrate/serve/access", "migrate/serve/app/connect"},
	"github.com/prometheus":              {"migrate/serve/health"},
	"github.com/riverqueue/river":        {"migrate/serve/jobs", "migrate/serve/health", "migrate/serve/cron", "migrate/serve/webhooks", "cmd/migrate"},
	"database/sql":                       {"migrate/ledger/sqlite", "migrate/sandbox/internal/store/disk", "migrate/serve/store", "migrate/serve/jobs"},                     // jobs: the queue's own file
	"net/http":                           {"migrate/gateway", "migrate/sandbox", "migrate/rehearse", "migrate/export", "migrate/crashtest", "migrate/serve", "cmd/migrate"}, // export: names of statuses, and a server for tests
	"net":                                {"migrate/gateway", "migrate/sandbox", "migrate/ledger/postgres", "migrate/serve", "cmd/migrate"},
	"os/exec":                            {"cmd/migrate", "migrate/ledger/postgres/pgtest"}, // to find the program on the PATH, nothing is started; pgtest: a database for tests
	"testing":                            {"migrate/ledger/ledgertest", "migrate/ledger/postgres/pgtest"},
	"github.com/stretchr/testify":        {"migrate/ledger/ledgertest", "migrate/ledger/postgres/pgtest"},
	"pgregory.net/rapid":                 {},
	"github.com/rogpeppe/go-internal":    {},
	"unsafe":                             {},
}

func TestImportsPointOneWay(t *testing.T) {
	var found []string
	for _, s := range sources(t) {
		for _, imported := range s.imports() {
			wrong := wrongArrow(s.pkg, imported)
			if s.test {
				wrong = wrongTestArrow(s.pkg, imported)
			}
			if wrong != "" {
				found = append(found, s.name+" imports "+imported+": "+wrong)
			}
		}
	}
	require.Empty(t, strings.Join(found, "\n"))
}

// wrongTestArrow judges a test's import. A test may use what it is compared with, but no later room.
func wrongTestArrow(from, to string) string {
	if !outside(from) && room(to) > room(from) {
		return "not even a test of an earlier room may"
	}
	return ""
}

// outside tells whether a package stands outside the rooms and uses them as anybody may.
func outside(pkg string) bool { return within(pkg, ".ci") || within(pkg, "examples") }

// wrongArrow says what is wrong with an import outside of tests, or "".
func wrongArrow(from, to string) string {
	if outside(from) {
		return ""
	}
	if room(to) >= 0 {
		return wrongDoor(from, to)
	}
	for guarded, allowed := range keepers {
		inside := func(dir string) bool { return within(from, dir) }
		if within(to, guarded) && !slices.ContainsFunc(allowed, inside) && !nearer(to, guarded) {
			return "only " + strings.Join(allowed, ", ") + " may"
		}
	}
	return ""
}

// wrongDoor judges an arrow between two packages of the project.
func wrongDoor(from, to string) string {
	if room(to) > room(from) {
		return "the arrows point the other way"
	}
	opened, narrow := doors[longest(from)]
	if narrow && !slices.ContainsFunc(opened, func(door string) bool { return opens(door, to) }) {
		return "by the table of doors, " + longest(from) + " may import " + cmp.Or(strings.Join(opened, ", "), "nothing of the project")
	}
	return ""
}

// opens tells whether a door leads to a package. A door to a room with narrower doors inside leads to the room's own
// package, others lead to what lies below as well.
func opens(door, to string) bool {
	if door == "migrate" || door == "migrate/ledger" || door == "migrate/sandbox/internal/store" {
		return door == to
	}
	return within(to, door)
}

// longest returns the entry of doors that fits a package best.
func longest(pkg string) string {
	best := ""
	for dir := range doors {
		if within(pkg, dir) && len(dir) > len(best) {
			best = dir
		}
	}
	return best
}

// nearer tells whether another entry of keepers fits an import better than this one: net/http has its own.
func nearer(to, guarded string) bool {
	for other := range keepers {
		if len(other) > len(guarded) && within(to, other) {
			return true
		}
	}
	return to != guarded && !strings.Contains(guarded, ".") // net/url is not net
}

// room returns the place of a package in the order of the rooms, or -1 when it is in none.
func room(pkg string) int {
	return slices.IndexFunc(rooms, func(dir string) bool { return within(pkg, dir) })
}

func TestWrongArrowsAreSeen(t *testing.T) {
	for _, arrow := range [][2]string{
		{"csvspec", "validate"}, {"csvspec", "csvspec/xlsx"}, {"validate", "migrate/ledger"},
		{"migrate", "migrate/gateway"}, {"migrate", "migrate/ledger/sqlite"}, {"migrate", "migrate/ledger/postgres"}, {"migrate/ledger/postgres", "migrate"}, {"migrate", "github.com/jackc/pgx/v5"}, {"migrate/sandbox", "validate"}, {"migrate/forecast", "migrate"}, {"migrate/schedule", "migrate"},
		{"migrate/sandbox/internal/billing", "migrate/sandbox/internal/object"}, {"migrate/sandbox/internal/store", "migrate/sandbox/internal/engine"},
		{"migrate/sandbox/internal/engine", "migrate/sandbox/internal/api"}, {"migrate/sandbox/internal/engine", "migrate/sandbox/internal/store/disk"},
		{"migrate/pace", "migrate"}, {"migrate", "cmd/migrate/internal/cli"},
		{"csvspec", "net/http"}, {"validate/report", "net"}, {"migrate", "net/http"}, {"migrate/ledger", "database/sql"},
		{"cmd/migrate/internal/cli", "github.com/stripe/stripe-go/v76"}, {"validate", "github.com/gocarina/gocsv"},
	} {
		require.NotEmpty(t, wrongArrow(arrow[0], arrow[1]), "%s may not import %s", arrow[0], arrow[1])
	}
	for _, arrow := range [][2]string{
		{"validate/report", "net/url"}, {"csvspec/xlsx", "csvspec"}, {"migrate/gateway", "github.com/stripe/stripe-go/v76/form"},
		{"migrate/sandbox", "migrate/sandbox/internal/form"}, {"cmd/migrate/internal/cli", "migrate/ledger/sqlite"}, {"cmd/migrate", "net/http"},
	} {
		require.Empty(t, wrongArrow(arrow[0], arrow[1]), "%s may import %s", arrow[0], arrow[1])
	}
}
