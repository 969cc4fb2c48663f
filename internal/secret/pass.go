package secret

import (
	"crypto/hmac"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"strconv"
	"time"
)

const (
	passNonce  = 16
	passExpiry = 8
	passMAC    = 32
)

// NewPass makes the proof that a guest gave the right password of one link. A new password is a
// new epoch and ends every pass before it; two passes never look the same.
func (k *Keys) NewPass(linkID string, epoch int64, expires time.Time) string {
	value := make([]byte, passNonce, passNonce+passExpiry+passMAC)
	rand.Read(value)
	value = binary.BigEndian.AppendUint64(value, uint64(expires.UnixMicro()))
	return base64.RawURLEncoding.EncodeToString(append(value, k.passMAC(value, linkID, epoch)...))
}

// CheckPass says whether the value is a pass of this link and epoch that has not run out. It asks
// nothing of the link itself: the gate reads the link's present state first.
func (k *Keys) CheckPass(value, linkID string, epoch int64, now time.Time) bool {
	const size = passNonce + passExpiry + passMAC
	if len(value) != base64.RawURLEncoding.EncodedLen(size) {
		return false
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(value)
	if err != nil {
		return false
	}
	head, mac := raw[:passNonce+passExpiry], raw[passNonce+passExpiry:]
	if !hmac.Equal(mac, k.passMAC(head, linkID, epoch)) {
		return false
	}
	expires := time.UnixMicro(int64(binary.BigEndian.Uint64(head[passNonce:])))
	return now.Before(expires)
}

func (k *Keys) passMAC(head []byte, linkID string, epoch int64) []byte {
	return sum(k.pass, "pass", linkID, strconv.FormatInt(epoch, 10), string(head))
}
