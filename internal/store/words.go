package store

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// maxWords bounds what one search or one asset may cost.
const (
	maxQueryWords = 12
	maxIndexWords = 2000
)

// words splits a text into lower-case words of letters and digits without diacritics. Both engines
// index and search exactly these, so that they find the same.
func words(text string, limit int) []string {
	folded := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	all := strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
	return all[:min(len(all), limit)]
}
