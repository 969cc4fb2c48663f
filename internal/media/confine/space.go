//go:build !race

package confine

// addressSpace bounds what a child may reserve. It is wider than Memory: the Go runtime and shared
// libraries reserve space that they do not use.
const addressSpace = Memory + 2<<30
