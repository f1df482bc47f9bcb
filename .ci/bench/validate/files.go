package main

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
)

// fileKind is a kind of file that is compared.
type fileKind struct {
	name, what string
	row        func(i int, chance *rand.Rand) row
}

func fileKinds() []fileKind {
	return []fileKind{
		{"clean", "two kinds of row, nothing to find", cleanRow},
		{"warnings", "four kinds of row alternating, a warning in a quarter of the rows", warningRow},
		{"errors", "four kinds of row alternating, an error in half of the rows", errorRow},
		{"mixed", "eight kinds of row in random order, nothing to find", mixedRow},
	}
}

// row is the cells of a row that differ between kinds; what is blank is not stated.
type row struct {
	i                                     int
	start                                 int
	quantity                              int
	coupon, proration, method, days, ends string
	trial, anchor, backdate               int // 0 is blank
}

const header = "customer,start_date,price,quantity,automatic_tax,default_tax_rate,coupon,currency,trial_end," +
	"billing_cycle_anchor,proration_behavior,collection_method,days_until_due,backdate_start_date," +
	"cancel_at_period_end,metadata.third_party_sub_id,metadata.source,metadata.plan\n"

const (
	uploaded   = 1798761600 // 2027-01-01, which validate is told is now
	firstStart = 1830297600 // 2028-01-01
	day        = 86400
)

func (r row) String() string {
	return fmt.Sprintf("cus_%014d,%d,price_%014d,%d,false,,%s,usd,%s,%s,%s,%s,%s,%s,%s,sub_%07d,external:zuora,professional\n",
		r.i, r.start, r.i%50, r.quantity, r.coupon, moment(r.trial), moment(r.anchor), r.proration, r.method, r.days, moment(r.backdate), r.ends, r.i)
}

func moment(t int) string {
	if t == 0 {
		return ""
	}
	return fmt.Sprint(t)
}

// The kinds of row that nothing is wrong with.

func charged(i int) row {
	return row{i: i, start: firstStart + i%day, quantity: i%9 + 1, proration: "none", method: "charge_automatically", ends: "false"}
}

func invoiced(i int) row {
	r := charged(i)
	r.method, r.days = "send_invoice", "30"
	return r
}

func onTrial(i int) row {
	r := charged(i)
	r.trial = r.start + 14*day
	return r
}

func anchored(i int) row {
	r := charged(i)
	r.anchor = r.start + 10*day
	return r
}

func onTrialToAnchor(i int) row {
	r := onTrial(i)
	r.anchor = r.trial
	return r
}

func discounted(i int) row {
	r := charged(i)
	r.coupon = "SPRING"
	return r
}

func invoicedOnTrial(i int) row {
	r := onTrial(i)
	r.method, r.days = "send_invoice", "30"
	return r
}

func prorated(i int) row {
	r := charged(i)
	r.proration = "create_prorations"
	return r
}

// The rows of the kinds of file.

func cleanRow(i int, _ *rand.Rand) row {
	if i%7 == 0 {
		return invoiced(i)
	}
	return charged(i)
}

func alternating(i int) row {
	return []func(int) row{charged, invoiced, onTrial, anchored}[i%4](i)
}

func warningRow(i int, _ *rand.Rand) row {
	r := alternating(i)
	if i/4%4 != 0 {
		return r
	}
	switch i % 4 {
	case 0:
		r.quantity = 0
	case 1:
		r.days = "0"
	case 2:
		r.ends = "true" // when the trial does
	case 3:
		r.proration = ""
	}
	return r
}

func errorRow(i int, _ *rand.Rand) row {
	r := alternating(i)
	if i/4%2 != 0 {
		return r
	}
	switch i % 4 {
	case 0:
		r.start = uploaded - day + i%(2*day) // in the past or too soon
	case 1:
		r.days = ""
	case 2:
		r.trial = r.start - day
	case 3:
		r.anchor = r.start - day
	}
	return r
}

func mixedRow(i int, chance *rand.Rand) row {
	kinds := []func(int) row{charged, invoiced, onTrial, anchored, onTrialToAnchor, discounted, invoicedOnTrial, prorated}
	return kinds[chance.IntN(len(kinds))](i)
}

// generate writes a file of 18 columns and about 139 bytes a row, as people have them, and returns its size.
func generate(path string, kind fileKind, rows int) (int64, error) {
	f, err := os.Create(path)
	if err != nil {
		return 0, err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	_, _ = w.WriteString(header) // errors stay until Flush
	chance := rand.New(rand.NewPCG(1, 2))
	for i := range rows {
		_, _ = w.WriteString(kind.row(i, chance).String())
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return 0, err
	}
	return info.Size(), f.Close()
}

// chosen returns the kinds of file that are named, separated by commas.
func chosen(names string) ([]fileKind, error) {
	var list []fileKind
	for name := range strings.SplitSeq(names, ",") {
		found := false
		for _, kind := range fileKinds() {
			if kind.name == name {
				list, found = append(list, kind), true
			}
		}
		if !found {
			return nil, fmt.Errorf("there is no kind of file %q", name)
		}
	}
	return list, nil
}
