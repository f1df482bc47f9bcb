package cli

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/gateway"
	"github.com/subferry/subferry/migrate/serve"
	"github.com/subferry/subferry/migrate/serve/access"
	"github.com/subferry/subferry/migrate/serve/accounts"
	dashboard "github.com/subferry/subferry/migrate/serve/app"
	"github.com/subferry/subferry/migrate/serve/app/connect"
	"github.com/subferry/subferry/migrate/serve/store"
)

// What a service is told of the Stripe App, see examples/stripe-app. Secrets are in files, which are read whenever they
// are needed.
const (
	appSecretVariable     = "STRIPE_APP_SECRET_FILE"
	appIDVariable         = "STRIPE_APP_ID"
	appRolesVariable      = "STRIPE_APP_ROLES"
	connectClientVariable = "STRIPE_CONNECT_CLIENT_ID"
	connectKeyVariable    = "STRIPE_CONNECT_KEY_FILE"
)

// appClientID is what the app is called at the service's OAuth provider. It is public.
const appClientID = "subferry-app"

// withConnected adds the accounts that people have connected, when there is a platform's key to reach them with.
func (a *app) withConnected(c accounts.Config, others accounts.Accounts, kept *store.Store) accounts.Accounts {
	if a.env.getenv(connectKeyVariable) == "" {
		return others
	}
	return accounts.NewPlatform(c, others, func() (gateway.Key, error) { key, _, err := a.platformKey(); return key, err }, func(ctx context.Context) ([]migrate.Account, error) {
		found, err := kept.ConnectedAccounts(ctx)
		var all []migrate.Account
		for _, one := range found {
			all = append(all, migrate.Account{ID: one.Account, Livemode: one.Livemode})
		}
		return all, err
	})
}

// platformKey reads the platform's key, also as the text that Stripe's OAuth takes: something else than a key is not sent
// anywhere.
func (a *app) platformKey() (key gateway.Key, text string, err error) {
	if text, err = a.readKey(a.env.getenv(connectKeyVariable), connectKeyVariable); err != nil {
		return key, "", err
	}
	text = strings.TrimSpace(text)
	if key, err = gateway.NewKey(text); err != nil {
		return key, "", fmt.Errorf("%s: %w", connectKeyVariable, err)
	}
	return key, text, nil
}

// addDashboard adds the Stripe App's endpoints to a service that has its signing secret.
func (a *app) addDashboard(server *serve.Server, kept *store.Store, log *slog.Logger) error {
	file := a.env.getenv(appSecretVariable)
	if file == "" {
		for _, variable := range []string{appIDVariable, appRolesVariable, connectClientVariable} {
			if a.env.getenv(variable) != "" {
				return &usageError{fmt.Sprintf("%s is set, and %s is not: without the app's signing secret nothing that the app asks can be verified", variable, appSecretVariable)}
			}
		}
		return nil
	}
	secrets := func() ([]string, error) {
		text, err := a.readKey(file, appSecretVariable)
		if err != nil {
			return nil, err
		}
		return dashboard.Secrets(text)
	}
	if _, err := secrets(); err != nil {
		return err
	}
	roles, err := appRoles(a.env.getenv(appRolesVariable))
	if err != nil {
		return err
	}
	c := dashboard.Config{Secrets: secrets, StripeRoles: roles}
	if id, client := a.env.getenv(appIDVariable), a.env.getenv(connectClientVariable); id != "" || client != "" {
		if id == "" || client == "" || a.env.getenv(connectKeyVariable) == "" {
			return &usageError{fmt.Sprintf("connecting accounts needs all of %s, %s and %s", appIDVariable, connectClientVariable, connectKeyVariable)}
		}
		c.Provider, err = connect.New(connect.Config{
			Store: kept, ClientID: appClientID, Redirect: connect.Redirects(id), Public: server.PublicURL, Log: log, HTTP: &http.Client{Timeout: 20 * time.Second},
			Stripe: connect.Stripe{ClientID: client, Key: func() (string, error) { _, text, err := a.platformKey(); return text, err }},
		})
		if err != nil {
			return err
		}
	}
	server.Dashboard(c)
	return nil
}

// appRoles reads which role a role of Stripe's has here: admin=operator,super_admin=operator.
func appRoles(text string) (map[string]access.Role, error) {
	roles := map[string]access.Role{}
	for part := range strings.SplitSeq(text, ",") {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		id, name, found := strings.Cut(part, "=")
		role, err := access.ParseRole(name)
		if !found || id == "" || err != nil || role == access.Approver {
			return nil, &usageError{fmt.Sprintf("%s: %q was found, and ROLE=viewer or ROLE=operator expected, with Stripe's ID of the role: admin=operator", appRolesVariable, part)}
		}
		roles[id] = role
	}
	return roles, nil
}
