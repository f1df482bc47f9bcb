package export

// CutForTest cuts a span as --split does.
func CutForTest(s Split, span Span) []Span { return s.cut(span, 0) }
