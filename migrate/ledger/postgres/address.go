package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

const (
	defaultSchema = "subferry"
	poolSize      = 4 // connections for reading, unless the address says pool_max_conns
	connectWithin = 10 * time.Second
)

// ErrAddress is the error of an address that is none of a Postgres database. It never says what was found in its place: a
// password with a special character makes any part of an address look like any other.
var ErrAddress = errors.New("the address of the ledger's database is not understood: expected " +
	"postgres://USER:PASSWORD@HOST:PORT/DATABASE, with every / ? # @ : % of the password written as %2F %3F %23 %40 %3A %25")

var (
	plainName  = regexp.MustCompile(`^[A-Za-z0-9_-]{1,63}$`)
	quotedName = regexp.MustCompile(`^"([^"]*)"$`)
)

// address is a database and a schema in it.
type address struct {
	pool   *pgxpool.Config
	schema string
	label  string // without the password
}

// parse reads an address. Its errors repeat nothing of it.
func parse(text string) (address, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" || u.Opaque != "" || strings.Contains(text, "#") ||
		strings.Contains(u.EscapedPath()+u.RawQuery, "@") || strings.Count(u.Path, "/") > 1 {
		return address{}, ErrAddress
	}
	_, sized := u.Query()["pool_max_conns"]
	cfg, err := pgxpool.ParseConfig(text)
	if err != nil {
		return address{}, fmt.Errorf("%w; or one of its parameters is unknown, or names a file that cannot be read", ErrAddress)
	}
	if !sized {
		cfg.MaxConns = poolSize
	}
	a := address{pool: cfg, schema: defaultSchema}
	conn := cfg.ConnConfig
	if path := conn.RuntimeParams["search_path"]; path != "" {
		first, _, _ := strings.Cut(path, ",")
		a.schema = strings.ToLower(strings.TrimSpace(first))
		if quoted := quotedName.FindStringSubmatch(strings.TrimSpace(first)); quoted != nil {
			a.schema = quoted[1]
		}
		if !plainName.MatchString(a.schema) {
			return address{}, fmt.Errorf("%w; or its search_path begins with something else than a name of letters, digits, _ and -", ErrAddress)
		}
	}
	delete(conn.RuntimeParams, "search_path") // it is set after connecting, because poolers refuse it before
	conn.ConnectTimeout = cmp.Or(conn.ConnectTimeout, connectWithin)
	if conn.ValidateConnect == nil { // of several hosts, one that can be written to
		conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsReadWrite
	}
	shown := url.URL{Scheme: "postgres", User: url.User(conn.User), Host: net.JoinHostPort(conn.Host, strconv.Itoa(int(conn.Port))), Path: "/" + conn.Database}
	if strings.HasPrefix(conn.Host, "/") { // a directory of sockets
		shown.Host, shown.RawQuery = "", "host="+conn.Host
	}
	a.label = shown.String()
	if a.schema != defaultSchema {
		a.label += " schema " + a.schema
	}
	cfg.AfterConnect = func(ctx context.Context, c *pgx.Conn) error { return a.tune(ctx, c, "force_custom_plan") }
	return a, nil
}

// settings are what a connection needs to keep a lock for hours, to notice within half a minute that the other side is
// gone, and to tell the truth about what is durable. Compiling statements (jit) takes longer than
// ours do; and a page has to be read from where the last one ended, along the primary key, while a planner without statistics
// would read and sort all that comes behind (enable_sort). Which of them exist depends on the server's version.
const settings = `
	SELECT set_config(name, wanted, false) FROM (VALUES
		('idle_session_timeout', '0'), ('idle_in_transaction_session_timeout', '0'), ('transaction_timeout', '0'),
		('statement_timeout', '0'), ('lock_timeout', '0'), ('default_transaction_isolation', 'read committed'),
		('tcp_keepalives_idle', '10'), ('tcp_keepalives_interval', '5'), ('tcp_keepalives_count', '3'), ('tcp_user_timeout', '25000'),
		('search_path', $1), ('plan_cache_mode', $2), ('jit', 'off'), ('enable_sort', 'off'),
		('synchronous_commit', CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END)
	) AS ours (name, wanted) JOIN pg_settings USING (name)`

func (a address) tune(ctx context.Context, c *pgx.Conn, planning string) error {
	_, err := c.Exec(ctx, settings, pgx.QueryExecModeExec, pgx.Identifier{a.schema}.Sanitize(), planning)
	return err
}
