package library

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"hash"
	"io"
	"path"
	"time"

	"vitrine/internal/blob"
	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

const (
	// MaxUpload is the largest file that is taken, in bytes (1 TiB).
	MaxUpload = int64(1) << 40
	// uploadTime is how long an unfinished upload is kept.
	uploadTime = 7 * 24 * time.Hour
	// headSize is how many bytes media.Sniff wants to see.
	headSize = media.HeadSize
)

// NewAsset is a file to be brought in. Texts, where it is set, tells title and description once Body has
// been read to its end.
type NewAsset struct {
	Name        string
	Title       string
	Description string
	Body        io.Reader
	Texts       func() (title, description string)
}

// BringIn keeps a file and makes an asset of it; its renditions follow as a job. Once it returns
// without error the bytes are safe. The second asset is an older one with the same bytes, nil if
// there is none: a notice, no refusal.
// Errors: Unauthenticated, Forbidden, Invalid for an empty file, StorageFull; errors of the body
// come back as they are.
func (l *Library) BringIn(ctx context.Context, v dam.Viewer, n NewAsset) (dam.Asset, *dam.Asset, error) {
	if err := v.Require(dam.AssetUpload); err != nil {
		return dam.Asset{}, nil, err
	}
	a, err := l.draft(v, n)
	if err != nil {
		return dam.Asset{}, nil, err
	}
	body := bufio.NewReaderSize(n.Body, headSize)
	head, err := body.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return dam.Asset{}, nil, fmt.Errorf("read the file: %w", err)
	}
	if len(head) == 0 {
		return dam.Asset{}, nil, dam.InvalidField("file", "The file is empty.")
	}
	kept, err := l.Blobs.Put(ctx, body)
	if err != nil {
		return dam.Asset{}, nil, fmt.Errorf("keep the file: %w", err)
	}
	if n.Texts != nil {
		n.Title, n.Description = n.Texts()
		if a, err = l.draft(v, n); err != nil {
			return dam.Asset{}, nil, err
		}
	}
	return l.enter(ctx, v, a, head, kept, nil)
}

// draft is an asset as far as its uploader describes it.
func (l *Library) draft(v dam.Viewer, n NewAsset) (dam.Asset, error) {
	title, err := words("title", n.Title, maxTitleLength)
	if err != nil {
		return dam.Asset{}, err
	}
	description, err := words("description", n.Description, maxDescriptionLength)
	return dam.Asset{
		ID: newID(), Name: fileName(n.Name), Title: title, Description: description,
		Original: dam.OriginalAvailable, Source: dam.SourceUpload, Status: dam.StatusReady, Revision: 1,
		OwnerID: v.ID, OwnerName: v.Name, CreatedAt: l.now(),
	}, err
}

// enter makes the row of an asset whose bytes are kept, and asks for its renditions, in one
// transaction; also joins it when another row must change together with it.
func (l *Library) enter(ctx context.Context, v dam.Viewer, a dam.Asset, head []byte, kept blob.Blob,
	also func(context.Context, *store.Tx) error,
) (dam.Asset, *dam.Asset, error) {
	what := media.Sniff(head, a.Name)
	a.Kind, a.MIME = dam.AssetKind(what.Kind), what.MIME
	a.Size, a.SHA256, a.Key = kept.Size, kept.SHA256, kept.Key
	if what.Work != "" {
		a.Status, a.Work = dam.StatusProcessing, dam.WorkDeriving
	}
	var twin *dam.Asset
	err := l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error {
		older, err := tx.AssetByHash(ctx, v, kept.SHA256)
		if err == nil {
			twin = &older
		} else if dam.KindOf(err) != dam.NotFound {
			return err
		}
		if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, l.now()); err != nil {
			return err
		}
		if a.Number, err = tx.NextNumber(ctx); err != nil {
			return err
		}
		if err := tx.InsertAsset(ctx, a); err != nil {
			return err
		}
		if also != nil {
			if err := also(ctx, tx); err != nil {
				return err
			}
		}
		if a.Status == dam.StatusProcessing {
			if err := l.Queue.Enqueue(ctx, tx, dam.OriginalJob(dam.JobDerive, a)); err != nil {
				return err
			}
		}
		tx.Announce(store.Event{AssetID: a.ID, Status: a.Status, Work: a.Work})
		return l.note(ctx, tx, v, "asset.bring_in", a.ID, nil)
	})
	return a, twin, err
}

// NewUpload is a file that will come in pieces.
type NewUpload struct {
	Size        int64
	Name        string
	Title       string
	Description string
}

// StartUpload begins a resumable upload. Errors: Unauthenticated, Forbidden, Invalid, TooLarge.
func (l *Library) StartUpload(ctx context.Context, v dam.Viewer, n NewUpload) (store.Upload, error) {
	if err := v.Require(dam.AssetUpload); err != nil {
		return store.Upload{}, err
	}
	if n.Size <= 0 {
		return store.Upload{}, dam.InvalidField("file", "The file is empty.")
	}
	if n.Size > MaxUpload {
		return store.Upload{}, &dam.Error{Kind: dam.TooLarge, Msg: "The file is too large."}
	}
	a, err := l.draft(v, NewAsset{Name: n.Name, Title: n.Title, Description: n.Description})
	if err != nil {
		return store.Upload{}, err
	}
	now := l.now()
	u := store.Upload{
		ID: newID(), OwnerID: v.ID, Name: a.Name, Title: a.Title, Description: a.Description,
		Size: n.Size, CreatedAt: now, ExpiresAt: now.Add(uploadTime),
	}
	return u, l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.InsertUpload(ctx, u) })
}

// Upload reads one of the viewer's own uploads. Errors: Unauthenticated, Forbidden, NotFound.
func (l *Library) Upload(ctx context.Context, v dam.Viewer, id string) (store.Upload, error) {
	if err := v.Require(dam.AssetUpload); err != nil {
		return store.Upload{}, err
	}
	u, err := l.Store.Upload(ctx, id, l.now())
	if err == nil && u.OwnerID != v.ID {
		err = &dam.Error{Kind: dam.NotFound, Msg: "There is no such upload."}
	}
	if err == nil && u.Offset == u.Size && u.AssetID == "" {
		// The process ended between the last byte and the asset.
		return l.finish(context.WithoutCancel(ctx), v, u)
	}
	return u, err
}

// Checksum is what the client says the bytes of one Append hash to. New makes the hash.
type Checksum struct {
	New func() hash.Hash
	Sum []byte
}

// Append adds bytes to the end of an upload; with the last of them it becomes an asset. What came
// before a broken line is kept, unless a checksum was given for the whole.
// Errors: Unauthenticated, Forbidden, NotFound, Conflict for a wrong offset, TooLarge, StorageFull,
// Invalid with field checksum when the bytes are not the promised ones.
func (l *Library) Append(ctx context.Context, v dam.Viewer, id string, offset int64, body io.Reader, sum *Checksum) (store.Upload, error) {
	u, err := l.Upload(ctx, v, id)
	if err != nil {
		return u, err
	}
	if offset != u.Offset || u.AssetID != "" {
		return u, &dam.Error{Kind: dam.Conflict, Msg: "The upload does not end there. Ask for its offset."}
	}
	// The client may be gone; what has come is still kept.
	kept, broken := context.WithoutCancel(ctx), &brokenLine{r: io.LimitReader(body, u.Size-u.Offset+1)}
	var in io.Reader = broken
	var sums hash.Hash
	if sum != nil {
		sums = sum.New()
		in = io.TeeReader(broken, sums)
	}
	part, err := l.Blobs.Put(kept, in)
	switch {
	case err != nil:
		return u, fmt.Errorf("keep a part: %w", err)
	case sum != nil && (broken.err != nil || string(sums.Sum(nil)) != string(sum.Sum)):
		return u, dam.InvalidField("checksum", "The bytes do not have the promised checksum.")
	case part.Size > u.Size-u.Offset:
		return u, &dam.Error{Kind: dam.TooLarge, Msg: "There are more bytes than the upload promised."}
	case part.Size == 0:
		return u, broken.err
	}
	err = l.Store.InTx(kept, func(ctx context.Context, tx *store.Tx) error {
		if err := tx.UseBlob(ctx, part.Key, part.Size, part.CRC32, l.now()); err != nil {
			return err
		}
		return tx.AppendPart(ctx, u.ID, store.Part{Start: u.Offset, Size: part.Size, Key: part.Key})
	})
	if err != nil {
		return u, err
	}
	u.Offset += part.Size
	if u.Offset < u.Size {
		return u, nil
	}
	return l.finish(kept, v, u)
}

// finish makes an asset of an upload whose last byte has come. A single part is the file already;
// several are written once more as one.
func (l *Library) finish(ctx context.Context, v dam.Viewer, u store.Upload) (store.Upload, error) {
	parts, err := l.Store.Parts(ctx, u.ID)
	if err != nil {
		return u, err
	}
	head, kept, err := l.join(ctx, parts)
	if err != nil {
		return u, fmt.Errorf("join the parts: %w", err)
	}
	a, err := l.draft(v, NewAsset{Name: u.Name, Title: u.Title, Description: u.Description})
	if err != nil {
		return u, err
	}
	_, _, err = l.enter(ctx, v, a, head, kept, func(ctx context.Context, tx *store.Tx) error {
		return tx.FinishUpload(ctx, u.ID, a.ID)
	})
	if dam.KindOf(err) == dam.Conflict { // another request has just finished it
		return l.Store.Upload(ctx, u.ID, l.now())
	}
	u.AssetID = a.ID
	return u, err
}

// join gives the first bytes of the parts and the one blob they make.
func (l *Library) join(ctx context.Context, parts []store.Part) (head []byte, kept blob.Blob, err error) {
	whole := &joined{ctx: ctx, blobs: l.Blobs, parts: parts}
	defer whole.Close()
	body := bufio.NewReaderSize(whole, headSize)
	head, err = body.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, blob.Blob{}, err
	}
	if len(parts) == 1 {
		p := parts[0]
		return head, blob.Blob{Key: p.Key, Size: p.Size, SHA256: path.Base(p.Key), CRC32: p.CRC32}, nil
	}
	head = bytes.Clone(head)
	kept, err = l.Blobs.Put(ctx, body)
	return head, kept, err
}

// AbortUpload forgets an upload. Errors: Unauthenticated, Forbidden, NotFound.
func (l *Library) AbortUpload(ctx context.Context, v dam.Viewer, id string) error {
	u, err := l.Upload(ctx, v, id)
	if err != nil {
		return err
	}
	return l.Store.InTx(ctx, func(ctx context.Context, tx *store.Tx) error { return tx.DeleteUpload(ctx, u.ID) })
}

// brokenLine ends where the line breaks and remembers why.
type brokenLine struct {
	r   io.Reader
	err error
}

func (b *brokenLine) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		b.err, err = err, io.EOF
	}
	return n, err
}

// joined reads blobs one after the other, one open at a time.
type joined struct {
	ctx   context.Context
	blobs blob.Store
	parts []store.Part
	open  io.ReadCloser
}

func (j *joined) Read(p []byte) (int, error) {
	for {
		if j.open == nil {
			if len(j.parts) == 0 {
				return 0, io.EOF
			}
			body, _, err := j.blobs.Open(j.ctx, j.parts[0].Key)
			if err != nil {
				return 0, err
			}
			j.open, j.parts = body, j.parts[1:]
		}
		n, err := j.open.Read(p)
		if !errors.Is(err, io.EOF) {
			return n, err
		}
		j.Close()
		if n > 0 {
			return n, nil
		}
	}
}

func (j *joined) Close() {
	if j.open != nil {
		j.open.Close()
		j.open = nil
	}
}
