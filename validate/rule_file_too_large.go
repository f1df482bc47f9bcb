package validate

import "fmt"

func ruleFileTooLarge() Rule {
	return Rule{
		Code:     "file_too_large",
		Severity: Warning,
		Title:    "The file is larger than Stripe's toolkit takes",
		Why:      "Stripe's toolkit refuses files of more than 120 MB. This program does not.",
		Fix:      "Split the file if it is to be uploaded in the Dashboard.",
		Bad:      "a file of 121 MB",
		Good:     "a file of 119 MB",
		Source:   "toolkit guide, flow: size limit 120 MB",
		File: func(t *FileCheck) {
			if t.Size > maxFileSize {
				t.Report(Finding{Message: fmt.Sprintf("the file has %d MB; Stripe's toolkit takes at most %d MB.", (t.Size+999_999)/1_000_000, maxFileSize/1_000_000)})
			}
		},
	}
}

// maxFileSize is the largest file that Stripe's toolkit takes, in bytes.
const maxFileSize = 120_000_000
