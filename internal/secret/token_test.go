package secret

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"regexp"
	"strings"
	"testing"
)

func TestTokensAreLongDistinctAndEven(t *testing.T) {
	const n = 20_000
	form := regexp.MustCompile(`^[0-9A-Za-z]{22}$`)
	seen := make(map[Token]bool, n)
	count := map[byte]int{}
	for range n {
		token := NewToken()
		if !form.MatchString(token.Reveal()) || seen[token] {
			t.Fatalf("%q is not a new token of 22 characters of base62", token.Reveal())
		}
		seen[token] = true
		for i := range len(token) {
			count[token[i]]++
		}
	}
	// 440,000 draws, 7,097 expected for each; 6 standard deviations are 502.
	for _, c := range []byte(base62) {
		if d := count[c] - n*tokenLength/62; d < -502 || d > 502 {
			t.Errorf("%q was drawn %d times of %d", c, count[c], n*tokenLength)
		}
	}
}

func TestATokenIsNeverPrinted(t *testing.T) {
	token := NewToken()
	var out bytes.Buffer
	for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+" "+verb+"\n", token, struct{ T Token }{token})
	}
	fmt.Fprintln(&out, token, []Token{token}, &token, fmt.Errorf("open %s: %w", token, fmt.Errorf("%v", token)))
	slog.New(slog.NewTextHandler(&out, nil)).Info("text", "token", token, "group", slog.GroupValue(slog.Any("t", token)))
	slog.New(slog.NewJSONHandler(&out, nil)).Info("json", "token", token, "inside", struct{ T Token }{token})
	if err := json.NewEncoder(&out).Encode(map[string]any{"token": token, "in": []Token{token}}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(out.String(), token.Reveal()) || strings.Contains(out.String(), fmt.Sprintf("%x", token.Reveal())) {
		t.Errorf("a token was printed:\n%s", strings.ReplaceAll(out.String(), token.Reveal(), "<TOKEN>"))
	}
}

func TestASetupCodeForgivesHowItIsTyped(t *testing.T) {
	code := NewSetupCode()
	if !regexp.MustCompile(`^([2-9A-HJ-NP-Z]{4}-){3}[2-9A-HJ-NP-Z]{4}$`).MatchString(code.Reveal()) {
		t.Fatalf("%q is not four groups of four readable characters", code.Reveal())
	}
	plain := strings.ReplaceAll(code.Reveal(), "-", "")
	for _, typed := range []string{code.Reveal(), plain, strings.ToLower(plain), " " + code.Reveal() + "\n", strings.ReplaceAll(code.Reveal(), "-", " ")} {
		if !code.IsSetupCode(typed) {
			t.Errorf("%q was refused", typed)
		}
	}
	for _, typed := range []string{"", plain[1:], plain + "2", NewSetupCode().Reveal()} {
		if code.IsSetupCode(typed) {
			t.Errorf("%q was taken", typed)
		}
	}
	if Token("").IsSetupCode("") {
		t.Error("no code was matched by nothing")
	}
}

func TestGeneratedPasswordsHaveNoLookAlikes(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		password := GeneratePassword()
		if len(password) != 16 || strings.ContainsAny(password, "0Oo1Il") || seen[password] {
			t.Fatalf("%q is not a new password of 16 readable characters", password)
		}
		seen[password] = true
	}
}
