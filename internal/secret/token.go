package secret

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
	"strings"
)

const (
	base62    = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	readable  = "23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz" // no 0 O o, 1 I l
	codeChars = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"

	tokenLength    = 22 // of base62: 130 bits
	passwordLength = 16 // of readable: 92 bits
	masked         = "***"
)

// Token is a secret that opens something by being known: a link's token, an API token, the set-up
// code. Whatever prints, logs or encodes it writes three stars; only Reveal gives it away.
type Token string

// NewToken makes a token of 22 characters, which nobody guesses.
func NewToken() Token { return Token(pick(base62, tokenLength)) }

// NewSetupCode makes the code that the first visitor reads from the log and types:
// four groups of four characters that can't be mistaken for each other.
func NewSetupCode() Token {
	code := pick(codeChars, 16)
	return Token(strings.Join([]string{code[:4], code[4:8], code[8:12], code[12:]}, "-"))
}

// GeneratePassword makes a password that a person can read out: 16 characters without look-alikes.
func GeneratePassword() string { return pick(readable, passwordLength) }

// Reveal is the token itself, for the one place that has to show it.
func (t Token) Reveal() string { return string(t) }

// Equal compares in constant time.
func (t Token) Equal(other Token) bool {
	return subtle.ConstantTimeCompare([]byte(t), []byte(other)) == 1
}

// IsSetupCode says whether a person typed this set-up code: case, spaces and dashes are forgiven.
// An empty token is nobody's code.
func (t Token) IsSetupCode(typed string) bool {
	plain := strings.NewReplacer("-", "", " ", "")
	want := plain.Replace(string(t))
	return want != "" && Token(want).Equal(Token(strings.ToUpper(plain.Replace(strings.TrimSpace(typed)))))
}

func (t Token) String() string { return masked }

// Format keeps every verb of fmt from printing the token.
func (t Token) Format(f fmt.State, _ rune) { io.WriteString(f, masked) }

// LogValue keeps the token out of the logs.
func (t Token) LogValue() slog.Value { return slog.StringValue(masked) }

// MarshalText keeps the token out of JSON: an answer that shows one says so by Reveal.
func (t Token) MarshalText() ([]byte, error) { return []byte(masked), nil }

// pick draws each character with the same likelihood: bytes over the largest multiple of the
// alphabet's length are thrown away.
func pick(alphabet string, n int) string {
	limit := 256 - 256%len(alphabet)
	out := make([]byte, 0, n)
	var pool [64]byte
	for {
		rand.Read(pool[:])
		for _, b := range pool {
			if int(b) >= limit {
				continue
			}
			out = append(out, alphabet[int(b)%len(alphabet)])
			if len(out) == n {
				return string(out)
			}
		}
	}
}
