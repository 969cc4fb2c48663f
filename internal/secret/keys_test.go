package secret

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func testKeys(t testing.TB) *Keys {
	t.Helper()
	keys, err := Open(filepath.Join(t.TempDir(), "key"))
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

func TestTheFirstStartMakesAKeyThatOnlyItsOwnerReads(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	first, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o600 || info.Size() != 32 {
		t.Errorf("key file has mode %04o and %d bytes, want 0600 and 32", info.Mode().Perm(), info.Size())
	}
	again, err := Open(file)
	if err != nil {
		t.Fatal(err)
	}
	if first.ID() != again.ID() {
		t.Error("the second start derived other keys from the same file")
	}
	if other := testKeys(t); other.ID() == first.ID() {
		t.Error("two installations have the same key")
	}
	left, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(left) != 1 {
		t.Errorf("beside the key file something was left: %v", left)
	}
}

func TestManyFirstStartsAtOnceEndWithOneKey(t *testing.T) {
	file := filepath.Join(t.TempDir(), "key")
	ids := make([]string, 16)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			keys, err := Open(file)
			if err != nil {
				t.Error(err)
				return
			}
			ids[i] = keys.ID()
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("the starts got different keys: %v", ids)
		}
	}
}

func TestAKeyFileIsRefused(t *testing.T) {
	good := bytes.Repeat([]byte{7}, 32)
	for _, c := range []struct {
		name string
		data []byte
		mode os.FileMode
		says string
	}{
		{"when its group may read it", good, 0o640, "chmod 600"},
		{"when the world may read it", good, 0o604, "chmod 600"},
		{"when its group may write it", good, 0o620, "chmod 600"},
		{"when it is empty", nil, 0o600, "32 bytes"},
		{"when it is one byte short", good[:31], 0o600, "32 bytes"},
		{"when it is one byte long", append(bytes.Clone(good), 1), 0o600, "32 bytes"},
		{"when it holds only zeros", make([]byte, 32), 0o600, "zeros"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "key")
			if err := os.WriteFile(file, c.data, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(file, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := Open(file)
			if err == nil || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an error that says %q", err, c.says)
			}
			if kept, _ := os.ReadFile(file); !bytes.Equal(kept, c.data) {
				t.Error("the refused file was changed")
			}
		})
	}
	t.Run("when it is a folder", func(t *testing.T) {
		if _, err := Open(t.TempDir()); err == nil {
			t.Error("a folder was taken for a key")
		}
	})
}

func TestASealedValueOpensOnlyWhereItWasSealed(t *testing.T) {
	keys := testKeys(t)
	plain := []byte("a token")
	sealed, err := keys.Seal(plain, "link 1")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, plain) {
		t.Fatal("the sealed value shows the plain one")
	}
	if got, err := keys.Unseal(sealed, "link 1"); err != nil || !bytes.Equal(got, plain) {
		t.Fatalf("got %q, %v", got, err)
	}
	if twice, _ := keys.Seal(plain, "link 1"); bytes.Equal(twice, sealed) {
		t.Error("the same value sealed twice looks the same")
	}
	if _, err := keys.Unseal(sealed, "link 2"); err == nil {
		t.Error("it opened for another purpose")
	}
	if _, err := testKeys(t).Unseal(sealed, "link 1"); err == nil {
		t.Error("it opened with another installation's key")
	}
	for i := range sealed {
		changed := bytes.Clone(sealed)
		changed[i] ^= 1
		if _, err := keys.Unseal(changed, "link 1"); err == nil {
			t.Errorf("it opened with byte %d changed", i)
		}
		if _, err := keys.Unseal(sealed[:i], "link 1"); err == nil {
			t.Errorf("it opened cut to %d bytes", i)
		}
	}
}

func TestDigestsAndETagsAreKeyedAndStable(t *testing.T) {
	keys, other := testKeys(t), testKeys(t)
	token := NewToken()
	if !bytes.Equal(keys.Digest(token), keys.Digest(token)) {
		t.Error("a token has two digests")
	}
	if bytes.Equal(keys.Digest(token), other.Digest(token)) {
		t.Error("a digest does not depend on the key")
	}
	if first, again := keys.ETag("a", "b"), keys.ETag("a", "b"); first != again {
		t.Error("one content has two ETags")
	}
	seen := map[string]bool{}
	for _, tag := range []string{
		keys.ETag("ab"), keys.ETag("a", "b"), keys.ETag("", "ab"), keys.ETag("ab", ""), keys.ETag(), other.ETag("ab"),
	} {
		if seen[tag] {
			t.Errorf("two contents share the ETag %s", tag)
		}
		seen[tag] = true
		if len(tag) != 24 || tag[0] != '"' || tag[23] != '"' {
			t.Errorf("%s is not a strong entity tag", tag)
		}
	}
}

func FuzzUnseal(f *testing.F) {
	keys := testKeys(f)
	sealed, err := keys.Seal([]byte("value"), "purpose")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, value []byte) {
		if _, err := keys.Unseal(value, "purpose"); err == nil && !bytes.Equal(value, sealed) {
			t.Fatalf("%x was opened and never sealed", value)
		}
	})
}
