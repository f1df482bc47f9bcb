package propose_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/subferry/subferry/migrate"
	"github.com/subferry/subferry/migrate/export"
	"github.com/subferry/subferry/migrate/export/propose"
	"github.com/subferry/subferry/migrate/pace"
	"github.com/subferry/subferry/validate/convert"
)

func raws(texts ...string) (all []json.RawMessage) {
	for _, t := range texts {
		all = append(all, json.RawMessage(t))
	}
	return all
}

// price returns a monthly price in USD; more is further JSON, which counts where names repeat.
func price(id string, amount, more string) string {
	return `{"id":"` + id + `","active":true,"currency":"usd","billing_scheme":"per_unit","product":"prod_1","tax_behavior":"exclusive",
		"recurring":{"interval":"month","interval_count":1,"usage_type":"licensed"},"unit_amount":` + amount + more + `}`
}

const products = `{"id":"prod_1","name":"Gold"}`

func TestPrices(t *testing.T) {
	yearly := `,"recurring":{"interval":"year","interval_count":1,"usage_type":"licensed"}`
	tiers := `,"billing_scheme":"tiered","unit_amount":null,"tiers_mode":"volume","tiers":[{"up_to":10,"unit_amount":5,"unit_amount_decimal":"5","flat_amount":null},{"up_to":null,"unit_amount":4}]`
	for name, c := range map[string]struct {
		source string
		to     []string
		want   string
		sure   propose.Confidence
		why    string
	}{
		"lookup key":             {price("a", "1000", `,"lookup_key":"gold"`), []string{price("b", "1000", ""), price("c", "1000", `,"lookup_key":"gold"`)}, "c", propose.Sure, "same lookup key gold, and equal currency, amount"},
		"lookup key, amount":     {price("a", "1000", `,"lookup_key":"gold"`), []string{price("c", "1200", `,"lookup_key":"gold"`)}, "", propose.Open, "same lookup key gold, but terms differ: amount is 1000 here and 1200 there"},
		"lookup key over amount": {price("a", "1000", `,"lookup_key":"gold"`), []string{price("b", "1000", ""), price("c", "1200", `,"lookup_key":"gold"`)}, "", propose.Open, "terms differ"},
		"metadata there":         {price("a", "1000", ""), []string{price("b", "1000", ""), price("c", "1000", `,"metadata":{"old":"a"}`)}, "c", propose.Sure, "its metadata old names a"},
		"metadata here":          {price("a", "1000", `,"metadata":{"new":"c"}`), []string{price("b", "1000", ""), price("c", "1000", "")}, "c", propose.Sure, "the metadata new of a names it"},
		"same ID":                {price("gold", "1000", ""), []string{price("gold", "1000", ""), price("x", "1000", "")}, "gold", propose.Sure, "same ID"},
		"name":                   {price("a", "1000", ""), []string{price("b", "1000", ""), price("c", "1000", `,"product":"prod_2"`)}, "b", propose.Likely, "of 2 with equal terms, the only one with the same name"},
		"nickname":               {price("a", "1000", `,"nickname":"Team"`), []string{price("b", "1000", ""), price("c", "1000", `,"nickname":"team"`)}, "c", propose.Likely, "the same nickname"},
		"same metadata":          {price("a", "1000", `,"metadata":{"sku":"1"}`), []string{price("b", "1000", `,"metadata":{"sku":"1"}`), price("c", "1000", `,"metadata":{"sku":"2"}`)}, "b", propose.Likely, "the same metadata"},
		"terms alone":            {price("a", "1000", ""), []string{price("b", "1000", `,"product":"prod_2"`)}, "b", propose.Possible, "names and metadata do not say"},
		"several":                {price("a", "1000", ""), []string{price("b", "1000", ""), price("c", "1000", "")}, "", propose.Open, "2 in the destination account have equal terms"},
		"named twice":            {price("a", "1000", ""), []string{price("b", "1000", `,"metadata":{"old":"a"}`), price("c", "1200", `,"metadata":{"old":"a"}`)}, "b", propose.Likely, "of those that are named, the only one with equal terms"},
		"named twice, equal":     {price("a", "1000", ""), []string{price("b", "1000", `,"metadata":{"old":"a"}`), price("c", "1000", `,"metadata":{"old":"a"}`)}, "", propose.Open, "2 are named"},
		"archived":               {price("a", "1000", ""), []string{price("b", "1000", `,"active":false`)}, "", propose.Open, "b would fit, but it is archived"},
		"other interval":         {price("a", "1000", ""), []string{price("b", "1000", yearly)}, "", propose.Open, "nothing in the destination account has equal terms"},
		"other count":            {price("a", "1000", ""), []string{price("b", "1000", `,"recurring":{"interval":"month","interval_count":2}`)}, "", propose.Open, "nothing"},
		"12 months are a year":   {price("a", "19000", `,"recurring":{"interval":"month","interval_count":12}`), []string{price("b", "19000", yearly), price("c", "1000", "")}, "b", propose.Likely, "same name, and equal currency, amount, interval"},
		"other usage":            {price("a", "1000", ""), []string{price("b", "1000", `,"recurring":{"interval":"month","usage_type":"metered"}`)}, "", propose.Open, "nothing"},
		"other tax behavior":     {price("a", "1000", ""), []string{price("b", "1000", `,"tax_behavior":"inclusive"`)}, "", propose.Open, "nothing"},
		"other currency":         {price("a", "1000", ""), []string{price("b", "1000", `,"currency":"eur"`)}, "", propose.Open, "nothing"},
		"fractions":              {price("a", "null", `,"unit_amount_decimal":"0.5"`), []string{price("b", "null", `,"unit_amount_decimal":"0.6"`), price("c", "null", `,"unit_amount_decimal":"0.5"`)}, "c", propose.Likely, "same name"},
		"a currency more":        {price("a", "1000", `,"currency_options":{"usd":{"unit_amount":1000},"eur":{"unit_amount":900}}`), []string{price("b", "1000", "")}, "", propose.Open, "nothing"},
		"tiers":                  {price("a", "0", tiers), []string{price("b", "0", strings.Replace(tiers, `,"unit_amount_decimal":"5"`, "", 1)), price("c", "0", strings.Replace(tiers, "10", "20", 1))}, "b", propose.Likely, "same name"},
		"tiers not read":         {price("a", "0", `,"lookup_key":"x"`+strings.Split(tiers, `,"tiers":`)[0]), []string{price("b", "0", `,"lookup_key":"x"`+tiers)}, "", propose.Open, "the tiers could not be compared"},
		"nothing there":          {price("a", "1000", ""), nil, "", propose.Open, "create it there"},
	} {
		got, err := propose.Propose(propose.Catalog{Prices: raws(c.source), Products: raws(products)},
			propose.Catalog{Prices: raws(c.to...), Products: raws(products, `{"id":"prod_2","name":"Silver"}`)})
		require.NoError(t, err, name)
		require.Equal(t, convert.KindPrice, got[0].Kind)
		require.Equal(t, c.want, got[0].Destination, "%s: %s", name, got[0].Why)
		require.Equal(t, c.sure, got[0].Confidence, "%s: %s", name, got[0].Why)
		require.Contains(t, got[0].Why, c.why, name)
		if c.sure == propose.Open && len(c.to) > 1 {
			require.NotEmpty(t, got[0].Candidates, name)
		}
	}
}

func TestOtherKinds(t *testing.T) {
	source := propose.Catalog{
		Products: raws(products, `{"id":"prod_2","name":"Silver"}`, `{"id":"prod_3","name":"Lead"}`, `{"id":"prod_4","name":""}`),
		Coupons: raws(`{"id":"VIP","percent_off":25,"duration":"forever","valid":true}`, `{"id":"SPRING","percent_off":10,"duration":"repeating","duration_in_months":3}`,
			`{"id":"OFF","amount_off":500,"currency":"usd","duration":"once","name":"Five"}`, `{"id":"GONE","percent_off":5,"duration":"once"}`),
		TaxRates: raws(`{"id":"txr_1","percentage":19,"inclusive":false,"country":"DE","display_name":"USt","active":true}`),
	}
	got, err := propose.Propose(source, propose.Catalog{
		Products: raws(`{"id":"prod_1","name":"Gold (new)"}`, `{"id":"prod_B","name":"silver"}`, `{"id":"prod_C","name":""}`),
		Coupons: raws(`{"id":"VIP","percent_off":25.0,"duration":"forever","valid":true}`, `{"id":"SPRING","percent_off":10,"duration":"repeating","duration_in_months":6}`,
			`{"id":"o1","amount_off":500,"currency":"usd","duration":"once","name":"Five"}`, `{"id":"GONE","percent_off":5,"duration":"once","valid":false}`),
		TaxRates: raws(`{"id":"txr_A","percentage":19.0,"inclusive":false,"country":"DE","display_name":"VAT"}`, `{"id":"txr_B","percentage":19,"inclusive":true,"country":"DE"}`),
	})
	require.NoError(t, err)
	var lines []string
	for _, p := range got {
		lines = append(lines, strings.Join([]string{string(p.Kind), p.Source, p.Destination, string(p.Confidence), p.Why}, " "))
	}
	require.Equal(t, []string{
		"coupon GONE  open nothing in the destination account has equal terms: create it there; GONE would fit, but it is not valid any more",
		"coupon OFF o1 likely same name, and equal discount, duration",
		"coupon SPRING  open same ID, but terms differ: duration is for 3 months here and for 6 months there",
		"coupon VIP VIP sure same ID, and equal discount, duration",
		"tax_rate txr_1 txr_A possible equal percentage, inclusive or exclusive, country; names and metadata do not say that it is the same",
		"product prod_1 prod_1 sure same ID",
		"product prod_2 prod_B likely same name",
		"product prod_3  open nothing in the destination account has equal terms: create it there",
		"product prod_4  open nothing in the destination account has equal terms: create it there",
	}, lines)
}

// Two of the source's prices may become one; that has to be wanted, and the file says so.
func TestOneForTwo(t *testing.T) {
	got, err := propose.Propose(propose.Catalog{Prices: raws(price("a", "1000", ""), price("b", "1000", "")), Products: raws(products)},
		propose.Catalog{Prices: raws(price("c", "1000", "")), Products: raws(products)})
	require.NoError(t, err)
	require.Equal(t, propose.Possible, got[0].Confidence)
	require.Contains(t, got[0].Why, "; it is proposed for b as well")
	require.Contains(t, got[1].Why, "; it is proposed for a as well")
}

// What is written is refused until a person has filled it in, and harmless in a spreadsheet.
func TestWrittenFileIsRefusedUnseen(t *testing.T) {
	all := []propose.Proposal{
		{Kind: convert.KindPrice, Source: "a", Destination: "b", Confidence: propose.Sure, Why: "same lookup key", SourceIs: `=HYPERLINK("x")`},
		{Kind: convert.KindCoupon, Source: "c", Confidence: propose.Open},
	}
	var out bytes.Buffer
	require.NoError(t, propose.Write(&out, all))
	require.Contains(t, out.String(), "'=HYPERLINK")
	unreviewed := (*convert.UnreviewedError)(nil)
	_, err := convert.ReadMap(bytes.NewReader(out.Bytes()))
	require.ErrorAs(t, err, &unreviewed)
	require.Equal(t, []int{2}, unreviewed.Lines)
	records, err := csv.NewReader(&out).ReadAll()
	require.NoError(t, err)
	records[1][3] = "yes"
	var filled bytes.Buffer
	require.NoError(t, csv.NewWriter(&filled).WriteAll(records))
	m, err := convert.ReadMap(&filled)
	require.NoError(t, err)
	require.Equal(t, convert.Map{convert.KindPrice: {"a": "b"}}, m)
}

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "account.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"account":{"id":"acct_1"},"prices":[`+price("a", "1", "")+`],"customers":[]}`), 0o600))
	c, err := propose.ReadFile(file)
	require.NoError(t, err)
	require.Len(t, c.Prices, 1)
	_, err = propose.ReadFile(dir)
	require.ErrorContains(t, err, "has neither prices.ndjson nor coupons.ndjson")
	require.NoError(t, os.WriteFile(filepath.Join(dir, "prices.ndjson"), []byte(`{"id":"a"}`+"\n"+`{"id":"b","product":{"id":"prod_9"}}`), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "products.ndjson"), []byte(`{"id":"prod_9"}`+"\n"+`{"id":"prod_8"}`+"\n"), 0o600))
	c, err = propose.ReadFile(dir)
	require.NoError(t, err)
	require.Len(t, c.Prices, 2)
	some := c.Only(export.Names{Prices: map[string]bool{"b": true}})
	require.Len(t, some.Prices, 1)
	require.Len(t, some.Products, 1)
	for text, want := range map[string]string{"{}": "has no products, prices", "customer,start_date\n": "is no account file"} {
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
		_, err = propose.ReadFile(file)
		require.ErrorContains(t, err, want)
	}
}

// pages is an account whose lists have two pages.
type pages struct{ asked []string }

func (p *pages) Read(_ context.Context, path string, q url.Values) (json.RawMessage, error) {
	p.asked = append(p.asked, path+" "+strings.Join(q["expand[]"], ","))
	if q.Get("starting_after") == "" {
		return json.RawMessage(`{"object":"list","has_more":true,"data":[{"id":"one"}]}`), nil
	}
	return json.RawMessage(`{"object":"list","has_more":false,"data":[{"id":"two"}]}`), nil
}

func TestRead(t *testing.T) {
	source, clock := &pages{}, migrate.SystemClock{}
	c, err := propose.Read(context.Background(), export.New(export.Config{Source: source, Pacer: pace.New(clock, 0), Clock: clock}))
	require.NoError(t, err)
	for _, list := range [][]json.RawMessage{c.Products, c.Prices, c.Coupons, c.TaxRates} {
		require.Len(t, list, 2)
	}
	require.Contains(t, source.asked, "/v1/prices data.currency_options,data.tiers")
}
