package dam

import "time"

// CollectionKind says who a collection is for.
type CollectionKind string

const (
	CollectionPersonal CollectionKind = "personal"
	CollectionShared   CollectionKind = "shared"
)

// Collection is an ordered set of assets. MadeForLink marks those a link made for several assets.
// Covers holds the ids of its first assets, at most four, for the one who asked.
type Collection struct {
	ID          string
	Name        string
	Kind        CollectionKind
	OwnerID     string
	OwnerName   string
	MadeForLink bool
	Count       int
	Links       int
	Covers      []string
	CreatedAt   time.Time
}
