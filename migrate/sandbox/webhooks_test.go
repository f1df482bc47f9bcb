package sandbox

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/stripe/stripe-go/v76/webhook"
)

// TestWebhooksAreSignedAsStripeSigns receives every event of a schedule's life and has stripe-go verify each.
func TestWebhooksAreSignedAsStripeSigns(t *testing.T) {
	const secret = "whsec_test"
	got := make(chan string, 100)
	refuse := 1
	receiver := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || refuse > 0 {
			refuse--
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		event, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), secret)
		if err != nil {
			got <- err.Error()
			return
		}
		if _, err := webhook.ConstructEvent(body, r.Header.Get("Stripe-Signature"), "whsec_other"); !errors.Is(err, webhook.ErrNoValidSignature) {
			got <- "the signature is valid under another secret"
			return
		}
		got <- string(event.Type)
	}))
	defer receiver.Close()
	b := open4test(t, Options{Now: time.Now, Webhook: Webhook{URL: receiver.URL, Secret: secret}})
	b.stock()
	id := b.post(schedulesPath, schedule("start_date=now")...).ok().text("id")
	b.post(schedulesPath+"/"+id+"/cancel", "prorate=false", "invoice_now=false").ok()

	var types []string
	for range 5 {
		select {
		case one := <-got:
			types = append(types, one)
		case <-time.After(10 * time.Second):
			require.Fail(t, "an event did not arrive", strings.Join(types, " "))
		}
	}
	require.Equal(t, []string{"subscription_schedule.created", "invoice.created", "customer.subscription.created",
		"subscription_schedule.updated", "customer.subscription.deleted"}, types, "in order, and tried again after a 500")
	require.EqualValues(t, 1, b.get("/v1/events", "limit=1").ok().number("data.0.pending_webhooks"))
}
