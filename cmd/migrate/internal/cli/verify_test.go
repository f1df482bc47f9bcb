package cli

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate/sandbox"
)

// twoAccounts serves a source and a destination account, whose IDs differ but for the customers.
func twoAccounts(t *testing.T) (source, destination string) {
	serve := func(seed, prefix string) string {
		box, err := sandbox.Open(sandbox.Options{Seed: seed})
		require.NoError(t, err)
		t.Cleanup(func() { box.Close() })
		require.NoError(t, box.Load(strings.NewReader(strings.ReplaceAll(`{"products": [{"id": "prod_A", "name": "A"}],
			"prices": [{"id": "price_XA", "product": "prod_A", "currency": "usd", "unit_amount": 1999, "recurring": {"interval": "month"}}],
			"coupons": [{"id": "XTEN", "percent_off": 10, "duration": "forever"}],
			"customers": [{"id": "cus_A", "email": "a@example.com", "invoice_settings": {"default_payment_method": "pm_card_visa"}}]}`, "X", prefix))))
		server := httptest.NewServer(box)
		t.Cleanup(server.Close)
		return server.URL
	}
	return serve("source", "old"), serve("destination", "")
}

// postTo changes something in an account, behind the program's back.
func postTo(t *testing.T, base, path string, form ...string) map[string]any {
	t.Helper()
	values := url.Values{}
	for _, one := range form {
		name, value, _ := strings.Cut(one, "=")
		values.Add(name, value)
	}
	req, err := http.NewRequest(http.MethodPost, base+path, strings.NewReader(values.Encode()))
	require.NoError(t, err)
	req.SetBasicAuth("sk_test_any", "")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var answer map[string]any
	require.NoError(t, json.NewDecoder(res.Body).Decode(&answer))
	require.Equal(t, 200, res.StatusCode, answer)
	return answer
}

// TestVerifyWithTheSource: from the run to a receipt, to a difference, to a coupon that is given back.
func TestVerifyWithTheSource(t *testing.T) {
	source, destination := twoAccounts(t)
	renewal := fmt.Sprint(time.Now().AddDate(0, 0, 10).Unix())
	old := postTo(t, source, "/v1/subscriptions", "customer=cus_A", "items[0][price]=price_oldA", "items[0][quantity]=2", "coupon=oldTEN",
		"billing_cycle_anchor="+renewal, "proration_behavior=none")["id"].(string)
	dir := t.TempDir()
	file, mapping := filepath.Join(dir, "subs.csv"), filepath.Join(dir, "map.csv")
	require.NoError(t, os.WriteFile(file, []byte("customer,start_date,price,quantity,coupon,metadata.old_Stripe_sub_id\ncus_A,"+renewal+",price_A,2,TEN,"+old+"\n"), 0o600))
	require.NoError(t, os.WriteFile(mapping, []byte("kind,source,destination\nprice,price_oldA,price_A\ncoupon,oldTEN,TEN\n"), 0o600))
	p := newProgram(t, keyVariable+"=sk_test_any", sourceKeyVariable+"=rk_test_source")
	out, said, code := p.output("run", "--yes", "--api-base", destination, file, "-o", "json")
	require.Equal(t, ExitDone, code, said)
	id := migrationID(out)

	verify := func(words ...string) (string, string, int) {
		return p.output(append([]string{"verify", "--api-base", destination, "--source-api-base", source, "--map", mapping, id}, words...)...)
	}
	out, said, code = verify("--preview", "1", "--out", filepath.Join(dir, "proof"))
	require.Equal(t, ExitDone, code, said+out)
	require.Contains(t, out, "verified    1 of 1 row\n")
	require.Contains(t, said, "and the source account acct_")
	receipt, err := os.ReadFile(filepath.Join(dir, "proof", id+".verified.json"))
	require.NoError(t, err)
	require.Contains(t, string(receipt), `"source_id": "`+old+`"`)
	require.NotContains(t, string(receipt), "source_test")

	postTo(t, source, "/v1/subscriptions/"+old, "cancel_at_period_end=true")
	out, _, code = verify()
	require.Equal(t, ExitDifferent, code)
	require.Contains(t, out, "line 2 (row 1), cus_A, source "+old+":\n  The customer has canceled the old subscription since the file was made")
	require.Contains(t, out, "\n  (cancel_at_period_end: true, and not false)\n")
	out, _, code = verify("-o", "csv")
	require.Equal(t, ExitDifferent, code)
	require.Contains(t, out, "source,cancel_at_period_end,false,true,\"The customer has canceled")
	_, said, code = verify("--receipt", filepath.Join(dir, "none.csv"))
	require.Equal(t, ExitDifferent, code)
	require.Contains(t, said, "No receipt: there is one when nothing differs.")
	require.NoFileExists(t, filepath.Join(dir, "none.csv"))
	postTo(t, source, "/v1/subscriptions/"+old, "cancel_at_period_end=false")

	// The coupon is lost, and given back.
	var lost struct {
		Differences []struct {
			Schedule string `json:"schedule_id"`
			Field    string
		}
		Repairs []struct{ Request string }
	}
	schedule := schedulesOn(t, destination)[0]
	postTo(t, destination, "/v1/subscription_schedules/"+schedule, "phases[0][start_date]="+renewal, "phases[0][iterations]=1", "phases[0][items][0][price]=price_A",
		"phases[0][items][0][quantity]=2", "phases[0][metadata][old_Stripe_sub_id]="+old, "phases[0][metadata][subferry]="+id+"/1")
	out, said, code = verify("--repair", "-o", "json")
	require.Equal(t, ExitDifferent, code, said)
	require.NoError(t, json.Unmarshal([]byte(out), &lost))
	require.Equal(t, "coupon", lost.Differences[0].Field)
	require.Contains(t, lost.Repairs[0].Request, "POST /v1/subscription_schedules/"+lost.Differences[0].Schedule)
	require.Contains(t, said, "Nothing was changed. To give 1 coupon back: ")
	_, said, code = verify("--repair", "--apply")
	require.Equal(t, ExitRefused, code, "nobody said yes")
	require.Contains(t, said, "--yes")
	log := filepath.Join(dir, "log.jsonl")
	out, said, code = verify("--repair", "--apply", "--yes", "--log", log)
	require.Equal(t, ExitDone, code, said+out)
	require.Contains(t, out, "line 2: the coupon TEN is there again")
	written, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Contains(t, string(written), "coupon is about to be given back")

	// The source's key must not be the destination's.
	_, said, code = p.output("verify", "--api-base", destination, "--source-api-base", destination, id)
	require.Equal(t, ExitRefused, code)
	require.Contains(t, said, "is the account that "+id+" was run in")
}

// schedulesOn returns the IDs of the schedules of a served account.
func schedulesOn(t *testing.T, base string) (ids []string) {
	req, err := http.NewRequest(http.MethodGet, base+"/v1/subscription_schedules", nil)
	require.NoError(t, err)
	req.SetBasicAuth("sk_test_any", "")
	res, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer res.Body.Close()
	var list struct{ Data []struct{ ID string } }
	require.NoError(t, json.NewDecoder(res.Body).Decode(&list))
	for _, one := range list.Data {
		ids = append(ids, one.ID)
	}
	return ids
}

// TestTheSourceAccountIsAskedForItsIDs: an ID that the destination does not know is looked for in the source account.
func TestTheSourceAccountIsAskedForItsIDs(t *testing.T) {
	source, destination := twoAccounts(t)
	file := filepath.Join(t.TempDir(), "subs.csv")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "customer,start_date,price,coupon\ncus_A,%d,price_oldA,nowhere\n", time.Now().AddDate(0, 0, 10).Unix()), 0o600))
	p := newProgram(t, keyVariable+"=sk_test_any", sourceKeyVariable+"=rk_test_source")
	out, said, code := p.output("validate", "--online", "--api-base", destination, "--source-api-base", source, file)
	require.Equal(t, ExitInvalid, code, said)
	require.Contains(t, out, `price "price_oldA": this is the source account's ID; the destination account has another one`)
	require.Contains(t, out, `coupon "nowhere": the account has no coupon with this ID`)
	out, _, code = newProgram(t, keyVariable+"=sk_test_any", sourceKeyVariable+"=").output("validate", "--online", "--api-base", destination, file)
	require.Equal(t, ExitInvalid, code)
	require.Contains(t, out, `price "price_oldA": the account has no price with this ID`)
}

// TestTheTermsOfTheMapAreComparedOnline: a price of the map that costs something else, and a coupon that takes less off.
func TestTheTermsOfTheMapAreComparedOnline(t *testing.T) {
	source, destination := twoAccounts(t)
	postTo(t, destination, "/v1/coupons", "id=LESS", "percent_off=5", "duration=forever")
	team := postTo(t, destination, "/v1/prices", "currency=usd", "product=prod_A", "unit_amount=4900", "recurring[interval]=month")["id"].(string)
	dir := t.TempDir()
	file, mapping := filepath.Join(dir, "subs.csv"), filepath.Join(dir, "map.csv")
	require.NoError(t, os.WriteFile(file, fmt.Appendf(nil, "customer,start_date,price,coupon\ncus_A,%d,%s,LESS\n", time.Now().AddDate(0, 0, 10).Unix(), team), 0o600))
	p := newProgram(t, keyVariable+"=sk_test_any", sourceKeyVariable+"=rk_test_source")
	for accepted, told := range map[string]bool{"yes": true, "different terms": false} {
		require.NoError(t, os.WriteFile(mapping, []byte("kind,source,destination,accepted\nprice,price_oldA,"+team+","+accepted+"\ncoupon,oldTEN,LESS,"+accepted+"\n"), 0o600))
		out, said, code := p.output("validate", "--online", "--api-base", destination, "--source-api-base", source, "--map", mapping, file)
		require.Equal(t, ExitDone, code, said+out)
		require.Equal(t, told, strings.Contains(out, "it is 49.00 USD every month, and price_oldA of the source account, which it stands for, is 19.99 USD every month."), out)
		require.Equal(t, told, strings.Contains(out, "it is 5 % off forever, and oldTEN of the source account, which it stands for, is 10 % off forever."), out)
	}
}

// TestTheNextCommandGoesToTheRightServer: what is suggested names the server of the account that is meant.
func TestTheNextCommandGoesToTheRightServer(t *testing.T) {
	source, destination := twoAccounts(t)
	p := newProgram(t, keyVariable+"=sk_test_any", sourceKeyVariable+"=rk_test_source")
	_, said, code := p.output("map", "propose", "--api-base", destination, "--source-api-base", source, "--out", filepath.Join(t.TempDir(), "prices.csv"))
	require.Equal(t, ExitDone, code, said)
	require.Contains(t, said, "--out subs.csv --api-base "+source)
}
