// Command vitrine is a digital-asset server whose heart is sharing by links. Package main reads
// flags and environment (config.go, nobody else does), wires the rooms of internal together and
// runs one command; it holds no rule of its own.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	_ "time/tzdata" // expiry is computed in the creator's zone, also on machines without a zone database

	"github.com/alecthomas/kong"

	"vitrine/internal/dam"
)

// version is set by the build.
var version = "dev"

func main() {
	if len(os.Args) > 1 && os.Args[1] == "render" {
		os.Exit(renderChild(os.Args[2:]))
	}
	var c commands
	parsed := kong.Parse(&c,
		kong.Name("vitrine"),
		kong.Description("Digital assets, shared by links that stay under control."),
		kong.DefaultEnvars("VITRINE"),
		kong.UsageOnError(),
	)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	parsed.BindTo(ctx, (*context.Context)(nil))
	if err := parsed.Run(&c.places); err != nil {
		fmt.Fprintln(os.Stderr, "vitrine: "+explain(err))
		os.Exit(1)
	}
}

// explain writes an error for the terminal: the sentence for people first, then the cause.
func explain(err error) string {
	var known *dam.Error
	if errors.As(err, &known) && known.Field != "" {
		return known.Error()
	}
	return err.Error()
}
