package secret

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"
	"golang.org/x/text/unicode/norm"

	"vitrine/internal/dam"
)

const (
	hashMemory = 19 * 1024 // KiB
	hashTime   = 2
	hashLanes  = 1
	hashSalt   = 16
	hashSize   = 32

	hashesAtOnce  = 4
	hashesWaiting = 16
)

// Hasher turns passwords into argon2id hashes and back into yes or no. Four work at once and
// sixteen wait; whoever comes after that is sent away, so that guesses can't eat the machine.
type Hasher struct {
	admitted chan struct{}
	working  chan struct{}
}

// NewHasher makes the one hasher of the process.
func NewHasher() *Hasher {
	return &Hasher{
		admitted: make(chan struct{}, hashesAtOnce+hashesWaiting),
		working:  make(chan struct{}, hashesAtOnce),
	}
}

// Hash makes the PHC string to keep for a password, which is taken as typed but for Unicode's
// composed form: nothing is trimmed or cut. Kinds: Unavailable when too many wait.
func (h *Hasher) Hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	defer leave()
	p := phc{memory: hashMemory, time: hashTime, lanes: hashLanes, salt: make([]byte, hashSalt)}
	rand.Read(p.salt)
	p.hash = p.of(password, hashSize)
	return p.String(), nil
}

// Verify says whether the password is the one the PHC string was made from. Kinds: Unavailable
// when too many wait, Internal when the string is not one of ours.
func (h *Hasher) Verify(ctx context.Context, kept, password string) (bool, error) {
	p, err := parsePHC(kept)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	leave, err := h.enter(ctx)
	if err != nil {
		return false, fmt.Errorf("verify a password: %w", err)
	}
	defer leave()
	return subtle.ConstantTimeCompare(p.hash, p.of(password, uint32(len(p.hash)))) == 1, nil
}

// Waste does the work of Verify for somebody who does not exist, so that the time an answer takes
// tells nobody who does. Kinds: Unavailable when too many wait.
func (h *Hasher) Waste(ctx context.Context, password string) error {
	leave, err := h.enter(ctx)
	if err != nil {
		return fmt.Errorf("verify a password: %w", err)
	}
	defer leave()
	p := phc{memory: hashMemory, time: hashTime, lanes: hashLanes, salt: make([]byte, hashSalt)}
	p.of(password, hashSize)
	return nil
}

func (h *Hasher) enter(ctx context.Context) (leave func(), err error) {
	select {
	case h.admitted <- struct{}{}:
	default:
		return nil, &dam.Error{
			Kind: dam.Unavailable, Msg: "Too many passwords are being checked. Try again in a moment.",
			RetryAfter: 2 * time.Second,
		}
	}
	select {
	case h.working <- struct{}{}:
		return func() { <-h.working; <-h.admitted }, nil
	case <-ctx.Done():
		<-h.admitted
		return nil, ctx.Err()
	}
}

// phc is a password hash with what is needed to make it again.
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, hash   []byte
}

func (p phc) of(password string, size uint32) []byte {
	return argon2.IDKey([]byte(norm.NFC.String(password)), p.salt, p.time, p.memory, p.lanes, size)
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.memory, p.time, p.lanes, b64.EncodeToString(p.salt), b64.EncodeToString(p.hash))
}

// parsePHC refuses parameters that no installation of ours would write: a row changed by hand must
// not make the server allocate a terabyte.
func parsePHC(text string) (phc, error) {
	wrong := fmt.Errorf("not an argon2id hash of this version")
	part := strings.Split(text, "$")
	if len(part) != 6 || part[0] != "" || part[1] != "argon2id" || part[2] != fmt.Sprintf("v=%d", argon2.Version) {
		return phc{}, wrong
	}
	var p phc
	if _, err := fmt.Sscanf(part[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil {
		return phc{}, wrong
	}
	var err error
	if p.salt, err = base64.RawStdEncoding.DecodeString(part[4]); err != nil {
		return phc{}, wrong
	}
	if p.hash, err = base64.RawStdEncoding.DecodeString(part[5]); err != nil {
		return phc{}, wrong
	}
	if p.memory < 8 || p.memory > 256*1024 || p.time < 1 || p.time > 16 || p.lanes < 1 ||
		len(p.salt) < 8 || len(p.salt) > 64 || len(p.hash) < 16 || len(p.hash) > 64 {
		return phc{}, wrong
	}
	return p, nil
}
