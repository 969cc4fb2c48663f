package server

import (
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"vitrine/web"
)

func speak(t *testing.T, language string) words {
	t.Helper()
	w, err := loadWords(language)
	must(t, err)
	return w
}

var pluralForm = regexp.MustCompile(`\.(one|few|many|other)$`)

func TestBothCataloguesSayTheSameThings(t *testing.T) {
	keys := map[string][]string{}
	for _, l := range languages {
		forms := map[string]bool{}
		for key, text := range speak(t, l).texts {
			if strings.TrimSpace(strings.ReplaceAll(text, "\u00a0", "x")) == "" {
				t.Errorf("%s: %s is empty", l, key)
			}
			forms[pluralForm.ReplaceAllString(key, "")] = true
		}
		keys[l] = slices.Sorted(maps.Keys(forms))
	}
	if !slices.Equal(keys["en"], keys["ru"]) {
		t.Errorf("the keys differ:\nen %v\nru %v", keys["en"], keys["ru"])
	}
}

func TestEveryPluralHasAllFormsOfItsLanguage(t *testing.T) {
	want := map[string][]string{"en": {"one", "other"}, "ru": {"one", "few", "many"}}
	for _, l := range languages {
		w := speak(t, l)
		for key := range w.texts {
			if !pluralForm.MatchString(key) {
				continue
			}
			for _, form := range want[l] {
				if stem := pluralForm.ReplaceAllString(key, ""); w.texts[stem+"."+form] == "" {
					t.Errorf("%s: %s has no form %q", l, stem, form)
				}
			}
		}
	}
}

// usedKeys reads the keys out of the templates and out of this package.
func usedKeys(t *testing.T) []string {
	t.Helper()
	used := regexp.MustCompile(`"(guest\.[a-z_]+(?:\.[a-z_]+)*)"`)
	var sources []string
	templates, err := web.Templates()
	must(t, err)
	names, err := fs.Glob(templates, "*.html")
	must(t, err)
	for _, name := range names {
		text, err := fs.ReadFile(templates, name)
		must(t, err)
		sources = append(sources, string(text))
	}
	for _, name := range []string{"guestpages.go", "showcase.go", "stage.go", "words.go", "page.go"} {
		text, err := os.ReadFile(name)
		must(t, err)
		sources = append(sources, string(text))
	}
	var keys []string
	for _, text := range sources {
		for _, m := range used.FindAllStringSubmatch(text, -1) {
			keys = append(keys, m[1])
		}
	}
	for _, end := range ends {
		keys = append(keys, "guest.end."+end.key+".title", "guest.end."+end.key+".note")
	}
	if len(keys) < 40 {
		t.Fatalf("only %d keys found: the search is broken", len(keys))
	}
	return keys
}

func TestEveryTextThatAPageAsksForIsInTheCatalogue(t *testing.T) {
	keys := usedKeys(t)
	for _, l := range languages {
		w := speak(t, l)
		for _, key := range keys {
			_, plain := w.texts[key]
			_, counted := w.texts[key+"."+plural(l, 1)]
			if !plain && !counted {
				t.Errorf("%s: %s is missing", l, key)
			}
		}
	}
}

func TestEveryTextOfTheCatalogueIsUsed(t *testing.T) {
	keys := usedKeys(t)
	built := regexp.MustCompile(`^guest\.(size|version|kind)\.`) // put together from a name
	for key := range speak(t, "en").texts {
		stem := pluralForm.ReplaceAllString(key, "")
		if !built.MatchString(key) && !slices.Contains(keys, key) && !slices.Contains(keys, stem) {
			t.Errorf("nothing says %s", key)
		}
	}
}

func TestNumbersTakeTheRightPlural(t *testing.T) {
	for _, c := range []struct {
		language string
		n        int
		want     string
	}{
		{"en", 0, "0 items"}, {"en", 1, "1 item"}, {"en", 12408, "12,408 items"},
		{"ru", 0, "0 объектов"}, {"ru", 1, "1 объект"}, {"ru", 3, "3 объекта"}, {"ru", 5, "5 объектов"},
		{"ru", 11, "11 объектов"}, {"ru", 21, "21 объект"}, {"ru", 112, "112 объектов"}, {"ru", 1004, "1\u00a0004 объекта"},
	} {
		if got := speak(t, c.language).Count("guest.items", c.n); got != c.want {
			t.Errorf("%s %d: %q, want %q", c.language, c.n, got, c.want)
		}
	}
}

func TestSizesHaveThreeDigitsAtMost(t *testing.T) {
	for _, c := range []struct {
		n      int64
		en, ru string
	}{
		{0, "0 B", "0 Б"}, {999, "999 B", "999 Б"}, {1000, "1 KB", "1 КБ"}, {1540, "1.5 KB", "1,5 КБ"},
		{9_960, "10 KB", "10 КБ"}, {999_499, "999 KB", "999 КБ"}, {999_500, "1 MB", "1 МБ"},
		{24_300_000, "24 MB", "24 МБ"}, {7_250_000_000_000, "7250 GB", "7250 ГБ"},
	} {
		en, ru := speak(t, "en").Size(c.n), speak(t, "ru").Size(c.n)
		if strings.ReplaceAll(en, "\u00a0", " ") != c.en || strings.ReplaceAll(ru, "\u00a0", " ") != c.ru {
			t.Errorf("%d: %q %q, want %q %q", c.n, en, ru, c.en, c.ru)
		}
	}
}

func TestADeadlineIsADayInTheCreatorsZone(t *testing.T) {
	end := time.Date(2026, 12, 6, 10, 59, 59, 0, time.UTC)
	for _, c := range []struct{ language, zone, want string }{
		{"en", "Pacific/Auckland", "6 Dec 2026"}, {"en", "America/Los_Angeles", "6 Dec 2026"},
		{"en", "Pacific/Kiritimati", "7 Dec 2026"}, {"ru", "Etc/UTC", "6 дек. 2026"}, {"en", "No/Where", "6 Dec 2026"},
	} {
		if got := speak(t, c.language).Deadline(end, c.zone); got != c.want {
			t.Errorf("%s: %q, want %q", c.zone, got, c.want)
		}
	}
}

func TestTheLanguageIsTheOneAskedForElseTheBrowsersFirst(t *testing.T) {
	for _, c := range []struct{ asked, accept, want string }{
		{"", "", "en"}, {"ru", "en", "ru"}, {"xx", "ru", "ru"}, {"", "ru-RU,ru;q=0.9,en;q=0.8", "ru"},
		{"", "de,ru;q=0.3,en;q=0.9", "en"}, {"", "fr, de", "en"}, {"", "ru;q=0, en;q=0.1", "en"},
		{"", "RU", "ru"}, {"", ";;;q=,,=;q=9", "en"}, {"", "ru;q=NaN,en;q=0.2", "en"},
	} {
		if got := chooseLanguage(c.asked, c.accept); got != c.want {
			t.Errorf("%q %q: %s, want %s", c.asked, c.accept, got, c.want)
		}
	}
}
