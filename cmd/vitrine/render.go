package main

import "vitrine/internal/media/child"

// renderChild runs the hidden subcommand `render`: the confined process that reads strangers' files for
// the server. args are the words after it. It must be called before anything else in main, so that the
// child holds nothing of the server.
func renderChild(args []string) int { return child.Main(args) }
