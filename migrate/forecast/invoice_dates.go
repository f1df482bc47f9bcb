package forecast

import "github.com/subferry/subferry/csvspec"

// moment is an invoice that will be made, and what is on it.
type moment struct {
	at      csvspec.Timestamp
	kind    Kind
	items   bool // the items that are charged in advance
	oneOffs bool
	usage   bool // of the period before
	initial bool // it is made when the subscription begins
	part    bool // the items are charged for a part of a period only
}

// moments returns the invoices up to so many renewals.
func (s *subscription) moments(renewals int) []moment {
	list, onlyUsage := s.openings(renewals), s.metered == len(s.terms.Items)
	period := int64(0)
	if onlyUsage && !s.active {
		period = 1 // the first period is charged when it is over
	}
	for charges := 0; charges <= renewals; charges++ {
		m, ok := s.regular(period, charges)
		if !ok {
			break
		}
		list = append(list, m)
		if !s.cycle.Valid() {
			return list // when the next one will be is not known
		}
		period++
	}
	return s.withFinal(list, renewals)
}

// momentsUntil returns all invoices up to a moment.
func (s *subscription) momentsUntil(end csvspec.Timestamp) []moment {
	for renewals := 4; ; renewals *= 2 {
		list := s.moments(renewals)
		ended := !s.cycle.Valid() || len(list) < renewals // without openings, that many and one follow
		if n := len(list); n == 0 || ended || list[n-1].at > end {
			for n > 0 && list[n-1].at > end {
				n--
			}
			return list[:n]
		}
	}
}

// openings returns the invoices on which nothing that recurs is due: at the start of free time, and at the start of the
// first period when all that is sold is charged at its end. There is room for the others.
func (s *subscription) openings(renewals int) []moment {
	list, onlyUsage := make([]moment, 0, renewals+3), s.metered == len(s.terms.Items)
	if s.active {
		return list
	}
	if (s.free > s.start || onlyUsage || s.direct) && !s.undated {
		list = append(list, moment{at: s.start, kind: Opening, oneOffs: true, initial: true})
	}
	if (s.free > s.start || s.direct) && onlyUsage && (s.end.IsBlank() || s.free < s.end) {
		list = append(list, moment{at: s.free, kind: Opening})
	}
	return list
}

// regular returns the invoice at the start of a period; false when the subscription has ended by then.
func (s *subscription) regular(period int64, charges int) (moment, bool) {
	m := moment{
		at: s.cycle.Nth(s.free, period), kind: Renewal, items: true,
		usage: s.metered > 0 && (period > 0 || s.active),
	}
	if !s.part.IsBlank() {
		if m.part = period == 0; !m.part {
			m.at = s.cycle.Nth(s.part, period-1)
		}
	}
	if charges == 0 {
		m.kind = First
	}
	if m.at == s.start && !s.direct {
		m.oneOffs, m.initial = true, true
	}
	return m, s.end.IsBlank() || m.at < s.end
}

// withFinal adds the invoice for the usage of the last period. Usage of a trial costs nothing.
func (s *subscription) withFinal(list []moment, renewals int) []moment {
	regular := 0
	for _, m := range list {
		if m.kind != Opening {
			regular++
		}
	}
	if s.metered == 0 || s.end.IsBlank() || s.end <= s.free && !s.active || regular > renewals {
		return list
	}
	return append(list, moment{at: s.end, kind: Final, usage: true})
}
