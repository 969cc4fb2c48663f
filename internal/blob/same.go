package blob

import "os"

// Same says whether two stores keep their bytes in one place: what one deletes is gone from both.
func Same(a, b Store) bool {
	switch a := plain(a).(type) {
	case *disk:
		b, ok := plain(b).(*disk)
		if !ok {
			return false
		}
		one, err := os.Stat(a.dir)
		other, otherErr := os.Stat(b.dir)
		return err == nil && otherErr == nil && os.SameFile(one, other)
	case *bucket:
		b, ok := plain(b).(*bucket)
		return ok && a.name == b.name && a.client.EndpointURL().Host == b.client.EndpointURL().Host
	}
	return false
}

// plain is the store behind the memory before it.
func plain(s Store) Store {
	if m, ok := s.(*memory); ok {
		return m.Store
	}
	return s
}
