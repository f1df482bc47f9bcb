package page

import (
	"strings"

	"github.com/subferry/subferry/csvspec"
	"github.com/subferry/subferry/migrate/internal/sums"
)

// The chart's measures in pixels. It grows to the right with the time that it shows, and is scrolled where it is wider
// than the screen.
const (
	plotHeight = 200
	plotTop    = 12
	plotBottom = 28 // for the labels of the axis
	wholeWidth = 960
	minSlot    = 5
	maxSlot    = 40
	labelWidth = 66 // a label of the axis needs so much
	mostTicks  = 4
	day        = 24 * 60 * 60 // seconds
	mostDays   = 400          // a chart of more days is one of weeks
)

// Chart is the drawing of the charges in one currency.
type Chart struct {
	Unit   string // day or week
	Width  int
	Height int
	Base   int // where the bars stand
	Bars   []bar
	Ticks  []tick
	Labels []label
}

// bar is one day: the heights of what is paid, sent and failed, from below.
type bar struct {
	X, Width int
	Parts    []segment
	Title    string
}

type segment struct {
	Class     string
	Y, Height int
}

type tick struct {
	Y    int
	Text string
}

type label struct {
	X    int
	Text string
}

// Draw draws the days of one currency.
func Draw(days []sums.Day, currency string) Chart {
	c := Chart{Unit: "day", Height: plotTop + plotHeight + plotBottom, Base: plotTop + plotHeight}
	length := csvspec.Timestamp(day)
	if len(days) > 0 && (days[len(days)-1].Date-days[0].Date)/day > mostDays {
		c.Unit, length = "week", 7*day
	}
	buckets := sums.Evenly(days, length)
	slot := min(maxSlot, max(minSlot, wholeWidth/max(1, len(buckets))))
	c.Width = max(slot*len(buckets), labelWidth)
	top := int64(1)
	for _, b := range buckets {
		top = max(top, b.Amount)
	}
	step := tickStep(top)
	top = (top + step - 1) / step * step
	for at := int64(0); at <= top; at += step {
		c.Ticks = append(c.Ticks, tick{c.Base - height(at, top), bare(at, currency)})
	}
	for i, b := range buckets {
		if b.Charges > 0 {
			c.Bars = append(c.Bars, barOf(b, i*slot, slot, top, currency))
		}
	}
	c.label(buckets, slot)
	return c
}

// height is how high an amount is in the plot.
func height(amount, top int64) int { return int(float64(amount) / float64(top) * plotHeight) }

func barOf(b sums.Bucket, x, slot int, top int64, currency string) bar {
	one := bar{X: x, Width: max(2, slot-max(1, slot/6)), Title: span(b) + ": " + Words(b.Sums, currency)}
	y := plotTop + plotHeight
	for _, part := range []struct {
		class  string
		amount int64
	}{
		{"paid", b.Amount - b.SentAmount - b.FailedAmount}, {"sent", b.SentAmount}, {"failed", b.FailedAmount},
	} {
		if part.amount <= 0 {
			continue
		}
		h := max(1, height(part.amount, top))
		y -= h
		one.Parts = append(one.Parts, segment{part.class, y, h})
	}
	return one
}

// span names the days of a bucket.
func span(b sums.Bucket) string {
	first := b.From.Time().Format("Mon 2 Jan 2006")
	if b.To-b.From <= day {
		return first
	}
	return first + " to " + (b.To - day).Time().Format("Mon 2 Jan 2006")
}

// label writes dates below the axis: the beginning, and every month for which there is room.
func (c *Chart) label(buckets []sums.Bucket, slot int) {
	free := 0
	for i, b := range buckets {
		x := i * slot
		first := b.To.Time().AddDate(0, 0, -1)
		begins := i == 0 || first.Day() <= int((b.To-b.From)/day)
		if !begins || x < free || x+labelWidth > c.Width && i > 0 {
			continue
		}
		text := first.Format("Jan 2006")
		if i == 0 && c.Unit == "day" && b.From.Time().Day() != 1 {
			text = b.From.Time().Format("2 Jan 06")
		}
		c.Labels = append(c.Labels, label{x, text})
		free = x + labelWidth
	}
}

// tickStep returns a round amount of which a few make up the whole.
func tickStep(top int64) int64 {
	for power := int64(1); ; power *= 10 {
		for _, of := range [...]int64{1, 2, 5} {
			if of*power*mostTicks >= top {
				return of * power
			}
		}
	}
}

// bare writes an amount without its currency, and without decimals that say nothing.
func bare(minor int64, currency string) string {
	text, _, _ := strings.Cut(Money(minor, currency), " ")
	whole, decimals, _ := strings.Cut(text, ".")
	if strings.Trim(decimals, "0") == "" {
		return whole
	}
	return text
}
