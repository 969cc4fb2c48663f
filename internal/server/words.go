package server

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"vitrine/web"
)

// languages the guest pages speak; the first is the one for everybody else.
var languages = [...]string{"en", "ru"}

// words is one language of the guest pages. Templates call its methods; a key that is missing
// shows itself, and a test keeps that from happening.
type words struct {
	Lang  string
	texts map[string]string
}

func loadWords(language string) (words, error) {
	texts, err := web.Catalogue("guest", language)
	return words{Lang: language, texts: texts}, err
}

// T is the text of a key. Pairs fill its {names}: T("guest.position", "n", 3, "total", 48).
func (w words) T(key string, pairs ...any) string {
	text, ok := w.texts[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+fmt.Sprint(pairs[i])+"}", fmt.Sprint(pairs[i+1]))
	}
	return text
}

// Count is the text of a key in the plural form that the number asks for.
func (w words) Count(key string, n int) string {
	return w.T(key+"."+plural(w.Lang, n), "n", w.Number(n))
}

// Or is the text of a key, or the fallback where the catalogue has none: names of recipes that
// an administrator made.
func (w words) Or(key, fallback string) string {
	if text, ok := w.texts[key]; ok {
		return text
	}
	return fallback
}

// Number groups the digits of a whole number.
func (w words) Number(n int) string {
	digits := strconv.Itoa(n)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + w.T("guest.grouping") + digits[i:]
	}
	return digits
}

// Size writes bytes for people: three digits at most, decimal units as on the packaging of disks.
func (w words) Size(n int64) string {
	const step = 1000
	units := [...]string{"b", "kb", "mb", "gb"}
	value, unit := float64(n), 0
	for value >= step-0.5 && unit < len(units)-1 {
		value /= step
		unit++
	}
	digits := strconv.FormatFloat(value, 'f', 0, 64)
	if unit > 0 && value < 9.95 {
		digits = strings.TrimSuffix(strconv.FormatFloat(value, 'f', 1, 64), ".0")
	}
	return w.T("guest.size."+units[unit], "n", strings.Replace(digits, ".", w.T("guest.decimal"), 1))
}

// Clock writes seconds as players do: 0:32, 12:05, 1:02:03.
func (w words) Clock(seconds float64) string {
	whole := int(math.Round(max(seconds, 0)))
	if whole < 3600 {
		return fmt.Sprintf("%d:%02d", whole/60, whole%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", whole/3600, whole/60%60, whole%60)
}

// Date writes a day: 5 Dec 2026.
func (w words) Date(t time.Time) string {
	month := strconv.Itoa(int(t.Month()))
	if names := strings.Fields(w.T("guest.months")); len(names) == 12 {
		month = names[t.Month()-1]
	}
	return fmt.Sprintf("%d %s %d", t.Day(), month, t.Year())
}

// Deadline writes the day an expiry falls on, in the zone of the person who set it.
func (w words) Deadline(t time.Time, zone string) string {
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	return w.Date(t.In(place))
}

// plural picks the CLDR form of a whole number.
func plural(language string, n int) string {
	if language != "ru" {
		if n == 1 {
			return "one"
		}
		return "other"
	}
	switch tens, ones := n%100/10, n%10; {
	case tens != 1 && ones == 1:
		return "one"
	case tens != 1 && ones >= 2 && ones <= 4:
		return "few"
	default:
		return "many"
	}
}

// chooseLanguage takes what the address asks for, else what the browser prefers.
func chooseLanguage(asked, accept string) string {
	for _, l := range languages {
		if asked == l {
			return l
		}
	}
	best, weight := languages[0], 0.0
	for part := range strings.SplitSeq(accept, ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		q := 1.0
		if text, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(text, 64)
		}
		for _, l := range languages {
			if base == l && q > weight && q <= 1 {
				best, weight = l, q
			}
		}
	}
	return best
}
