package library

import (
	"fmt"
	"path"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"vitrine/internal/dam"
)

// Longest texts people may write, in characters.
const (
	maxTitleLength       = 500
	maxDescriptionLength = 20_000
)

// line checks a text of one line that must not be empty. Errors: Invalid with the field.
func line(field, text string) (string, error) {
	text, err := words(field, text, maxNameLength)
	if err == nil && text == "" {
		return "", dam.InvalidField(field, "This can't be empty.")
	}
	return text, err
}

// words cleans a text and checks its length. Errors: Invalid with the field.
func words(field, text string, limit int) (string, error) {
	text = strings.TrimSpace(clean(text))
	if utf8.RuneCountInString(text) > limit {
		return "", dam.InvalidField(field, "Use at most %d characters.", limit)
	}
	return text, nil
}

// clean makes a text safe to show and to compare: valid UTF-8, composed (NFC), without control
// characters and without marks that turn the writing direction.
func clean(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || turnsDirection(r) || r == utf8.RuneError:
			return -1
		}
		return r
	}, norm.NFC.String(strings.ToValidUTF8(text, "")))
}

// turnsDirection finds the bidirectional controls of Unicode (UAX #9, section 2).
func turnsDirection(r rune) bool {
	return r == 0x61c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// fileName makes the name of an asset from what a client called its file: the last element of any
// path, one line, at most 180 bytes, the extension kept.
func fileName(name string) string {
	name = path.Base(strings.ReplaceAll(clean(name), `\`, "/"))
	name = strings.TrimSpace(strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, name))
	if name == "." || name == "/" || name == ".." || name == "" {
		return "untitled"
	}
	const longest = 180
	if len(name) <= longest {
		return name
	}
	ext := path.Ext(name)
	if len(ext) > 20 {
		ext = ""
	}
	head := name[:longest-len(ext)]
	for !utf8.ValidString(head) {
		head = head[:len(head)-1]
	}
	return head + ext
}

// phrase is how the default names of R29 and R92 are written in a language.
type phrase struct {
	link, collection string
	months           [12]string
}

var phrases = map[string]phrase{
	"en": {"Link from %s, %s", "New collection from %s", [12]string{
		"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}},
	"ru": {"Ссылка от %s, %s", "Новая коллекция от %s", [12]string{
		"янв.", "февр.", "мар.", "апр.", "мая", "июн.", "июл.", "авг.", "сент.", "окт.", "нояб.", "дек."}},
}

func phraseOf(locale string) phrase {
	language, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if p, ok := phrases[language]; ok {
		return p
	}
	return phrases["en"]
}

func (p phrase) date(at time.Time) string {
	return fmt.Sprintf("%d %s %d", at.Day(), p.months[at.Month()-1], at.Year())
}

// defaultLinkName is the name of a link nobody named: the moment of its making, on the creator's
// clock and in the creator's language (R29, R30).
func defaultLinkName(locale string, at time.Time) string {
	p := phraseOf(locale)
	return fmt.Sprintf(p.link, p.date(at), at.Format("15:04"))
}

func defaultCollectionName(locale string, at time.Time) string {
	p := phraseOf(locale)
	return fmt.Sprintf(p.collection, p.date(at))
}
