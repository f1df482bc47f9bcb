package convert_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/xuri/excelize/v2"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/validate"
	"github.com/subferry/subferry/validate/convert"
	"github.com/subferry/subferry/validate/dates"
)

var now = time.Date(2026, 11, 26, 0, 0, 0, 0, time.UTC)

func options() convert.Options {
	return convert.Options{Now: now, Map: convert.Map{
		convert.KindPrice: {"price_T": "price_New"}, convert.KindCoupon: {"SPRING": "spring_left"}, convert.KindTaxRate: {"19.0": "txr_Vat"},
	}}
}

// made converts an export and returns the lines of the file, and what was left out as "class: reason".
func made(t *testing.T, export string, opts convert.Options) (lines, left []string, result convert.Result) {
	t.Helper()
	var out bytes.Buffer
	result, err := convert.File(context.Background(), strings.NewReader(export), &out, opts, func(l convert.Left) error {
		left = append(left, string(l.Class)+": "+l.Reason)
		return nil
	})
	require.NoError(t, err)
	return strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n"), left, result
}

const header = "id,Customer ID,Plan,Quantity,Status,Created (UTC),Start Date (UTC),Current Period End (UTC)"

func TestFile(t *testing.T) {
	lines, left, result := made(t, header+"\nsub_1,cus_A,price_T,1,active,2024-01-01 10:00,2024-01-01 10:00,2027-02-01 10:00\n"+
		"sub_2,cus_B,price_T,3.0,trialing,2026-11-20 10:00,2026-11-20 10:00,2026-12-20 10:00:30\n", options())
	require.Equal(t, []string{
		"customer,start_date,price,quantity,backdate_start_date,proration_behavior,metadata.old_Stripe_sub_id,metadata.source",
		"cus_A,1801476000,price_New,1,1704103200,none,sub_1,internal:Stripe",
		"cus_B,1797760830,price_New,3,1795168800,none,sub_2,internal:Stripe",
	}, lines)
	require.Empty(t, left)
	require.Equal(t, convert.Result{Rows: 2, Converted: 2, Unused: []string{"Created (UTC)"}, Columns: strings.Split(header, ",")}, result)

	// What was made is a file of the format, without errors.
	report, err := validate.File(context.Background(), "subs.csv", strings.NewReader(strings.Join(lines, "\n")), validate.Options{Now: now})
	require.NoError(t, err)
	require.Equal(t, 2, report.Valid, "%v", report.Findings)
}

func TestAllColumns(t *testing.T) {
	lines, _, result := made(t, "\uFEFFid;Customer ID;Plan;Quantity;Currency;Status;Start Date (UTC);Current Period End (UTC);Trial End (UTC);Coupon;Tax Percent;Collection Method;"+
		"Days Until Due;Cancel At Period End;Application Fee Percent;orderID (metadata);source (metadata);Customer Email\n"+
		"sub_1;cus_A;price_T;;EUR;active;2024-01-01 10:00;2027-02-01 10:00;;SPRING;19.0;send_invoice;30;false;0;A-1;web;a@example.com\n"+
		"sub_2;cus_B;price_T;2;EUR;trialing;2024-01-01 10:00;2027-02-01 10:00;2027-02-01 10:00;;0.0;charge_automatically;;false;;;web;\n", options())
	require.Equal(t, []string{
		"customer,start_date,price,quantity,currency,coupon,default_tax_rate,collection_method,days_until_due,backdate_start_date,proration_behavior,metadata.old_Stripe_sub_id,metadata.source,metadata.orderID",
		"cus_A,1801476000,price_New,,eur,spring_left,txr_Vat,send_invoice,30,1704103200,none,sub_1,internal:Stripe,A-1",
		"cus_B,1801476000,price_New,2,eur,,,charge_automatically,,1704103200,none,sub_2,internal:Stripe,",
	}, lines)
	require.Equal(t, []string{"source (metadata)", "Customer Email"}, result.Unused)
}

// Rows that must not begin anew, or of which not everything is known, are handed back.
func TestLeft(t *testing.T) {
	const head = "id,Customer ID,Plan,Quantity,Status,Start Date (UTC),Current Period End (UTC),Trial End (UTC),Canceled At (UTC),Ended At (UTC),Cancel At (UTC),Cancel At Period End,Application Fee Percent,Collection Method,Days Until Due\n"
	row := func(changes ...string) string {
		cells := []string{"sub_1", "cus_A", "price_T", "1", "active", "2024-01-01 10:00", "2027-02-01 10:00", "", "", "", "", "false", "", "", ""}
		names := strings.Split(strings.TrimSpace(head), ",")
		for i := 0; i < len(changes); i += 2 {
			for j, name := range names {
				if name == changes[i] {
					cells[j] = changes[i+1]
				}
			}
		}
		return strings.Join(cells, ",") + "\n"
	}
	_, left, _ := made(t, head+row(), options())
	require.Empty(t, left)
	for _, c := range []struct {
		row, want string
	}{
		{row("Status", "canceled"), "ended: its status is canceled"},
		{row("Status", "incomplete_expired"), "ended: its status is incomplete_expired"},
		{row("Ended At (UTC)", "2026-01-01 10:00"), "ended: it ended at 2026-01-01 10:00"},
		{row("Cancel At Period End", "TRUE"), "ending: it is canceled for the end of the period that is paid"},
		{row("Cancel At (UTC)", "2028-01-01 10:00"), "ending: it ends at 2028-01-01 10:00, and the format has no end date"},
		{row("Canceled At (UTC)", "2026-01-01 10:00"), "ending: it was canceled at 2026-01-01 10:00"},
		{row("Status", "past_due"), "waiting: its status is past_due: --include past_due takes such rows"},
		{row("Status", "Past Due"), "waiting: its status is past_due"},
		{row("Status", "paused"), "waiting: its status is paused"},
		{row("Status", "sleeping"), `unclear: the status "sleeping" is not known`},
		{row("id", ""), "unclear: it has no ID"},
		{row("Customer ID", ""), "unclear: it has no customer"},
		{row("Plan", ""), "unclear: it names no plan"},
		{row() + row(), "several: sub_1 stands in 2 rows"},
		{row("Quantity", "1.5"), `unclear: the quantity "1.5" is not a whole number`},
		{row("Application Fee Percent", "2.5"), "unclear: it has an application fee of 2.5 percent"},
		{row("Collection Method", "send_invoice"), "unclear: it is invoiced, and the export does not say in how many days"},
		{row("Collection Method", "by hand"), `unclear: the collection method "by_hand" is not known`},
		{row("Collection Method", "charge_automatically", "Days Until Due", "30"), `unclear: "30" days until due do not fit`},
		{row("Status", "trialing", "Trial End (UTC)", "2027-03-01 10:00"), "unclear: its trial ends at 2027-03-01 10:00, which is not the end of its period"},
		{row("Current Period End (UTC)", "soon"), `unclear: the end of its period, "soon", cannot be read as a date`},
		{row("Current Period End (UTC)", ""), `unclear: the end of its period, "", cannot be read as a date`},
		{row("Start Date (UTC)", "long ago"), `unclear: its start, "long ago", cannot be read as a date`},
		{row("Current Period End (UTC)", "2026-11-01 10:00"), "passed: its period ended at 2026-11-01 10:00"},
	} {
		lines, left, result := made(t, head+c.row, options())
		require.NotEmpty(t, left, c.want)
		require.Contains(t, left[0], c.want)
		require.Len(t, lines, 1, "only the header is written")
		require.Equal(t, result.Rows, result.Left)
	}
	opts := options()
	opts.Include = []string{"past_due"}
	lines, left, _ := made(t, head+row("Status", "past_due"), opts)
	require.Empty(t, left)
	require.Len(t, lines, 2)
}

// What the export does not know is asked for, all of it at once, and nothing is written.
func TestNeeds(t *testing.T) {
	export := "id,Customer ID,Plan,Status,Current Period End,Coupon,Tax Percent\n" +
		"sub_1,cus_A,price_T,active,1/2/2027 10:00,SPRING,19.0\nsub_2,cus_B,price_U,active,2027-02-01 10:00,,\nsub_3,cus_C,price_U,active,2027-02-01 10:00,,\n" +
		"sub_4,cus_D,price_Old,canceled,2020-02-01 10:00,,\n"
	var out bytes.Buffer
	_, err := convert.File(context.Background(), strings.NewReader(export), &out, convert.Options{Now: now}, nil)
	var needs *convert.NeedsError
	require.ErrorAs(t, err, &needs)
	require.Equal(t, &convert.NeedsError{Zone: true, Order: true, Missing: []convert.Pair{
		{convert.KindPrice, "price_T"}, {convert.KindCoupon, "SPRING"}, {convert.KindTaxRate, "19.0"}, {convert.KindPrice, "price_U"},
	}}, needs)
	require.Empty(t, out.String())
	require.EqualError(t, err, "the export does not say which ID of the destination account stands for price price_T and 3 more (--map FILE, with the columns kind,source,destination), "+
		"nor the time zone of its dates (--dates ZONE), nor the order of day and month in its dates (--date-order dmy, mdy or ymd)")
	require.NoError(t, needs.WriteMissing(&out))
	require.Equal(t, "kind,source,destination\nprice,price_T,\ncoupon,SPRING,\ntax_rate,19.0,\nprice,price_U,\n", out.String())

	opts := options()
	opts.Map[convert.KindPrice]["price_U"] = "price_U2"
	opts.Order = dates.MonthFirst
	opts.Zone, err = time.LoadLocation("America/New_York")
	require.NoError(t, err)
	lines, left, _ := made(t, export, opts)
	require.Equal(t, []string{"ended: its status is canceled"}, left)
	require.Equal(t, "cus_A,1798902000,price_New,,spring_left,txr_Vat,none,sub_1,internal:Stripe", lines[1])
}

func TestOtherFiles(t *testing.T) {
	for text, want := range map[string]error{
		"customer,start_date,price\n":                           convert.ErrNoExport,
		"Customer ID,Plan,Status,Current Period End (UTC)\nx\n": convert.ErrNoID,
	} {
		_, err := convert.File(context.Background(), strings.NewReader(text), &bytes.Buffer{}, options(), nil)
		require.ErrorIs(t, err, want)
	}
	_, err := convert.File(context.Background(), strings.NewReader("%PDF-1.7"), &bytes.Buffer{}, options(), nil)
	var foreign *csvspec.ForeignError
	require.ErrorAs(t, err, &foreign)
}

// An export that went through a spreadsheet has date cells, whose column says that they are in UTC.
func TestWorkbook(t *testing.T) {
	f := excelize.NewFile()
	require.NoError(t, f.SetSheetRow("Sheet1", "A1", &[]any{"My export"}))
	names := []any{"id", "Customer ID", "Plan", "Quantity", "Status", "Start Date (UTC)", "Current Period End (UTC)"}
	require.NoError(t, f.SetSheetRow("Sheet1", "A3", &names))
	require.NoError(t, f.SetSheetRow("Sheet1", "A4", &[]any{"sub_1", "cus_A", "price_T", 2, "active",
		time.Date(2024, 1, 1, 10, 0, 0, 0, time.UTC), time.Date(2027, 2, 1, 10, 0, 0, 0, time.UTC)}))
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	lines, left, _ := made(t, b.String(), options())
	require.Empty(t, left)
	require.Equal(t, "cus_A,1801476000,price_New,2,1704103200,none,sub_1,internal:Stripe", lines[1])
}

func TestReadMap(t *testing.T) {
	want := convert.Map{convert.KindPrice: {"a": "b", "c": "d"}, convert.KindCoupon: {"x": "y"}}
	for _, text := range []string{
		"kind,source,destination\nprice,a,b\nprice,c,d\ncoupon,x,y\nprice,e,\n,,\n",
		"\uFEFFKind;Source;Destination\r\nPrice; a ;b\r\nprice;c;d\r\ncoupon;x;y\r\n",
		"note\tdestination\tsource\tkind\n\tb\ta\tprice\n\td\tc\tprice\n\ty\tx\tcoupon\n\n",
	} {
		m, err := convert.ReadMap(strings.NewReader(text))
		require.NoError(t, err)
		require.Equal(t, want, m)
	}
	for text, want := range map[string]string{
		"":                                    "the map has no column kind: its first line must be kind,source,destination",
		"kind,source\nprice,a\n":              "the map has no column destination",
		"kind,source,destination\nplan,a,b\n": `line 2: the kind "plan" is not known; price, coupon, tax_rate or product was expected`,
		"kind,source,destination\nprice,,b\n": "line 2: the source is blank",
		"kind,source,destination\nprice,a,b\nprice,a,c\n": "line 3: price a stands for b already, and cannot stand for c as well",
		"%PDF-1.7": "this is a PDF document",
	} {
		_, err := convert.ReadMap(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

// A proposed map counts where a person has said yes, and nowhere else.
func TestProposedMap(t *testing.T) {
	const head = "kind,source,destination,accepted,confidence\n"
	m, err := convert.ReadMap(strings.NewReader(head + "price,a,b,yes,sure\nprice,c,d,no,likely\nprice,e,,,unsure\nproduct,f,g, X ,sure\ntax_rate,h,,no,\n"))
	require.NoError(t, err)
	require.Equal(t, convert.Map{convert.KindPrice: {"a": "b"}, convert.KindProduct: {"f": "g"}}, m)
	for text, want := range map[string]string{
		"price,a,b,,sure\n":                "line 2: nobody has reviewed the proposed destination: compare it with the source, and write yes or no into the column accepted",
		strings.Repeat("price,a,b,,\n", 7): "line 2, 3, 4, 5, 6 and 2 more: nobody has reviewed",
		"price,a,b,perhaps,\n":             `line 2: "perhaps" in the column accepted: expected yes, no, or different terms`,
		"price,a,,yes,\n":                  "line 2: it is accepted without a destination",
	} {
		_, err := convert.ReadMap(strings.NewReader(head + text))
		require.ErrorContains(t, err, want)
	}
}

// A person can say that what stands for a price is meant to cost something else.
func TestAcceptedTerms(t *testing.T) {
	m, err := convert.ReadMap(strings.NewReader("kind,source,destination,accepted\nprice,a,b,Different terms\ncoupon,a,b,yes\n"))
	require.NoError(t, err)
	require.Equal(t, "b", m.Get(convert.KindPrice, "a"))
	require.True(t, m.Acknowledged(convert.KindPrice, "a"))
	require.False(t, m.Acknowledged(convert.KindCoupon, "a"))
	_, err = convert.ReadMap(strings.NewReader("kind,source,destination,accepted\nprice,a,,different terms\n"))
	require.ErrorContains(t, err, "line 2: it is accepted without a destination")
}

// Who reviews a proposal in a spreadsheet may save it as a workbook.
func TestProposedMapInAWorkbook(t *testing.T) {
	f := excelize.NewFile()
	for i, row := range [][]any{{"kind", "source", "destination", "accepted", "why"}, {"price", "a", "b", "yes", "same"}, {"price", "c", "d", nil, "same"}} {
		require.NoError(t, f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row))
	}
	var b bytes.Buffer
	require.NoError(t, f.Write(&b))
	_, err := convert.ReadMap(bytes.NewReader(b.Bytes()))
	require.ErrorContains(t, err, "line 3: nobody has reviewed")
	require.NoError(t, f.SetCellValue("Sheet1", "D3", "no"))
	b.Reset()
	require.NoError(t, f.Write(&b))
	m, err := convert.ReadMap(&b)
	require.NoError(t, err)
	require.Equal(t, convert.Map{convert.KindPrice: {"a": "b"}}, m)
}

func TestReadCustomers(t *testing.T) {
	for _, text := range []string{
		"customer_id_old,source_id_old,customer_id_new,source_id_new\ncus_1,pm_1,cus_1,pm_2\ncus_1,src_1,cus_1,\ncus_2,,cus_3,\ncus_4,card_4,,\n",
		"\uFEFFv2_account_id_old;customer_id_old;source_id_old;v2_account_id_new;customer_id_new;source_id_new\n;cus_1;pm_1;;cus_1;pm_2\nacct_1;cus_2;;acct_2;cus_3;\n;cus_1;src_1;;cus_1;\n",
	} {
		c, err := convert.ReadCustomers(strings.NewReader(text))
		require.NoError(t, err)
		require.True(t, c.Given())
		require.Equal(t, []string{"cus_1", "cus_3", "", ""}, []string{c.Get("cus_1"), c.Get("cus_2"), c.Get("cus_4"), c.Get("cus_5")})
		require.Equal(t, []string{"pm_2", ""}, []string{c.Method("cus_1", "pm_1"), c.Method("cus_1", "src_1")})
		require.Equal(t, []int{1, 0, 0}, []int{c.Methods("cus_1"), c.Methods("cus_2"), c.Methods("cus_4")})
	}
	const head = "customer_id_old,source_id_old,customer_id_new,source_id_new\n"
	for text, want := range map[string]string{
		"old_customer_id,stripe_customer_id\n":                  "the file of customers has no column customer_id_old: its first line must be customer_id_old,source_id_old,customer_id_new,source_id_new",
		strings.TrimSpace(head) + ",email\ncus_1,,cus_1,,\n":    "has the column email, which the file of a copy does not",
		head + ",pm_1,cus_1,pm_2\n":                             "line 2: customer_id_old is blank",
		head + "cus_1,pm_1,cus_1,pm_2\ncus_1,pm_1,cus_2,pm_2\n": `line 3: customer cus_1 stands for "cus_1" already, and cannot stand for "cus_2" as well`,
		head + "cus_1,pm_1,cus_1,pm_2\ncus_1,pm_1,cus_1,pm_3\n": `line 3: source pm_1 of cus_1 stands for "pm_2" already`,
		head + "acct_1,cus_1,acct_2,cus_1\n":                    "is the line shifted by a column?",
	} {
		_, err := convert.ReadCustomers(strings.NewReader(text))
		require.ErrorContains(t, err, want)
	}
}

// Customers of a copy: their new IDs, and what becomes of the rows of those who are missing.
func TestCustomers(t *testing.T) {
	opts := options()
	var err error
	opts.Customers, err = convert.ReadCustomers(strings.NewReader("customer_id_old,source_id_old,customer_id_new,source_id_new\ncus_A,pm_1,cus_N,pm_2\ncus_B,,cus_B,\n"))
	require.NoError(t, err)
	text := header + "\n"
	for _, who := range []string{"A", "B", "C"} {
		text += "sub_" + who + ",cus_" + who + ",price_T,1,active,2024-01-01 10:00,2024-01-01 10:00,2027-02-01 10:00\n"
	}
	lines, left, _ := made(t, text, opts)
	require.Len(t, lines, 2)
	require.True(t, strings.HasPrefix(lines[1], "cus_N,"))
	require.Equal(t, []string{
		"waiting: no payment method of cus_B was copied (Bacs, ACSS and SEPA sources stay behind), and the first charge would fail: ask the customer for one; --include without_payment_method takes such rows",
		"not_copied: cus_C is not in the file of copied customers: deleted customers are not copied, nor those who came after the copy; copy the customer, or leave it",
	}, left)
	opts.Include = []string{convert.WithoutMethod}
	lines, _, _ = made(t, text, opts)
	require.Len(t, lines, 3)
}

// FuzzFile: whatever an export says, each row is either written or handed back, and what is written can be read.
func FuzzFile(f *testing.F) {
	f.Add(header + "\nsub_1,cus_A,price_T,1,active,2024-01-01 10:00,2024-01-01 10:00,2027-02-01 10:00\n")
	f.Add(header + "\nsub_1,\"cus\nA\",price_T,,Active,,01/02/2024,1801476000.0\n,,,,,,,\n")
	f.Fuzz(func(t *testing.T, text string) {
		var out bytes.Buffer
		left := 0
		result, err := convert.File(context.Background(), strings.NewReader(text), &out, options(), func(convert.Left) error { left++; return nil })
		if err != nil {
			return
		}
		require.Equal(t, result.Rows, result.Converted+left)
		rows, err := csvspec.NewReader(&out, csvspec.ReadOptions{})
		require.NoError(t, err)
		n := 0
		for row, err := range rows.All() {
			require.NoError(t, err)
			require.Empty(t, row.Source.Bad)
			n++
		}
		require.Equal(t, result.Converted, n)
	})
}
