package secret

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"testing"

	"vitrine/internal/dam"
)

func TestPasswordsAreTakenExactlyAsTyped(t *testing.T) {
	long := strings.Repeat("x", 100)
	for _, c := range []struct {
		name       string
		set, typed string
		want       bool
	}{
		{"the same password", "correct horse", "correct horse", true},
		{"another password", "correct horse", "correct house", false},
		{"a space at the end counts", "password", "password ", false},
		{"spaces at both ends are kept", " password ", " password ", true},
		{"case counts", "Password", "password", false},
		{"a difference after the 100th byte counts", long + "a", long + "b", false},
		{"composed and decomposed letters are one", "cafe\u0301 noir", "caf\u00e9 noir", true},
		{"Cyrillic letters do not turn into Latin ones", "пароль-сор", "пароль-cop", false},
		{"an empty password matches only itself", "", "x", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			hasher := NewHasher()
			kept, err := hasher.Hash(t.Context(), c.set)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(kept, "$argon2id$v=19$m=19456,t=2,p=1$") || (c.set != "" && strings.Contains(kept, c.set)) {
				t.Fatalf("%q is not the hash to keep", kept)
			}
			got, err := hasher.Verify(t.Context(), kept, c.typed)
			if err != nil || got != c.want {
				t.Errorf("got %v, %v, want %v", got, err, c.want)
			}
		})
	}
}

func TestTheSamePasswordHasAnotherHashEachTime(t *testing.T) {
	hasher := NewHasher()
	a, _ := hasher.Hash(t.Context(), "password")
	b, _ := hasher.Hash(t.Context(), "password")
	if a == b {
		t.Error("two hashes of one password are equal: there is no salt")
	}
}

func TestAHashThatIsNotOursIsAnErrorAndNoWork(t *testing.T) {
	salt, hash := strings.Repeat("A", 22), strings.Repeat("A", 43)
	for _, kept := range []string{
		"", "password", "$2a$10$" + hash,
		"$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + hash,
		"$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=4294967295,t=2,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=19456,t=4294967295,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=19456,t=0,p=1$" + salt + "$" + hash,
		"$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + hash,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$",
		"$argon2id$v=19$m=19456,t=2,p=1$$" + hash,
		"$argon2id$v=19$m=19456,t=2,p=1$" + salt + "$" + hash + "$",
	} {
		if ok, err := NewHasher().Verify(t.Context(), kept, "password"); err == nil || ok {
			t.Errorf("%q: got %v, %v", kept, ok, err)
		}
	}
}

func TestTooManyGuessesAreSentAwayAndTheRestIsServed(t *testing.T) {
	hasher := NewHasher()
	var leave []func()
	for range hashesAtOnce {
		l, err := hasher.enter(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		leave = append(leave, l)
	}
	waiting, giveUp := context.WithCancel(t.Context())
	results := make(chan error, hashesWaiting)
	for range hashesWaiting {
		go func() { results <- hasher.Waste(waiting, "password") }()
	}
	for len(hasher.admitted) < hashesAtOnce+hashesWaiting {
		runtime.Gosched()
		if len(results) > 0 {
			t.Fatalf("one that should wait came back: %v", <-results)
		}
	}

	_, err := hasher.Hash(t.Context(), "password")
	var refusal *dam.Error
	if !errors.As(err, &refusal) || refusal.Kind != dam.Unavailable || refusal.RetryAfter <= 0 {
		t.Fatalf("the 21st got %v, want a refusal that says when to try again", err)
	}

	giveUp()
	for range hashesWaiting {
		if err := <-results; !errors.Is(err, context.Canceled) {
			t.Errorf("one that gave up got %v", err)
		}
	}
	for _, l := range leave {
		l()
	}
	if err := hasher.Waste(t.Context(), "password"); err != nil {
		t.Errorf("after all left: %v", err)
	}
	if len(hasher.admitted) != 0 || len(hasher.working) != 0 {
		t.Error("a place was never given back")
	}
}

func BenchmarkVerify(b *testing.B) {
	hasher := NewHasher()
	kept, err := hasher.Hash(b.Context(), "password")
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if ok, err := hasher.Verify(b.Context(), kept, "password"); !ok || err != nil {
			b.Fatal(ok, err)
		}
	}
}
