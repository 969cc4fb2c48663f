package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/jobs"
	"vitrine/internal/library"
	"vitrine/internal/media"
	"vitrine/internal/secret"
	"vitrine/internal/store"
)

// commands is the command line; every flag is also an environment variable VITRINE_...
type commands struct {
	places

	Serve   serveCommand   `cmd:"" help:"Run the server."`
	User    userCommand    `cmd:"" help:"Manage accounts."`
	Token   tokenCommand   `cmd:"" help:"Manage API tokens."`
	Import  importCommand  `cmd:"" help:"Bring files and folders in."`
	Check   checkCommand   `cmd:"" help:"Compare the database with the storage and name what is missing or damaged."`
	Version versionCommand `cmd:"" help:"Print the version."`
}

// places says where things are kept; all commands share it.
type places struct {
	Data     string   `help:"Folder for everything that is not elsewhere." default:"./data" type:"path"`
	Database string   `help:"sqlite:PATH or postgres://... (default: sqlite:DATA/vitrine.db)."`
	Storage  string   `help:"file:DIR or s3://BUCKET?endpoint=URL&region=NAME (default: file:DATA/blobs)."`
	Archive  string   `name:"archive-storage" help:"Where archived originals are moved: file:DIR or s3://BUCKET?... (default: they stay where they are)."`
	KeyFile  string   `help:"File with the key that seals secrets; made at first start. Back it up apart from the database (default: DATA/vitrine.key)." type:"path"`
	Sources  []string `name:"source-root" help:"Folder in which external sources may lie; may be given several times." placeholder:"DIR" type:"path"`
	BaseURL  string   `name:"base-url" help:"Address under which people reach this server, for links (default: where it listens)."`
}

func (p *places) complete() error {
	if p.Database == "" {
		p.Database = "sqlite:" + filepath.Join(p.Data, "vitrine.db")
	}
	if p.Storage == "" {
		p.Storage = "file:" + filepath.Join(p.Data, "blobs")
	}
	if p.KeyFile == "" {
		p.KeyFile = filepath.Join(p.Data, "vitrine.key")
	}
	if err := os.MkdirAll(p.scratch(), 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	return nil
}

// scratch is the folder for what children and S3 need while they work; it may be emptied at any stop.
func (p *places) scratch() string { return filepath.Join(p.Data, "scratch") }

// clearScratch removes what the children of a killed server left behind. An import may be spooling
// there meanwhile, so only their folders go.
func (p *places) clearScratch() error {
	for _, left := range []string{"render-*", "exif-*", "tool-*", "external-*"} {
		dirs, err := filepath.Glob(filepath.Join(p.scratch(), left))
		if err != nil {
			return err
		}
		for _, dir := range dirs {
			if err := os.RemoveAll(dir); err != nil {
				return fmt.Errorf("clear the scratch folder: %w", err)
			}
		}
	}
	return nil
}

// alone lists the files whose lock says that one server works here: jobs of a SQLite database have
// one worker, and the scratch folder one owner.
func (p *places) alone() []string {
	files := []string{filepath.Join(p.Data, "lock")}
	if path, ok := strings.CutPrefix(p.Database, "sqlite:"); ok {
		files = append(files, path+".lock")
	}
	return files
}

// house is the wired rooms. Close ends them in the right order.
type house struct {
	*library.Library
	store  *store.Store
	keys   *secret.Keys
	runner *jobs.Runner
	closes []func()
}

func (h *house) Close() {
	for i := len(h.closes) - 1; i >= 0; i-- {
		h.closes[i]()
	}
}

// previewMemory is how many bytes of thumbnails and previews a server keeps at hand.
const previewMemory = 48 << 20

const (
	sweepEvery = time.Hour
	scanEvery  = 10 * time.Minute
	// transcodeTime is how long what plays of one asset may take to be made.
	transcodeTime = 24 * time.Hour
	// runTime is how long one job of a run may work: a slice, with a film at its end that takes all the time it
	// is given (8 hours) and waited for another one. The run goes on in further jobs.
	runTime = 15 * time.Hour
)

// open wires the rooms; with children it can also derive renditions.
func (p *places) open(ctx context.Context, log *slog.Logger, children bool) (*house, error) {
	if err := p.complete(); err != nil {
		return nil, err
	}
	keys, err := secret.Open(p.KeyFile)
	if err != nil {
		return nil, err
	}
	h := &house{keys: keys}
	if h.store, err = store.Open(ctx, p.Database); err != nil {
		return nil, err
	}
	h.closes = append(h.closes, func() { h.store.Close() })
	if err := p.wire(ctx, h, log, children); err != nil {
		h.Close()
		return nil, err
	}
	return h, nil
}

func (p *places) wire(ctx context.Context, h *house, log *slog.Logger, children bool) error {
	if err := rightKey(ctx, h.store, h.keys); err != nil {
		return err
	}
	bytes, err := blob.OpenURL(ctx, p.Storage, p.scratch())
	if err != nil {
		return err
	}
	config := library.Config{
		Store: h.store, Blobs: bytes, Keys: h.keys, Hasher: secret.NewHasher(),
		Scratch: p.scratch(), BaseURL: p.BaseURL, Now: time.Now, Log: log, SourceRoots: p.Sources,
	}
	if p.Archive != "" {
		if config.Archive, err = blob.OpenURL(ctx, p.Archive, p.scratch()); err != nil {
			return fmt.Errorf("open the archive: %w", err)
		}
		if blob.Same(bytes, config.Archive) {
			return fmt.Errorf("the archive is the storage itself: give --archive-storage another place")
		}
	}
	if children {
		options := media.Options{Scratch: p.scratch(), Log: log}
		config.Images, config.Exif, config.Tools = media.NewPool(options), media.NewExif(options), media.NewTools(options)
		options.Workers = 1
		config.Marks = media.NewPool(options)
		h.closes = append(h.closes, config.Images.Close, config.Exif.Close, config.Tools.Close, config.Marks.Close)
		config.Blobs = blob.Remember(bytes, previewMemory)
	}
	var lib *library.Library
	h.runner, err = jobs.New(ctx, h.store, kinds(&lib, log), jobs.Options{Log: log})
	if err != nil {
		return err
	}
	config.Queue = h.runner
	lib = library.New(config)
	h.Library = lib
	h.closes = append(h.closes, lib.Close)
	return nil
}

// kinds is the table of jobs: which verb works each kind, and how long it may take. The library is made
// after the table.
func kinds(of **library.Library, log *slog.Logger) map[string]jobs.Kind {
	type verb func(*library.Library, context.Context, dam.Job) error
	type told func(*library.Library, context.Context, dam.Job, string) error
	kind := func(do verb, timeout time.Duration, failed told) jobs.Kind {
		k := jobs.Kind{
			Work:    func(ctx context.Context, j dam.Job, _ jobs.Attempt) error { return do(*of, ctx, j) },
			Timeout: timeout,
		}
		if failed != nil {
			k.OnFailed = func(ctx context.Context, j dam.Job, reason string) { logFailure(log, failed(*of, ctx, j, reason)) }
		}
		return k
	}
	table := map[string]jobs.Kind{
		dam.JobDerive:    kind((*library.Library).Derive, 10*time.Minute, (*library.Library).Failed),
		dam.JobTranscode: kind((*library.Library).Transcode, transcodeTime, (*library.Library).Failed),
		dam.JobArchive:   kind((*library.Library).MoveToArchive, time.Hour, (*library.Library).NotMoved),
		dam.JobRestore:   kind((*library.Library).MoveFromArchive, time.Hour, (*library.Library).NotMoved),
		dam.JobMark:      kind((*library.Library).MarkLink, time.Hour, nil),
		dam.JobRun:       kind((*library.Library).StepRun, runTime, (*library.Library).RunFailed),
		dam.JobScan:      kind((*library.Library).ScanSources, time.Hour, nil),
		dam.JobSweep:     kind((*library.Library).Sweep, time.Hour, nil),
	}
	for name, change := range map[string]func(*jobs.Kind){
		dam.JobTranscode: func(k *jobs.Kind) { k.Workers = 1 }, // one film takes all the cores there are
		dam.JobMark:      func(k *jobs.Kind) { k.Workers = 1 },
		dam.JobRun:       func(k *jobs.Kind) { k.Workers = 2 },
		dam.JobScan:      func(k *jobs.Kind) { k.Workers, k.Every = 1, scanEvery },
		dam.JobSweep:     func(k *jobs.Kind) { k.Every = sweepEvery },
	} {
		k := table[name]
		change(&k)
		table[name] = k
	}
	return table
}

func logFailure(log *slog.Logger, err error) {
	if err != nil {
		log.Error("a failure can't be written down", "error", err)
	}
}

// rightKey refuses a key file that is not the one the database was begun with: no link could be
// copied and no pass checked.
func rightKey(ctx context.Context, s *store.Store, keys *secret.Keys) error {
	const setting = "key"
	var known string
	if err := s.Setting(ctx, setting, &known); err != nil {
		return err
	}
	if known == keys.ID() {
		return nil
	}
	if known != "" {
		return fmt.Errorf("the key file is not the one this database was begun with: give the right one by --key-file")
	}
	return s.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.SaveSetting(ctx, setting, keys.ID()) })
}

// console is who acts from the command line: whoever can run it can read the database anyway.
func console() dam.Viewer {
	return dam.Viewer{ID: "console", Name: "command line", Role: dam.RoleAdmin}
}

// prefixes are networks in CIDR form, or single addresses.
type prefixes []netip.Prefix

// UnmarshalText reads a list separated by commas.
func (p *prefixes) UnmarshalText(text []byte) error {
	for _, part := range splitList(string(text)) {
		prefix, err := netip.ParsePrefix(part)
		if err != nil {
			addr, addrErr := netip.ParseAddr(part)
			if addrErr != nil {
				return err
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		*p = append(*p, prefix)
	}
	return nil
}
