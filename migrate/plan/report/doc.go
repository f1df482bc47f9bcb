// Package report shows a plan to a finance person: a line for each customer, charge and date as CSV, and the same as
// one page with a chart. Package plan itself writes the text for a terminal and the plan file.
package report
