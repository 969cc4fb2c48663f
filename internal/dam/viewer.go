package dam

import "time"

// User is somebody with an account. Epoch grows when all sessions of the user must end.
type User struct {
	ID           string
	Email        string
	Name         string
	Role         Role
	PasswordHash string
	Disabled     bool
	Epoch        int64
	CreatedAt    time.Time
}

// Viewer is who asks. The zero value is nobody.
type Viewer struct {
	ID   string
	Name string
	Role Role
}

// Viewer makes the asker out of an account: a disabled account is nobody.
func (u User) Viewer() Viewer {
	if u.Disabled {
		return Viewer{}
	}
	return Viewer{ID: u.ID, Name: u.Name, Role: u.Role}
}

// SignedIn says whether anybody asks at all.
func (v Viewer) SignedIn() bool { return v.ID != "" }
