package library

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

// derivation is one original on its way to facts and renditions. What it makes lies in the folder
// out until it is kept.
type derivation struct {
	*Library
	asset   dam.Asset
	path    string
	out     string
	recipes []dam.Recipe
}

// derived is what was found out and made of an original. Plays asks for what moves and sounds, in a
// job of its own.
type derived struct {
	kind          dam.AssetKind
	width, height int
	duration      float64
	codec         dam.Codec
	pages         int
	placeholder   []byte
	renditions    []dam.Rendition
	body          string
	note          string
	plays         bool
}

// Derive makes the facts and pictures of an asset. It is safe to run twice: what it makes has
// the same keys. Errors: Invalid for a file that will never be shown; any other is worth another
// attempt.
func (l *Library) Derive(ctx context.Context, job dam.Job) error {
	a, err := l.unfinished(ctx, job)
	if err != nil || a.ID == "" {
		return err
	}
	d, done, err := l.derivation(ctx, a)
	if err != nil {
		return err
	}
	defer done()
	made, err := d.make(ctx)
	if err != nil {
		return err
	}
	return d.settle(ctx, made, d.facts(ctx))
}

// unfinished reads the asset of a job; the zero asset when it was deleted, done or given another original
// meanwhile.
func (l *Library) unfinished(ctx context.Context, job dam.Job) (dam.Asset, error) {
	id, content := job.Original()
	a, err := l.Store.Asset(ctx, id)
	if dam.KindOf(err) == dam.NotFound || err == nil && (a.Status != dam.StatusProcessing || !about(a, content)) {
		return dam.Asset{}, nil
	}
	return a, err
}

// about says whether a job is about this content. Jobs of earlier programs do not say which.
func about(a dam.Asset, content string) bool { return content == "" || a.SHA256 == content }

// errReplaced ends work on an original that is no longer the asset's: the new one has its own job.
var errReplaced = errors.New("the original was replaced or deleted")

// same reads the asset for writing what was made of its original. Errors: errReplaced.
func (d *derivation) same(ctx context.Context, tx *store.Tx) (dam.Asset, error) {
	now, err := tx.Asset(ctx, d.asset.ID)
	if dam.KindOf(err) == dam.NotFound || err == nil && (now.Key != d.asset.Key || now.SHA256 != d.asset.SHA256) {
		return now, errReplaced
	}
	return now, err
}

// wanted leaves out the renditions whose recipes were changed, switched off or deleted while they were made.
func (d *derivation) wanted(ctx context.Context, tx *store.Tx, list []dam.Rendition) ([]dam.Rendition, error) {
	recipes, err := tx.Recipes(ctx)
	return slices.DeleteFunc(slices.Clone(list), func(r dam.Rendition) bool {
		used, ours := dam.FindRecipe(d.recipes, r.Name)
		now, _ := dam.FindRecipe(recipes, r.Name)
		return ours && used != now
	}), err
}

// derivation opens an original for work. Done must be called in the end.
func (l *Library) derivation(ctx context.Context, a dam.Asset) (d *derivation, done func(), err error) {
	recipes, err := l.Store.Recipes(ctx)
	if err != nil {
		return nil, nil, err
	}
	path, release, err := l.localOriginal(ctx, a)
	if err != nil {
		return nil, nil, fmt.Errorf("fetch the original: %w", err)
	}
	out, err := os.MkdirTemp(l.Scratch, "render-*")
	if err != nil {
		release()
		return nil, nil, fmt.Errorf("make a scratch folder: %w", err)
	}
	done = func() {
		os.RemoveAll(out)
		release()
	}
	recipes = slices.DeleteFunc(recipes, func(r dam.Recipe) bool { return !r.Enabled })
	return &derivation{Library: l, asset: a, path: path, out: out, recipes: recipes}, done, nil
}

// settle writes what was made of an original, if it still is the asset's.
func (d *derivation) settle(ctx context.Context, made derived, facts media.Facts) error {
	err := d.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		now, err := d.same(ctx, tx)
		if err != nil {
			return err
		}
		list, err := d.wanted(ctx, tx, made.renditions)
		if err != nil {
			return err
		}
		err = firstError(tx.DropRenditions(ctx, now.ID), d.useRenditions(ctx, tx, list...), tx.SaveFacts(ctx, now.ID, groups(facts), made.body))
		if err != nil {
			return err
		}
		now.Kind, now.Width, now.Height, now.Duration = made.kind, made.width, made.height, made.duration
		now.Codec, now.Pages, now.Placeholder, now.Note = made.codec, made.pages, made.placeholder, made.note
		now.Status, now.Failure, now.Work = dam.StatusReady, "", dam.WorkNone
		describe(&now, facts)
		if made.plays {
			now.Status, now.Work = dam.StatusProcessing, dam.WorkTranscoding
			if err := d.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobTranscode, now)); err != nil {
				return err
			}
		}
		tx.Announce(store.Event{AssetID: now.ID, Status: now.Status, Progress: 1, Work: now.Work})
		return tx.UpdateAsset(ctx, now)
	})
	if errors.Is(err, errReplaced) {
		return nil
	}
	return err
}

// useRenditions takes kept bytes into use and adds them to their assets.
func (l *Library) useRenditions(ctx context.Context, tx *store.Tx, list ...dam.Rendition) error {
	for _, r := range list {
		if err := tx.UseBlob(ctx, r.Key, r.Size, r.CRC32, l.now()); err != nil {
			return err
		}
	}
	return tx.SaveRenditions(ctx, list...)
}

// make works on the original in the way its first bytes ask for.
func (d *derivation) make(ctx context.Context) (derived, error) {
	head, err := readHead(d.path)
	if err != nil {
		return derived{}, err
	}
	what := media.Sniff(head, d.asset.Name)
	switch what.Work {
	case media.WorkPicture:
		return d.picture(ctx, d.path, what.Loader)
	case media.WorkRaw:
		return d.raw(ctx)
	case media.WorkVideo, media.WorkAudio:
		return d.film(ctx)
	case media.WorkPDF, media.WorkOffice:
		return d.document(ctx, what.MIME)
	}
	return derived{kind: d.asset.Kind}, nil
}

// stills are the recipes whose results are still pictures of an asset of a kind.
func (d *derivation) stills(kind dam.AssetKind) []dam.Recipe {
	return slices.DeleteFunc(slices.Clone(d.recipes), func(r dam.Recipe) bool { return r.Moving() || !r.Serves(kind) })
}

func (d *derivation) picture(ctx context.Context, path, loader string) (derived, error) {
	made := derived{kind: dam.KindImage}
	return made, d.render(ctx, &made, path, loader)
}

// render makes all still pictures from one picture.
func (d *derivation) render(ctx context.Context, made *derived, path, loader string) error {
	result, err := d.Images.Render(ctx, media.Job{Path: path, Loader: loader, Recipes: d.stills(made.kind), Out: d.out})
	if err != nil {
		return err
	}
	made.width, made.height, made.placeholder = result.Width, result.Height, result.Placeholder
	for i, r := range result.Renditions {
		if err := d.add(ctx, made, r); err != nil {
			return err
		}
		d.tell(ctx, float64(i+1)/float64(len(result.Renditions)+1))
	}
	return nil
}

// add keeps what a child made.
func (d *derivation) add(ctx context.Context, made *derived, r media.Rendition) error {
	kept, err := d.keep(ctx, r.Path)
	if err != nil {
		return fmt.Errorf("keep rendition %s: %w", r.Name, err)
	}
	made.renditions = append(made.renditions, renditionOf(d.asset.ID, r, kept))
	return nil
}

func renditionOf(assetID string, r media.Rendition, kept blob.Blob) dam.Rendition {
	return dam.Rendition{
		AssetID: assetID, Name: r.Name, MIME: r.MIME, Width: r.Width, Height: r.Height,
		Size: kept.Size, Key: kept.Key, CRC32: kept.CRC32,
	}
}

func (d *derivation) tell(ctx context.Context, progress float64) {
	d.Store.Publish(ctx, store.Event{
		AssetID: d.asset.ID, Status: d.asset.Status, Progress: progress, Work: d.asset.Work,
	})
}

// raw shows a camera's raw file by the picture that the camera put into it.
func (d *derivation) raw(ctx context.Context) (derived, error) {
	preview, err := d.Tools.RawPreview(ctx, d.path, d.out)
	if err != nil {
		return derived{}, err
	}
	return d.picture(ctx, preview, "jpeg")
}

// film finds out about a container of moving pictures or sound, and makes its still pictures. A
// container for films may turn out to hold sound only.
func (d *derivation) film(ctx context.Context) (derived, error) {
	found, err := d.Tools.Probe(ctx, d.path)
	if err != nil {
		return derived{}, err
	}
	made := derived{
		kind: dam.KindVideo, duration: found.Duration, plays: true,
		codec: dam.Codec{Video: found.Video, Audio: found.Audio, Rate: found.Rate, Bitrate: found.Bitrate},
	}
	if found.Video == "" {
		made.kind = dam.KindAudio
		wave, err := d.Tools.Waveform(ctx, d.path, found, d.out)
		if err != nil {
			return derived{}, err
		}
		err = d.render(ctx, &made, wave, "png")
		made.width, made.height = 0, 0
		return made, err
	}
	still, err := d.Tools.Poster(ctx, d.path, found, d.out)
	if err != nil {
		return derived{}, err
	}
	err = d.render(ctx, &made, still, "jpeg")
	made.width, made.height = found.Width, found.Height
	return made, err
}

// pageBox is the longest side of a page's picture in pixels.
const pageBox = 1280

// document makes the pictures of the pages and finds the words.
func (d *derivation) document(ctx context.Context, mime string) (derived, error) {
	made := derived{kind: dam.KindDocument}
	pdf, release, err := d.Tools.Document(ctx, d.path, mime)
	if errors.Is(err, media.ErrNoOffice) {
		made.note = noOffice
		return made, nil
	}
	if err != nil {
		return derived{}, err
	}
	defer release()
	found, err := d.Tools.DocumentText(ctx, pdf)
	if err != nil {
		return derived{}, err
	}
	made.pages, made.body = found.Pages, found.Text
	return made, d.pages(ctx, &made, pdf, min(found.Pages, dam.MaxPages))
}

const (
	// pagesAtOnce is how many pages one run of a child makes.
	pagesAtOnce = 10
	noOffice    = "LibreOffice is not installed on the server, so there is no preview of office documents."
)

// pages makes the pictures of the first pages. Where one can't be made, those before it are what is shown.
func (d *derivation) pages(ctx context.Context, made *derived, pdf string, shown int) error {
	for first := 1; first <= shown; first += pagesAtOnce {
		last := min(first+pagesAtOnce-1, shown)
		files, err := d.Tools.Pages(ctx, pdf, first, last, pageBox, d.out)
		if err != nil && (first == 1 || !errors.Is(err, media.ErrRefused)) {
			return err
		}
		for i, file := range files {
			if err := d.page(ctx, made, file, first+i); err != nil {
				return err
			}
		}
		if len(files) < last-first+1 {
			made.pages = first + len(files) - 1
			return nil
		}
		d.tell(ctx, float64(last)/float64(shown+1))
	}
	return nil
}

// page makes the renditions of one page: its picture in the viewer and, of the first, those of the asset.
func (d *derivation) page(ctx context.Context, made *derived, file string, n int) error {
	recipes := []dam.Recipe{{Name: dam.PageName(n), Kind: dam.RecipeImage, Box: pageBox, MIME: "image/jpeg", Quality: 82}}
	if n == 1 {
		recipes = append(d.stills(dam.KindDocument), recipes...)
	}
	result, err := d.Images.Render(ctx, media.Job{Path: file, Loader: loaderOf(file), Recipes: recipes, Out: d.out})
	if err != nil {
		return err
	}
	if n == 1 {
		made.width, made.height, made.placeholder = result.Width, result.Height, result.Placeholder
	}
	for _, r := range result.Renditions {
		if err := d.add(ctx, made, r); err != nil {
			return err
		}
		os.Remove(r.Path)
	}
	os.Remove(file)
	return nil
}

func loaderOf(file string) string {
	head, err := readHead(file)
	if err != nil {
		return ""
	}
	return media.Sniff(head, file).Loader
}

func (l *Library) keep(ctx context.Context, path string) (blob.Blob, error) {
	f, err := os.Open(path)
	if err != nil {
		return blob.Blob{}, err
	}
	defer f.Close()
	return l.Blobs.Put(ctx, f)
}

// Failed marks an asset whose renditions can't be made, with a sentence for people; its original
// stays as it is, and RetryAsset begins again.
func (l *Library) Failed(ctx context.Context, job dam.Job, reason string) error {
	id, content := job.Original()
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		a, err := tx.Asset(ctx, id)
		if err != nil || !about(a, content) {
			return err // the original that failed is no longer the asset's
		}
		tx.Announce(store.Event{AssetID: id, Status: dam.StatusFailed})
		return tx.SetStatus(ctx, id, dam.StatusFailed, reason)
	})
	if dam.KindOf(err) == dam.NotFound {
		return nil // deleted meanwhile
	}
	return err
}

func readHead(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headSize)
	n, err := f.Read(head)
	return head[:n], err
}
