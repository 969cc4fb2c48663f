package library

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	"vitrine/internal/dam"
	"vitrine/internal/media"
	"vitrine/internal/store"
)

const (
	// MaxAttachment is the largest supporting file in bytes (2 GiB).
	MaxAttachment  = int64(2) << 30
	maxAttachments = 100
)

// NewFile is a file that belongs to an asset: a supporting file, or a new original.
type NewFile struct {
	Name string
	Body io.Reader
}

// Attach adds a supporting file to an asset. Its type is told by its first bytes and its name, and it
// is never looked into. Errors: Unauthenticated, NotFound, Forbidden, Invalid for an empty file, TooLarge,
// Conflict when there are too many, StorageFull; errors of the body come back as they are.
func (l *Library) Attach(ctx context.Context, v dam.Viewer, assetID string, f NewFile) (dam.Attachment, error) {
	a, err := l.Asset(ctx, v, assetID)
	if err != nil {
		return dam.Attachment{}, err
	}
	if err := dam.May(v, dam.AssetEdit, a); err != nil {
		return dam.Attachment{}, err
	}
	body := bufio.NewReaderSize(io.LimitReader(f.Body, MaxAttachment+1), headSize)
	head, err := body.Peek(headSize)
	if err != nil && !errors.Is(err, io.EOF) {
		return dam.Attachment{}, fmt.Errorf("read the file: %w", err)
	}
	if len(head) == 0 {
		return dam.Attachment{}, dam.InvalidField("file", "The file is empty.")
	}
	file := dam.Attachment{ID: newID(), AssetID: a.ID, Name: fileName(f.Name), CreatedAt: l.now()}
	file.MIME = media.Sniff(head, file.Name).MIME
	kept, err := l.Blobs.Put(ctx, body)
	if err != nil {
		return dam.Attachment{}, fmt.Errorf("keep the file: %w", err)
	}
	if kept.Size > MaxAttachment {
		return dam.Attachment{}, &dam.Error{Kind: dam.TooLarge, Msg: "The file is too large."}
	}
	file.Size, file.Key, file.CRC32 = kept.Size, kept.Key, kept.CRC32
	_, err = l.changeAsset(ctx, v, a.ID, dam.AssetEdit, "asset.attach", func(ctx context.Context, tx *store.Tx, now *dam.Asset) error {
		if err := outOfTrash(*now); err != nil {
			return err
		}
		if len(now.Attachments) >= maxAttachments {
			return &dam.Error{Kind: dam.Conflict, Msg: "An asset has at most 100 supporting files."}
		}
		if err := tx.UseBlob(ctx, kept.Key, kept.Size, kept.CRC32, l.now()); err != nil {
			return err
		}
		return tx.InsertAttachment(ctx, file)
	})
	return file, err
}

// Detach deletes a supporting file; links stop giving it at once. Errors: Unauthenticated, NotFound, Forbidden.
func (l *Library) Detach(ctx context.Context, v dam.Viewer, assetID, id string) error {
	_, err := l.changeAsset(ctx, v, assetID, dam.AssetEdit, "asset.detach", func(ctx context.Context, tx *store.Tx, a *dam.Asset) error {
		return tx.DeleteAttachment(ctx, a.ID, id)
	})
	return err
}

// AttachmentContent gives a supporting file to somebody signed in; captions of a film may be shown
// inline. Errors: Unauthenticated, NotFound, Forbidden, OriginalUnavailable.
func (l *Library) AttachmentContent(ctx context.Context, v dam.Viewer, assetID, id string, download bool) (*Content, error) {
	a, err := l.Asset(ctx, v, assetID)
	if err != nil {
		return nil, err
	}
	file, err := l.Store.Attachment(ctx, a.ID, id)
	if err != nil {
		return nil, err
	}
	inline := !download && file.Captions() && a.Kind == dam.KindVideo
	if inline {
		return l.attachment(ctx, file, false)
	}
	if err := dam.May(v, dam.DownloadAttachment, a); err != nil {
		return nil, err
	}
	return l.attachment(ctx, file, true)
}
