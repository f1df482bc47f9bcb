package validate

import (
	"fmt"

	"github.com/subferry/subferry/csvspec/words"
)

func ruleSourceIDZeros() Rule {
	return Rule{
		Code:     "source_id_zeros",
		Severity: Warning,
		Title:    "Long source IDs all end in zeros, as if a spreadsheet had rounded them",
		Why:      "Spreadsheets keep 15 digits of a number and write zeros for the rest: different IDs become the same one, and none finds its subscription again.",
		Fix:      fixRounded,
		Bad:      "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,205000000000017000\ncus_Bob,1801440000,price_Pro,205000000000018000\n",
		Good:     "customer,start_date,price,metadata.third_party_sub_id\ncus_Ada,1801440000,price_Pro,205000000000017391\ncus_Bob,1801440000,price_Pro,205000000000018442\n",
		Source:   "what people who migrate suffer from: IDs that a spreadsheet has rounded",
		File: func(t *FileCheck) {
			if ids := t.tally.long; ids.rounded() {
				t.Report(Finding{Line: ids.line, Message: fmt.Sprintf("%s of the file %s more than 15 digits, and all the digits behind those are 0.",
					words.Count(ids.n, "source ID"), map[bool]string{true: "has", false: "have"}[ids.n == 1])})
			}
		},
	}
}
