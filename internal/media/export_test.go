package media

import "vitrine/internal/dam"

// Strippers says what can be taken out of which type.
func Strippers() map[string]map[dam.Cleaning]bool {
	out := map[string]map[dam.Cleaning]bool{}
	for mime, s := range strippers {
		out[mime] = map[dam.Cleaning]bool{dam.CleanGPS: s.gps != nil, dam.CleanAll: s.all != nil}
	}
	return out
}
