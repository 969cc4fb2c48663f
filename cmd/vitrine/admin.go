package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"vitrine/internal/dam"
	"vitrine/internal/library"
)

type userCommand struct {
	Add userAddCommand `cmd:"" help:"Make an account. The password is read from standard input."`
}

type userAddCommand struct {
	Email         string `arg:"" help:"E-mail address to sign in with."`
	Name          string `required:"" help:"Name shown to others."`
	Role          string `required:"" help:"viewer, contributor, editor, manager or admin." enum:"viewer,contributor,editor,manager,admin"`
	PasswordStdin bool   `required:"" help:"Read the password from the first line of standard input."`
}

// Run makes an account, also while a server runs.
func (c *userAddCommand) Run(ctx context.Context, p *places) error {
	password, err := bufio.NewReader(os.Stdin).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the password: %w", err)
	}
	return withHouse(ctx, p, func(h *house) error {
		u, err := h.AddUser(ctx, console(), library.NewUser{
			Email: c.Email, Name: c.Name, Role: dam.Role(c.Role), Password: strings.TrimRight(password, "\r\n"),
		})
		if err != nil {
			return err
		}
		fmt.Printf("%s can sign in as %s\n", u.Email, u.Role)
		return nil
	})
}

type tokenCommand struct {
	Create tokenCreateCommand `cmd:"" help:"Make an API token and print it, this once."`
}

type tokenCreateCommand struct {
	User string `required:"" help:"E-mail address of the account the token acts as."`
	Name string `required:"" help:"What the token is for."`
}

// Run prints a new token, also while a server runs.
func (c *tokenCreateCommand) Run(ctx context.Context, p *places) error {
	return withHouse(ctx, p, func(h *house) error {
		u, err := h.store.UserByEmail(ctx, c.User)
		if err != nil {
			return err
		}
		_, token, err := h.CreateToken(ctx, u.Viewer(), c.Name)
		if err != nil {
			return err
		}
		fmt.Println(token.Reveal())
		return nil
	})
}

type importCommand struct {
	Paths      []string `arg:"" help:"Files and folders; folders are walked." type:"existingpath"`
	Owner      string   `required:"" help:"E-mail address of the account that will own the assets."`
	Collection string   `help:"Name of a new collection for the imported assets."`
}

// Run brings files in, also while a server runs; the server makes their renditions.
func (c *importCommand) Run(ctx context.Context, p *places) error {
	files, bytes, err := listFiles(c.Paths)
	if err != nil {
		return err
	}
	return withHouse(ctx, p, func(h *house) error {
		owner, err := h.store.UserByEmail(ctx, c.Owner)
		if err != nil {
			return err
		}
		var ids []string
		var failed []string
		bar := newBar(os.Stderr, bytes)
		for _, file := range files {
			a, err := bringIn(ctx, h.Library, owner.Viewer(), file, bar)
			if ctx.Err() != nil {
				return fmt.Errorf("stopped after %d of %d files: %w", len(ids), len(files), ctx.Err())
			}
			if err != nil {
				failed = append(failed, fmt.Sprintf("%s: %s", file, explain(err)))
				continue
			}
			ids = append(ids, a.ID)
		}
		bar.end()
		if c.Collection != "" && len(ids) > 0 {
			if _, err := h.CreateCollection(ctx, owner.Viewer(), c.Collection, ids); err != nil {
				return err
			}
		}
		fmt.Printf("%d of %d files are in\n", len(ids), len(files))
		if len(failed) > 0 {
			return fmt.Errorf("%d files were left out:\n  %s", len(failed), strings.Join(failed, "\n  "))
		}
		return nil
	})
}

func bringIn(ctx context.Context, lib *library.Library, v dam.Viewer, file string, bar *bar) (dam.Asset, error) {
	f, err := os.Open(file)
	if err != nil {
		return dam.Asset{}, err
	}
	defer f.Close()
	bar.name(filepath.Base(file))
	a, _, err := lib.BringIn(ctx, v, library.NewAsset{Name: filepath.Base(file), Body: io.TeeReader(f, bar)})
	return a, err
}

// listFiles walks folders, leaving out hidden files and whatever is no regular file.
func listFiles(paths []string) (files []string, bytes int64, err error) {
	for _, root := range paths {
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if path != root && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			info, err := d.Info()
			if err != nil || !info.Mode().IsRegular() {
				return err
			}
			files = append(files, path)
			bytes += info.Size()
			return nil
		})
		if err != nil {
			return nil, 0, err
		}
	}
	return files, bytes, nil
}

type checkCommand struct {
	Deep bool `help:"Read every byte and compare it with its hash."`
}

// Run names what is missing or damaged and ends with an error if anything is.
func (c *checkCommand) Run(ctx context.Context, p *places) error {
	return withHouse(ctx, p, func(h *house) error {
		report, err := h.Check(ctx, c.Deep, func(int) {})
		if err != nil {
			return err
		}
		for _, f := range report.Faults {
			needs := "no asset"
			if len(f.Assets) > 0 {
				needs = strings.Join(f.Assets, ", ")
			}
			fmt.Printf("%s: %s (needed by %s)\n", f.Key, f.What, needs)
		}
		fmt.Printf("checked %d blobs, %d bytes; %d not in use yet or any more\n", report.Blobs, report.Bytes, report.Strays)
		if n := len(report.Faults); n > 0 {
			return fmt.Errorf("%d blobs are missing or damaged", n)
		}
		fmt.Println("everything is there")
		return nil
	})
}

type versionCommand struct{}

// Run prints the version.
func (versionCommand) Run() error {
	fmt.Println(version)
	return nil
}

// withHouse runs a command on the same rows and bytes a server may be using.
func withHouse(ctx context.Context, p *places, run func(*house) error) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn}))
	h, err := p.open(ctx, log, false)
	if err != nil {
		return err
	}
	defer h.Close()
	return run(h)
}

func splitList(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
}
