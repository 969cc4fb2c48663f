package library

import (
	"context"
	"net/mail"
	"net/netip"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"vitrine/internal/dam"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// Limits on guessing: so many tries in a window, per network and account, and per network alone.
const (
	guesses         = 10
	guessWindow     = 10 * time.Minute
	networkGuesses  = 100
	maxNameLength   = 200
	maxAPITokens    = 50
	maxEmailLength  = 254 // RFC 5321, section 4.5.3.1.3
	signInBadAnswer = "The e-mail or the password is not right."
)

type setupCode struct {
	mu    sync.Mutex
	token secret.Token
}

// SetupNeeded says whether nobody has an account yet.
func (l *Library) SetupNeeded(ctx context.Context) (bool, error) {
	has, err := l.Store.HasUsers(ctx)
	return !has, err
}

// SetupCode is the one-time code that SetUp wants. It lives in memory: every start has its own.
func (l *Library) SetupCode() string {
	l.setup.mu.Lock()
	defer l.setup.mu.Unlock()
	if l.setup.token == "" {
		l.setup.token = secret.NewSetupCode()
	}
	return l.setup.token.Reveal()
}

// SetUp makes the first administrator.
// Errors: Forbidden for a wrong code, Conflict when somebody has an account, Invalid, TooMany.
func (l *Library) SetUp(ctx context.Context, code, name, email, password string) (dam.User, error) {
	needed, err := l.SetupNeeded(ctx)
	if err != nil {
		return dam.User{}, err
	}
	if !needed {
		return dam.User{}, &dam.Error{Kind: dam.Conflict, Msg: "Vitrine is set up already. Sign in."}
	}
	if err := l.spend(ctx, "setup", networkGuesses); err != nil {
		return dam.User{}, err
	}
	l.SetupCode()
	if !l.setup.token.IsSetupCode(code) {
		return dam.User{}, &dam.Error{Kind: dam.Forbidden, Field: "code", Msg: "That is not the code in the server log."}
	}
	u, err := l.newUser(ctx, NewUser{Email: email, Name: name, Role: dam.RoleAdmin, Password: password})
	if err != nil {
		return dam.User{}, err
	}
	return u, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		// Two people with the code at once: the second finds the first.
		if has, err := tx.HasUsers(ctx); err != nil || has {
			return firstError(err, &dam.Error{Kind: dam.Conflict, Msg: "Vitrine is set up already. Sign in."})
		}
		if err := tx.InsertUser(ctx, u); err != nil {
			return err
		}
		return l.note(ctx, tx, u.Viewer(), "user.setup", u.ID, nil)
	})
}

// SignIn finds the account of an address and a password; the answer to a wrong address is the one
// to a wrong password. Errors: Unauthenticated, TooMany, Unavailable.
func (l *Library) SignIn(ctx context.Context, email, password, address string) (dam.User, error) {
	from := networkOf(address)
	email = strings.TrimSpace(email)
	account := "signin:" + strings.ToLower(email) + ":" + from
	if err := l.spend(ctx, "signin:"+from, networkGuesses); err != nil {
		return dam.User{}, err
	}
	wrong := &dam.Error{Kind: dam.Unauthenticated, Msg: signInBadAnswer}
	if len(email) > maxEmailLength { // nobody's, and too long to be kept as a budget
		return dam.User{}, firstError(l.Hasher.Waste(ctx, password), wrong)
	}
	if err := l.spend(ctx, account, guesses); err != nil {
		return dam.User{}, err
	}
	u, err := l.Store.UserByEmail(ctx, email)
	if dam.KindOf(err) == dam.NotFound {
		return dam.User{}, firstError(l.Hasher.Waste(ctx, password), wrong)
	}
	if err != nil {
		return dam.User{}, err
	}
	right, err := l.Hasher.Verify(ctx, u.PasswordHash, password)
	if err != nil {
		return dam.User{}, err
	}
	if !right || u.Disabled {
		return dam.User{}, wrong
	}
	for _, key := range []string{"signin:" + from, account} {
		if err := l.Store.Refund(ctx, key); err != nil {
			return dam.User{}, err
		}
	}
	return u, nil
}

// UserOf finds the account of a session that was begun at an epoch.
// Errors: Unauthenticated when the account is gone, disabled, or has ended its sessions.
func (l *Library) UserOf(ctx context.Context, userID string, epoch int64) (dam.User, error) {
	u, err := l.Store.User(ctx, userID)
	if dam.KindOf(err) == dam.NotFound || err == nil && (u.Disabled || u.Epoch != epoch) {
		return dam.User{}, &dam.Error{Kind: dam.Unauthenticated, Msg: "Your session has ended. Sign in again."}
	}
	return u, err
}

// UserOfToken finds the account of an API token. Errors: Unauthenticated.
func (l *Library) UserOfToken(ctx context.Context, token secret.Token) (dam.User, error) {
	u, err := l.Store.UserOfToken(ctx, l.Keys.Digest(token))
	if dam.KindOf(err) == dam.NotFound || err == nil && u.Disabled {
		return dam.User{}, &dam.Error{Kind: dam.Unauthenticated, Msg: "This API token is not valid."}
	}
	return u, err
}

// UserRow is an account as administrators list it.
type UserRow struct {
	dam.User
	Links int
}

// Users lists all accounts. Errors: Unauthenticated, Forbidden.
func (l *Library) Users(ctx context.Context, v dam.Viewer) ([]UserRow, error) {
	if err := v.Require(dam.Admin); err != nil {
		return nil, err
	}
	users, err := l.Store.Users(ctx)
	if err != nil {
		return nil, err
	}
	links, err := l.Store.LinkCounts(ctx)
	rows := make([]UserRow, len(users))
	for i, u := range users {
		rows[i] = UserRow{User: u, Links: links[u.ID]}
	}
	return rows, err
}

// UserNames maps ids to names; unknown ids are absent.
func (l *Library) UserNames(ctx context.Context, ids ...string) (map[string]string, error) {
	return l.Store.UserNames(ctx, ids)
}

// NewUser is an account to be made.
type NewUser struct {
	Email    string
	Name     string
	Role     dam.Role
	Password string
}

// AddUser makes an account. Errors: Unauthenticated, Forbidden, Invalid, Conflict.
func (l *Library) AddUser(ctx context.Context, v dam.Viewer, n NewUser) (dam.User, error) {
	if err := v.Require(dam.Admin); err != nil {
		return dam.User{}, err
	}
	u, err := l.newUser(ctx, n)
	if err != nil {
		return dam.User{}, err
	}
	return u, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.InsertUser(ctx, u); dam.KindOf(err) == dam.Conflict {
			return &dam.Error{Kind: dam.Conflict, Field: "email", Msg: "Somebody has that e-mail already."}
		} else if err != nil {
			return err
		}
		return l.note(ctx, tx, v, "user.add", u.ID, map[string]string{"role": string(u.Role)})
	})
}

func (l *Library) newUser(ctx context.Context, n NewUser) (dam.User, error) {
	email, err := mail.ParseAddress(strings.TrimSpace(n.Email))
	if err != nil || email.Name != "" || len(email.Address) > maxEmailLength {
		return dam.User{}, dam.InvalidField("email", "Write an e-mail address like name@example.org.")
	}
	name, err := line("name", n.Name)
	if err != nil {
		return dam.User{}, err
	}
	if !n.Role.Valid() {
		return dam.User{}, dam.InvalidField("role", "The roles are viewer, contributor, editor, manager and admin.")
	}
	if err := dam.ValidPassword(n.Password); err != nil {
		return dam.User{}, err
	}
	hash, err := l.Hasher.Hash(ctx, n.Password)
	return dam.User{
		ID: newID(), Email: strings.ToLower(email.Address), Name: name, Role: n.Role,
		PasswordHash: hash, Epoch: 1, CreatedAt: l.now(),
	}, err
}

// UserPatch says what to change of an account; nil keeps.
type UserPatch struct {
	Name     *string
	Role     *dam.Role
	Disabled *bool
	Password *string
}

// EditUser changes an account. Another password, role or a disabled account ends its sessions.
// Errors: Unauthenticated, Forbidden, NotFound, Invalid, Conflict for an administrator who would
// lock themselves out.
func (l *Library) EditUser(ctx context.Context, v dam.Viewer, id string, p UserPatch) (UserRow, error) {
	if err := v.Require(dam.Admin); err != nil {
		return UserRow{}, err
	}
	if id == v.ID && (p.Disabled != nil && *p.Disabled || p.Role != nil && *p.Role != dam.RoleAdmin) {
		return UserRow{}, &dam.Error{Kind: dam.Conflict, Msg: "You cannot take your own administration away. Ask another administrator."}
	}
	var hash string
	if p.Password != nil {
		if err := dam.ValidPassword(*p.Password); err != nil {
			return UserRow{}, err
		}
		var err error
		if hash, err = l.Hasher.Hash(ctx, *p.Password); err != nil {
			return UserRow{}, err
		}
	}
	var out UserRow
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		u, err := tx.User(ctx, id)
		if err != nil {
			return err
		}
		if err := p.apply(&u, hash); err != nil {
			return err
		}
		links, err := tx.LinkCounts(ctx)
		if err != nil {
			return err
		}
		out = UserRow{User: u, Links: links[id]}
		if err := tx.UpdateUser(ctx, u); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "user.edit", id, nil)
	})
	return out, err
}

func (p UserPatch) apply(u *dam.User, hash string) error {
	if p.Name != nil {
		name, err := line("name", *p.Name)
		if err != nil {
			return err
		}
		u.Name = name
	}
	if p.Role != nil {
		if !p.Role.Valid() {
			return dam.InvalidField("role", "The roles are viewer, contributor, editor, manager and admin.")
		}
		u.Role = *p.Role
	}
	if p.Disabled != nil {
		u.Disabled = *p.Disabled
	}
	if hash != "" {
		u.PasswordHash = hash
	}
	if hash != "" || u.Disabled {
		u.Epoch++
	}
	return nil
}

// Tokens lists the viewer's own API tokens. Errors: Unauthenticated.
func (l *Library) Tokens(ctx context.Context, v dam.Viewer) ([]store.APIToken, error) {
	if err := v.Require(dam.AssetView); err != nil {
		return nil, err
	}
	return l.Store.Tokens(ctx, v.ID)
}

// CreateToken makes an API token that acts as the viewer and tells it this once.
// Errors: Unauthenticated, Invalid, Conflict when there are too many.
func (l *Library) CreateToken(ctx context.Context, v dam.Viewer, name string) (store.APIToken, secret.Token, error) {
	have, err := l.Tokens(ctx, v)
	if err != nil {
		return store.APIToken{}, "", err
	}
	if len(have) >= maxAPITokens {
		return store.APIToken{}, "", &dam.Error{Kind: dam.Conflict, Msg: "You have too many API tokens. Delete one first."}
	}
	if name, err = line("name", name); err != nil {
		return store.APIToken{}, "", err
	}
	token := secret.NewToken()
	t := store.APIToken{ID: newID(), UserID: v.ID, Name: name, CreatedAt: l.now()}
	return t, token, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.InsertToken(ctx, t, l.Keys.Digest(token)); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "token.create", t.ID, map[string]string{"name": name})
	})
}

// DeleteToken ends one of the viewer's API tokens. Errors: Unauthenticated, NotFound.
func (l *Library) DeleteToken(ctx context.Context, v dam.Viewer, id string) error {
	if err := v.Require(dam.AssetView); err != nil {
		return err
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.DeleteToken(ctx, v.ID, id); err != nil {
			return err
		}
		return l.note(ctx, tx, v, "token.delete", id, nil)
	})
}

// spend takes one guess from a budget. Errors: TooMany with RetryAfter.
func (l *Library) spend(ctx context.Context, key string, limit int) error {
	wait, err := l.Store.Spend(ctx, key, limit, guessWindow, l.now())
	if err != nil {
		return err
	}
	if wait > 0 {
		return &dam.Error{Kind: dam.TooMany, Msg: "Too many tries. Wait a little and try again.", RetryAfter: wait}
	}
	return nil
}

// networkOf is what counts as one network for limits: an IPv4 address, or the /64 of an IPv6 one.
func networkOf(address string) string {
	ip, err := netip.ParseAddr(address)
	if err != nil {
		return "unknown"
	}
	return network(ip)
}

func network(ip netip.Addr) string {
	ip = ip.Unmap().WithZone("")
	if ip.Is6() {
		return netip.PrefixFrom(ip, 64).Masked().String()
	}
	return ip.String()
}

// newID is a UUIDv7 (RFC 9562): ids sort by the time they were made.
func newID() string { return uuid.Must(uuid.NewV7()).String() }

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
