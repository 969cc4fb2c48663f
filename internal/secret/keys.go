// Package secret holds everything that must not be known: the key file, tokens, password hashes,
// passes and sealed values. It never stores, logs or prints one of them and knows nothing of
// links or people. The library calls it, and no other room touches the crypto packages but the
// blob store, which takes content hashes.
package secret

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32

// Keys derives every key the installation needs from one key file, which lives apart from the
// database: a dump of the rows opens nothing.
type Keys struct {
	id     []byte
	digest []byte
	pass   []byte
	etag   []byte
	sealer cipher.AEAD
}

// Open reads the key file and makes it at first run. It refuses a file that others may read, one
// of the wrong length and one of only zeros; there is no default key.
func Open(keyFile string) (*Keys, error) {
	root, err := readKey(keyFile)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeKey(keyFile); err != nil {
			return nil, fmt.Errorf("make the key file: %w", err)
		}
		root, err = readKey(keyFile)
	}
	if err != nil {
		return nil, fmt.Errorf("read the key file: %w", err)
	}
	return derive(root)
}

func readKey(keyFile string) ([]byte, error) {
	f, err := os.Open(keyFile)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a file", keyFile)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("others may read or write %s (mode %04o): run chmod 600 on it",
			keyFile, info.Mode().Perm())
	}
	key, err := io.ReadAll(io.LimitReader(f, keySize+1))
	if err != nil {
		return nil, err
	}
	if len(key) != keySize {
		return nil, fmt.Errorf("%s must hold exactly %d bytes: restore it from the backup", keyFile, keySize)
	}
	if bytes.Equal(key, make([]byte, keySize)) {
		return nil, fmt.Errorf("%s holds only zeros: restore it from the backup", keyFile)
	}
	return key, nil
}

// makeKey writes a whole, synced file first and then links it to its name, so that two processes
// at their first start end up with one key and a crash never leaves half of one.
func makeKey(keyFile string) error {
	dir := filepath.Dir(keyFile)
	f, err := os.CreateTemp(dir, ".key-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	defer f.Close()
	key := make([]byte, keySize)
	rand.Read(key)
	if _, err := f.Write(key); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), keyFile); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

func derive(root []byte) (*Keys, error) {
	sub := func(purpose string) []byte {
		key, err := hkdf.Key(sha256.New, root, nil, "vitrine/1/"+purpose, keySize)
		if err != nil {
			panic(err) // only a wrong length can fail, and ours is a constant
		}
		return key
	}
	block, err := aes.NewCipher(sub("seal"))
	if err != nil {
		return nil, err
	}
	sealer, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, err
	}
	return &Keys{
		id: sub("id"), digest: sub("digest"), pass: sub("pass"), etag: sub("etag"), sealer: sealer,
	}, nil
}

// ID names the key without telling anything of it. The database keeps it, so that a start with
// another key file is refused instead of turning every link and sealed value into garbage.
func (k *Keys) ID() string {
	return base64.RawURLEncoding.EncodeToString(sum(k.id, "id")[:12])
}

// Digest is what the database looks a token up by; it can't be turned back into the token.
func (k *Keys) Digest(t Token) []byte { return sum(k.digest, "digest", string(t)) }

// ETag is a quoted entity tag over the parts. It is keyed, so that it tells nobody a content hash.
func (k *Keys) ETag(parts ...string) string {
	return `"` + base64.RawURLEncoding.EncodeToString(sum(k.etag, "etag", parts...)[:16]) + `"`
}

// Seal encrypts a value that must be readable again. The purpose says what it is and whose, and
// Unseal needs the same: a sealed value copied to another row does not open there.
func (k *Keys) Seal(plain []byte, purpose string) ([]byte, error) {
	return k.sealer.Seal(nil, nil, plain, []byte(purpose)), nil
}

// Unseal gives back what Seal was given, or an error when key, purpose or a single bit differs.
func (k *Keys) Unseal(sealed []byte, purpose string) ([]byte, error) {
	plain, err := k.sealer.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, fmt.Errorf("unseal a %s: the key file or the value is not the one it was sealed with", purpose)
	}
	return plain, nil
}

// sum is a MAC over fields that each carry their length, so that no two lists of fields share one.
func sum(key []byte, label string, fields ...string) []byte {
	mac := hmac.New(sha256.New, key)
	var size [8]byte
	for _, field := range append([]string{label}, fields...) {
		binary.BigEndian.PutUint64(size[:], uint64(len(field)))
		mac.Write(size[:])
		io.WriteString(mac, field)
	}
	return mac.Sum(nil)
}
