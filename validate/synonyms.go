package validate

import "strings"

// synonym returns the word of the format that other systems' words stand for.
func synonym(text string) string {
	return map[string]string{
		"daily": "day", "days": "day", "weekly": "week", "weeks": "week", "monthly": "month", "months": "month", "mon": "month",
		"yearly": "year", "years": "year", "annual": "year", "annually": "year", "yr": "year",
		"no": "none", "false": "none", "no_proration": "none", "no_prorations": "none", "never": "none",
		"yes": "create_prorations", "true": "create_prorations", "prorated": "create_prorations", "create_proration": "create_prorations", "prorate": "create_prorations",
		"invoice": "send_invoice", "manual": "send_invoice", "automatic": "charge_automatically", "auto": "charge_automatically", "charge": "charge_automatically",
		"card": "charge_automatically", "credit_card": "charge_automatically", "autopay": "charge_automatically", "email_invoice": "send_invoice",
		"bank_transfer": "send_invoice", "check": "send_invoice",
	}[text]
}

// reportChoice reports a cell that must hold one of a few words. A word that is right but for its case or its
// separator is suggested; other guesses are only named.
func (c *Check) reportChoice(name, text string, words ...string) {
	f := Finding{Column: name, Message: wordList(words, "or") + " was expected."}
	plain := plainWord(text)
	for _, w := range words {
		if plain == w {
			f.Suggestion = w
		}
	}
	if meant := synonym(plain); f.Suggestion == "" && meant != "" {
		f.Message += " Is " + meant + " meant?"
	} else if f.Suggestion == "" {
		f.Message += c.hint(name, text)
	}
	c.Report(f)
}

// plainWord writes a word as the format writes its words.
func plainWord(text string) string {
	return strings.NewReplacer(" ", "_", "-", "_").Replace(strings.ToLower(strings.TrimSpace(text)))
}
